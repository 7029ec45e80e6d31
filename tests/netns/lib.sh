# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2119,SC2120
# What the behaviour tests share: two hosts, a link or a NAT between them, a device
# on each, and what the tests look at.
#
#   topology:
#
#	namespace client                            namespace server
#	+---------------------------+               +---------------------------+
#	| snap0  10.7.0.1   fd07::1 |               | snap0  10.7.0.2   fd07::2 |
#	|        from port 6000     |               |        listens on 5000    |
#	| veth0  192.0.2.1          |---------------| veth0  192.0.2.2          |
#	|        2001:db8::1        |               |        2001:db8::2        |
#	+---------------------------+               +---------------------------+
#
#   topology_with_nat, the devices as above:
#
#	client                      router                              server
#	+---------------------+    +------------------------------+    +-----------------+
#	| veth0  198.51.100.1 |----| inside   outside 192.0.2.254 |----| veth0 192.0.2.2 |
#	+---------------------+    +------------------------------+    +-----------------+
#
# Sourced. client.key, client.pub and so on in $WORK are the keys.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

SERVER=192.0.2.2:5000
# UDP payloads by which messages are told apart on the wire.
INITIATION=148 RESPONSE=112 COOKIE=64 KEEPALIVE=32
# How late the timer wheel may be at HZ 100 after waits of up to 40 s, and how long
# a retransmission may be put off at random, milliseconds. (After longer waits it
# is late by an eighth of them.)
WHEEL=700 JITTER=334

client() { ip netns exec client "$@"; }
server() { ip netns exec server "$@"; }
router() { ip netns exec router "$@"; }

make_hosts() { # NAME…
	local ns

	work_folder "$@"
	for ns; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
	done
	make_key client
	make_key server
}

topology() {
	make_hosts client server
	ip link add veth0 netns client type veth peer name veth0 netns server
	ip -n client addr add 192.0.2.1/24 dev veth0
	ip -n server addr add 192.0.2.2/24 dev veth0
	ip -n client addr add 2001:db8::1/64 dev veth0 nodad
	ip -n server addr add 2001:db8::2/64 dev veth0 nodad
	ip -n client link set veth0 up
	ip -n server link set veth0 up
}

# introduce: client and server know each other's link addresses from now on, whatever becomes
# of the link.
introduce() {
	local hosts here there address mac

	for hosts in "client server" "server client"; do
		read -r here there <<<"$hosts"
		while read -r address mac; do
			ip -n "$here" neigh replace "$address" lladdr "$mac" dev veth0 nud permanent
		done < <(ip -n "$there" -j addr show veth0 |
			jq -r '.[0] | .address as $mac | .addr_info[] | "\(.local) \($mac)"')
	done
}

topology_with_nat() {
	make_hosts client router server
	ip link add veth0 netns client type veth peer name inside netns router
	ip link add veth0 netns server type veth peer name outside netns router
	ip -n client addr add 198.51.100.1/24 dev veth0
	ip -n router addr add 198.51.100.254/24 dev inside
	ip -n router addr add 192.0.2.254/24 dev outside
	ip -n server addr add 192.0.2.2/24 dev veth0
	ip -n client link set veth0 up
	ip -n router link set inside up
	ip -n router link set outside up
	ip -n server link set veth0 up
	ip -n client route add default via 198.51.100.254
	router sysctl -qw net.ipv4.ip_forward=1
	masquerade 40000
}

# masquerade PORT [CLIENT-PORTS]: the router hides what the client sends from port 6000,
# or those, behind that port of its own address; what it knew of connections is gone.
masquerade() {
	router nft -f - <<-EOF
		table ip nat
		delete table ip nat
		table ip nat {
			chain postrouting {
				type nat hook postrouting priority 100;
				oifname "outside" udp sport ${2:-6000} masquerade to :$1
			}
		}
	EOF
	# A masquerading connection ends with its interface.
	ip -n router link set outside down
	ip -n router link set outside up
}

# device NS: a device with that host's key, not up yet.
device() {
	local number=1

	[[ $1 != server ]] || number=2
	ip -n "$1" link add snap0 type snaptun
	# Nothing is to go through it but what a test sends: no router solicitations.
	ip -n "$1" link set snap0 addrgenmode none
	ip netns exec "$1" snaptun set snap0 --private-key-file "$WORK/$1.key"
	ip -n "$1" addr add "10.7.0.$number/24" dev snap0
	ip -n "$1" addr add "fd07::$number/64" dev snap0 nodad
}

# responder [SETTING…]: the server's device listens, the client's key authorised
# with these settings.
responder() {
	device server
	server snaptun set snap0 --listen-port 5000
	server snaptun identity add snap0 --key "$(key client)" "$@"
	ip -n server link set snap0 up
}

# initiator [OPTION…]: the client's device with a tunnel to the server from port
# 6000; options for the tunnel come last and so win.
initiator() {
	device client
	client snaptun tunnel add snap0 --remote-key "$(key server)" \
		--endpoint "$SERVER" --local-port 6000 "$@" >/dev/null
	ip -n client link set snap0 up
}

# connect: both, and a session between them.
connect() {
	responder
	initiator
	within 10 established client || fail "no session"
	# The server has it once it received on it.
	within 10 established server || fail "the server has no session"
}

# look NS FILTER: what a jq filter says of that host's device.
look() { ip netns exec "$1" snaptun show snap0 --json | jq -r ".[0] | $2"; }

# counter NS NAME: one of the device's counters.
counter() { look "$1" ".counters.\"$2\""; }

# tunnel NS FIELD: of that host's only tunnel, or "none".
tunnel() { look "$1" "if .tunnels == [] then \"none\" else .tunnels[0].\"$2\" end"; }

# delivered NS: how many packets the device has handed up; no keepalives.
delivered() { ip -n "$1" -j -s link show snap0 | jq '.[0].stats64.rx.packets'; }

# tunnels NS: how many there are.
tunnels() { look "$1" '.tunnels | length'; }

established() { [[ $(tunnel "$1" state) == established ]]; }

# assigned NS: the address that the other side reported.
assigned() { look "$1" '.tunnels[0].assigned | "\(.ipv4 // .ipv6):\(.port)"'; }

# counted NS NAME MIN: whether the counter has got there.
counted() { (($(counter "$1" "$2") >= $3)); }

# expect WHAT IS WANTED: both must be the same.
expect() { [[ $2 == "$3" ]] || fail "$1: $2, not $3"; }

# between WHAT IS LOWEST HIGHEST: a number must be in that range.
between() { (($2 >= $3 && $2 <= $4)) || fail "$1: $2, not $3 to $4"; }

# reaches NS ADDRESS: whether one ping is answered.
reaches() { ip netns exec "$1" ping -q -c 1 -W 2 "$2" >/dev/null; }

# listening NS tcp|udp PORT: whether somebody does there.
listening() { [[ -n $(ip netns exec "$1" ss -Hln "--$2" "sport = :$3") ]]; }

# iperf3_server: iperf3 waits on the server.
iperf3_server() {
	background iperf3 server iperf3 -s
	within 10 listening server tcp 5201 || fail "iperf3 does not start"
}

# now: milliseconds, on the clock that captures have too.
now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# capture NAME NS [FILTER…]: writes down the UDP datagrams on that host's link, into
# NAME.log one line each: time, address it comes from, bytes of payload. Headers are
# enough for that: whole packets would leave room for few in tcpdump's ring.
capture() {
	local name=$1 ns=$2

	shift 2
	background "$name" ip netns exec "$ns" tcpdump --immediate-mode -s 128 -lnqtt -Z root -i veth0 "${@:-udp}"
	within 10 logged "$name" '^listening' || fail "tcpdump does not start"
}

# record NAME NS [FILTER…]: keeps them whole, in the file NAME.pcap.
record() {
	local name=$1 ns=$2

	shift 2
	background "$name" ip netns exec "$ns" tcpdump --immediate-mode -B 16384 -Un -Z root -i veth0 \
		-w "$WORK/$name.pcap" "${@:-udp}"
	within 10 logged "$name" '^tcpdump: listening' || fail "tcpdump does not start"
}

# times NAME HOST [LENGTH]: when HOST sent datagrams (of that payload), by a capture,
# milliseconds, one a line. HOST is an address with its port, as in 192.0.2.1.6000.
times() {
	awk -v from="$2" -v len="${3:-}" '$2 ~ /^IP6?$/ && $3 == from &&
		(len == "" || $NF == len) { printf "%.0f\n", $1 * 1000 }' "$WORK/$1.log"
}

# events NAME: all datagrams of a capture in their order: milliseconds, host, bytes.
events() {
	awk '$2 ~ /^IP6?$/ { printf "%.0f %s %s\n", $1 * 1000, $3, $NF }' "$WORK/$1.log"
}

# datagrams NAME HOST [LENGTH]: how many those are.
datagrams() { times "$@" | wc -l; }

# block NS MATCH: that host no longer sees arriving packets that match (nft).
block() {
	ip netns exec "$1" nft -f - <<-EOF
		table inet block {
			chain prerouting {
				type filter hook prerouting priority -300;
				$2 counter drop
			}
		}
	EOF
}

# unblock NS: it sees them again.
unblock() { ip netns exec "$1" nft delete table inet block; }

# registrar NAME NS [PORT]: a helper with one netlink socket, which obeys `say`.
declare -A TO=() FROM=()
registrar() {
	local to from

	rm -f "$WORK/$1.in" "$WORK/$1.out"
	mkfifo "$WORK/$1.in" "$WORK/$1.out"
	# shellcheck disable=SC2016 # that shell's arguments
	background "$1" "$2" bash -c 'exec registrar ${3-} <"$1" >"$2"' - "$WORK/$1.in" "$WORK/$1.out" ${3+"$3"}
	exec {to}>"$WORK/$1.in" {from}<"$WORK/$1.out"
	TO[$1]=$to FROM[$1]=$from
}

# say NAME WORD…: has it do that; what came of it.
say() {
	local line

	printf '%s\n' "${*:2}" >&"${TO[$1]}"
	read -r -t 60 line <&"${FROM[$1]}" || fail "$1 does not answer"
	printf '%s\n' "$line"
}

# plane NS ID FIELD: of that control plane, or "none".
plane() { look "$1" "[.\"control-planes\"[] | select(.id == $2) | .\"$3\"][0] // \"none\""; }

# references NS: how many tunnels count on each control plane, by URL: "a 2, b 1".
references() { look "$1" '."control-planes" | map("\(.url | sub("https?://"; "")) \(.tunnels)") | join(", ")'; }
