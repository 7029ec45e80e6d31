#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# ECN passes through: the outer header has the inner packet's ECN bits, but never
# those of congestion; congestion on the way is the inner packet's when it arrives;
# a packet that cannot say so is dropped, and counted.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# The underlay of the client's tunnel.
UNDERLAY=IPv4

# seen NAME PATTERN: whether a capture has such a header.
seen() { within 5 logged "$1" "$2"; }

# sends ECN ADDRESS: one ping with these bits in its header is answered.
sends() { client ping -q -c 1 -W 2 -Q "$1" "$2" >/dev/null || fail "no answer"; }

# watch NAME NS DEVICE FILTER: its IP headers, one a line.
watch_headers() {
	background "$1" ip netns exec "$2" tcpdump --immediate-mode -lnv -Z root -i "$3" "$4"
	within 10 logged "$1" '^tcpdump: listening' || fail "tcpdump does not start"
}

# outer ECN ADDRESS TEXT: a packet with these bits gives an outer header with TEXT.
outer() {
	rm -f "$WORK/outer.log"
	watch_headers outer client veth0 "udp dst port 5000 and greater 120"
	sends "$1" "$2"
	seen outer "$3" || fail "the outer header of ECN $1 has no $3: $(cat "$WORK/outer.log")"
	stop outer || true
}

# congest, relieve: a queue on the client's link marks all packets that can be marked,
# and drops the others.
congest() { ip netns exec client tc qdisc add dev veth0 root netem loss 100% ecn; }
relieve() { ip netns exec client tc qdisc del dev veth0 root; }

# congested ECN ADDRESS TEXT: a packet with these bits arrives with TEXT.
congested() {
	rm -f "$WORK/inner.log"
	watch_headers inner server snap0 "src host $SENDER"
	client ping -q -c 1 -W 2 -s 200 -Q "$1" "$2" >/dev/null || fail "no answer"
	seen inner "$3" || fail "ECN $1 arrives without $3: $(cat "$WORK/inner.log")"
	stop inner || true
}

both_ways() {
	step "$UNDERLAY outside, IPv4 inside"
	SENDER=10.7.0.1
	outer 0 10.7.0.2 "$TOS0"
	outer 1 10.7.0.2 "$TOS1"
	outer 2 10.7.0.2 "$TOS2"
	outer 3 10.7.0.2 "$TOS2"
	# The rest of the traffic class stays inside.
	outer 0xb8 10.7.0.2 "$TOS0"
	congest
	congested 1 10.7.0.2 'tos 0x3,'
	congested 2 10.7.0.2 'tos 0x3,'
	relieve

	step "$UNDERLAY outside, IPv6 inside"
	SENDER=fd07::1
	outer 0 fd07::2 "$TOS0"
	outer 2 fd07::2 "$TOS2"
	congest
	congested 2 fd07::2 'class 0x03,'
	# In a buffer of the pool, too.
	ip -n client link set veth0 mtu 65000
	ip -n server link set veth0 mtu 65000
	ip -n client link set snap0 mtu 40000
	ip -n server link set snap0 mtu 40000
	client ping -q -c 3 -i 0.1 -W 2 -s 30000 -Q 2 fd07::2 >/dev/null || fail "long packets are lost"
	client ping -q -c 3 -i 0.1 -W 2 -s 30000 -Q 2 10.7.0.2 >/dev/null || fail "long packets are lost"
	relieve
}

topology
introduce
responder
initiator
within 10 established client || fail "no session"
TOS0='tos 0x0,' TOS1='tos 0x1,' TOS2='tos 0x2,'
both_ways

step "congestion that no packet can tell of"
server nft -f - <<-EOF
	table inet congestion {
		chain prerouting {
			type filter hook prerouting priority -300;
			udp dport 5000 udp length > 160 ip ecn set ce
		}
	}
EOF
! client ping -q -c 3 -i 0.1 -W 1 -s 200 10.7.0.2 || fail "packets without ECN pass"
expect "packets dropped" "$(counter server rx-bad-ecn)" 3
server nft delete table inet congestion

ip -n client link del snap0
initiator --endpoint '[2001:db8::2]:5000'
within 10 established client || fail "no session"
UNDERLAY=IPv6 TOS0='IP6 \((flow|hlim)' TOS1='class 0x01,' TOS2='class 0x02,'
both_ways
