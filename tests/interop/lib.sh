# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2119,SC2120
# What the interop tests share: two hosts, our device on one, the Rust peer on
# the other, and what the tests look at.
#
#	namespace us                             namespace them
#	+--------------------------+             +----------------------+
#	| snap0 -- scion-echo      |             | snap-peer            |
#	| veth0  192.0.2.1         |-------------| veth0  192.0.2.2     |
#	|        2001:db8::1       |             |        2001:db8::2   |
#	+--------------------------+             +----------------------+
#
# Sourced. us.key and us.pub are our device's keys, them.key and them.pub the
# peer's; logs of what runs beside the test are shown when it fails.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# The peer's program, of this release of its stack or another.
PEER=${SNAPTUN_PEER:-snap-peer}
OUR_PORT=5000
THEIR_PORT=6000
# Where the Rust server listens.
SERVER=192.0.2.2:$THEIR_PORT
# The device's MTU, as large as a Rust data plane takes.
LARGEST=9184

us() { ip netns exec us "$@"; }

them() { ip netns exec them "$@"; }

# topology: the two hosts. Every packet fits the link.
topology() {
	local ns

	[[ -x $ROOT/build/tools/$PEER ]] || skip "$PEER is not there (tests/interop/build-peer makes it)"
	work_folder us
	for ns in us them; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
		make_key "$ns"
	done
	ip link add veth0 mtu 9216 netns us type veth peer name veth0 mtu 9216 netns them
	for ns in us them; do
		ip -n "$ns" link set veth0 up
	done
	ip -n us addr add 192.0.2.1/24 dev veth0
	ip -n them addr add 192.0.2.2/24 dev veth0
	ip -n us addr add 2001:db8::1/64 dev veth0 nodad
	ip -n them addr add 2001:db8::2/64 dev veth0 nodad

	# The Rust client, towards our responder, and SCION packets from our
	# client to the Rust server. To be called with more options.
	RUST_CLIENT=(ip netns exec them "$PEER" client --server-key "$(key us)"
		--local "192.0.2.2:$THEIR_PORT" --server "192.0.2.1:$OUR_PORT"
		--private-key-file "$WORK/them.key")
	OUR_ECHOES=(ip netns exec us scion-echo send snap0
		--src "192.0.2.1:$OUR_PORT" --dst "$SERVER")
}

# count_logged NAME REGEX: the number of such lines.
count_logged() { grep -cE -- "$2" "$WORK/$1.log" || true; }

# start_server [OPTION…]: the Rust server on their side, our key authorised.
start_server() {
	background server ip netns exec them "$PEER" server --authorise "$(key us)" \
		--listen "$SERVER" --private-key-file "$WORK/them.key" "$@"
	within 10 logged server '^listening' || fail "the Rust server does not start"
}

# device [NAME]: our device with NAME's key (else its own), not up yet.
device() {
	ip -n us link add snap0 mtu "$LARGEST" type snaptun
	# The kernel's own IPv6 packets would be traffic that a test did not make.
	ip -n us link set snap0 addrgenmode none
	us snaptun set snap0 --private-key-file "$WORK/${1:-us}.key"
}

# our_responder: our device, listening, their key authorised, echoing.
our_responder() {
	device
	us snaptun set snap0 --listen-port "$OUR_PORT"
	us snaptun identity add snap0 --key "$(key them)"
	ip -n us link set snap0 up
	scion_echo us
}

# tunnel_to_server PORT [OPTION…]: a tunnel of snap0 from that local port to the
# Rust server.
tunnel_to_server() {
	us snaptun tunnel add snap0 --remote-key "$(key them)" \
		--endpoint "$SERVER" --local-port "$@" >/dev/null
}

# our_client [OPTION…]: our device with one tunnel from OUR_PORT to the server.
our_client() {
	device
	tunnel_to_server "$OUR_PORT" "$@"
	ip -n us link set snap0 up
}

# tunnels: each tunnel's id, state and assigned address ("-": none).
tunnels() {
	us snaptun show snap0 --json | jq -r '.[0].tunnels[] | "\(.id) \(.state) " +
		(.assigned | if . == null then "-"
			elif .ipv4 then "\(.ipv4):\(.port)"
			else "[\(.ipv6)]:\(.port)" end)'
}

# established N: whether just so many tunnels are.
established() { (($(tunnels | grep -c ' established ') == $1)); }

# count_datagrams NS NAME MATCH: starts to count the UDP datagrams that reach
# namespace NS and match; counted NS NAME tells how many did.
count_datagrams() {
	ip netns exec "$1" nft -f - <<-EOF
		table inet $2 {
			chain input {
				type filter hook input priority 0;
				meta l4proto udp $3 counter
			}
		}
	EOF
}

counted() {
	ip netns exec "$1" nft list table inet "$2" |
		sed -n 's/.*counter packets \([0-9]*\) .*/\1/p'
}

# back_after NAME FIRST: whether NAME.log, of packets sent one a second, tells
# that all from number FIRST on came back, and that some did.
back_after() {
	awk -v first="$2" '$2 == "packet" && $3 >= first { all++; back += $4 == "back" }
		END { exit !(all && back == all) }' "$WORK/$1.log"
}
