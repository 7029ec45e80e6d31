#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# Packets on the underlay carry the mark: a rule takes them out by the link while all
# else, the server's address too, goes into the tunnel.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder
initiator --keepalive off
ip -n client addr flush dev veth0
ip -n client addr add 192.0.2.1/32 dev veth0
ip -n client route add default dev snap0
ip -n client route add 192.0.2.0/24 dev veth0 table 100
ip -n client rule add fwmark 0x77 table 100
ip -n server route add 203.0.113.0/24 dev snap0
ip -n client addr add 203.0.113.1/32 dev snap0

step "without a mark"
! client ping -q -c 1 -W 1 -I 203.0.113.1 10.7.0.2 || fail "the packet found a way"
counted client tx-loop 1 || fail "the loop was not counted"

step "with the mark of the rule"
client nft -f - <<-EOF
	table inet seen {
		counter marked { }
		counter unmarked { }
		chain output {
			type filter hook output priority 0;
			udp sport 6000 meta mark 0x77 counter name marked
			udp sport 6000 meta mark != 0x77 counter name unmarked
		}
	}
EOF
seen() { client nft list counter inet seen "$1" | awk '/packets/ { print $2 }'; }
client snaptun set snap0 --fwmark 0x77
within 10 established client || fail "no session"
client ping -q -c 3 -i 0.05 -W 2 -I 203.0.113.1 192.0.2.2 || fail "no answer from the server's own address"
(($(seen marked) >= 4)) || fail "$(seen marked) packets have the mark"
expect "packets without it" "$(seen unmarked)" 0

step "with another one"
loops=$(counter client tx-loop)
client snaptun set snap0 --fwmark 0x78
! client ping -q -c 1 -W 1 -I 203.0.113.1 10.7.0.2 || fail "the packet found a way"
counted client tx-loop $((loops + 1)) || fail "the loop was not counted"
