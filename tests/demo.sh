#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A story on the terminal: two hosts, a NAT between them, a tunnel from one to the
# other; then a SNAP in the place of the server, where its program could be built. Each command is shown, then what it says. `make demo` runs it in a throw-away
# machine; nothing of it is left behind.
#
#	client                    router (NAT)                         server
#	198.51.100.1 ---- 198.51.100.254   192.0.2.254 ---- 192.0.2.2
#	snap0 10.7.0.1                                        snap0 10.7.0.2
set -euo pipefail

PATH=$(cd "$(dirname "$0")/.." && pwd)/build/tools:$PATH
umask 077
cd "$(mktemp -d)"

# tell TEXT…: the story goes on.
tell() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# show HOST COMMAND: a command as one would type it on that host, and what it says.
show() {
	local host=$1

	shift
	printf '\033[36m%s#\033[0m %s\n' "$host" "$*"
	ip netns exec "$host" bash -o pipefail -c "$*" || {
		printf '\nThe demo ends here: this command failed.\n'
		exit 1
	}
}

make_hosts() {
	local host

	for host in client router server; do
		ip netns add "$host"
		ip -n "$host" link set lo up
	done
	ip link add eth0 netns client type veth peer name inside netns router
	ip link add eth0 netns server type veth peer name outside netns router
	ip -n client addr add 198.51.100.1/24 dev eth0
	ip -n router addr add 198.51.100.254/24 dev inside
	ip -n router addr add 192.0.2.254/24 dev outside
	ip -n server addr add 192.0.2.2/24 dev eth0
	ip -n client link set eth0 up
	ip -n router link set inside up
	ip -n router link set outside up
	ip -n server link set eth0 up
	ip -n client route add default via 198.51.100.254
	ip netns exec router sysctl -qw net.ipv4.ip_forward=1
}

tell "Two hosts, and between them a router that hides the client behind its own address."
sed -n 's/^#\t/    /p' "$0"
make_hosts
show router "nft 'table ip nat { chain out { type nat hook postrouting priority 100; oifname outside masquerade; }; }'"
show client "ping -q -c 2 -i 0.2 192.0.2.2"

tell "The module is loaded into this kernel:"
show client "uname -r; lsmod | grep -E '^(Module|snaptun)'"

tell "Each host makes itself a key. The public half is all that the other one learns."
show server "snaptun genkey > server.key; snaptun pubkey < server.key | tee server.pub"
show client "snaptun genkey > client.key; snaptun pubkey < client.key | tee client.pub"

tell "The server listens, and lets the owner of the client's key in."
show server "ip link add snap0 type snaptun"
show server "snaptun set snap0 --private-key-file server.key --listen-port 5000"
show server "snaptun identity add snap0 --key \$(cat client.pub)"
show server "ip addr add 10.7.0.2/24 dev snap0; ip link set snap0 up"

tell "The client makes a tunnel to the server, and brings its device up."
show client "ip link add snap0 type snaptun"
show client "snaptun set snap0 --private-key-file client.key"
show client "snaptun tunnel add snap0 --remote-key \$(cat server.pub) --endpoint 192.0.2.2:5000"
show client "ip addr add 10.7.0.1/24 dev snap0"
printf '(a second window on the router listens to what goes by)\n'
ip netns exec router tcpdump --immediate-mode -lnqt -i outside -c 3 udp port 5000 \
	>wire.txt 2>listening.txt &
wire=$!
for ((tries = 0; tries < 100; tries++)); do
	! grep -q '^listening' listening.txt || break
	sleep 0.1
done
show client "ip link set snap0 up"

tell "On the wire: the initiation, the response, and the message that confirms both."
wait "$wire" || { echo "No handshake came by."; exit 1; }
show router "cat wire.txt"

tell "In its response the server told the client from where it sees it: the assigned address."
show client "snaptun show snap0 | sed -n '/tunnel 1/,\$p'"
show server "snaptun show snap0 | sed -n '/tunnel 1/,\$p'"

tell "Packets go both ways, small and large."
show client "ping -c 4 -i 0.3 10.7.0.2"
show server "ping -q -c 4 -i 0.3 -s 1392 10.7.0.1"

tell "TCP too. (The processor here is an emulated one, so the figures mean little.)"
ip netns exec server iperf3 -s -D >/dev/null
for ((tries = 0; tries < 100; tries++)); do
	[[ -z $(ip netns exec server ss -Hltn 'sport = :5201') ]] || break
	sleep 0.1
done
show client "iperf3 -c 10.7.0.2 -t 3 | grep -E 'ID|sender|receiver'"
show client "iperf3 -c 10.7.0.2 -t 3 -R | grep -E 'ID|sender|receiver'"

tell "What the client has counted, for people and, exactly, for programs."
show client "snaptun show snap0"
show client "snaptun show snap0 --json | jq -Mc '.[0].tunnels[0] | {state, assigned, \"rx-bytes\", \"tx-bytes\"}'"

tell "A key that nobody authorised gets no answer at all."
show client "snaptun genkey > other.key; ip link add snap1 type snaptun; snaptun set snap1 --private-key-file other.key"
show client "snaptun tunnel add snap1 --remote-key \$(cat server.pub) --endpoint 192.0.2.2:5000; ip link set snap1 up; sleep 1"
show client "snaptun show snap1 --json | jq -Mc '.[0].tunnels[0] | {state}'"
show server "snaptun show snap0 | grep rx-unknown-identity"

show client "ip link del snap0; ip link del snap1"
show server "ip link del snap0"

# The SCION network runs on the server: SNAPs, endhost APIs, and an application in another
# AS that sends back what it gets.
connect_to_snap() {
	tell "The real thing: the server's part is played by the SNAP of a simulated SCION network."
	ip -n server addr add 203.0.113.1/32 dev lo
	ip netns exec server snap-network run --snap 192.0.2.2:7001,192.0.2.2:6001 \
		--endhost-api 192.0.2.2:7000 --far-snap 203.0.113.1:7001,203.0.113.1:6001 \
		--far-endhost-api 203.0.113.1:7000 --echo 203.0.113.1:9000 >network.txt 2>&1 &
	network=$!
	while ! grep -q '^listening$' network.txt && kill -0 "$network" 2>/dev/null; do
		sleep 0.3
	done
	grep -E '^(path|echo|listening)' network.txt || { cat network.txt; exit 1; }

	tell "The client has a token, and knows an endhost API. That is all that it takes."
	printf '%s\n' "$(snap-network token)" >token
	show client "ip link add snap0 type snaptun; snaptun set snap0 --private-key-file client.key"
	show client "ip link set snap0 up"
	show client "snaptun connect snap0 --endhost-api http://192.0.2.2:7000 --token-file token | tee assigned"
	show client "snaptun show snap0 | sed -n '/control plane/,\$p'"

	tell "SCION packets go to the application in the other AS, and back."
	show client "scion-echo send snap0 --src \$(sed -n 's/^path \([^ ]*\) .*/\1/p' network.txt),\$(cat assigned) --dst \$(sed -n 's/^echo //p' network.txt) --path \$(sed -n 's/^path .* //p' network.txt) --count 200"
	show client "snaptun disconnect snap0; snaptun show snap0 | sed -n 1,3p; ip link del snap0"
}

if type snap-network >/dev/null 2>&1; then
	connect_to_snap
else
	tell "(Without Rust's cargo there is no SNAP to connect to here.)"
fi

tell "The end: the module goes."
show client "rmmod snaptun && ! lsmod | grep snaptun && echo gone"
