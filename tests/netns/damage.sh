#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Messages of a living session with one bit changed: refused, counted, and the
# unchanged ones among them arrive.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
# The pings alone: 84 bytes in a message of 116.
record kept client 'udp and dst port 5000 and udp[4:2] == 124'
block server "udp dport 5000"
! client ping -q -c 8 -i 0.05 -W 1 10.7.0.2 || fail "nothing is blocked"
stop kept || true
unblock server

received=$(delivered server)
count=$(client replay frames "$WORK/kept.pcap" veth0 --flip 0)
# A bit in the type, the session, the counter, the data, the tag.
for bit in 1 9 31; do
	client replay udp "$WORK/kept.pcap" 192.0.2.1:6001 "$SERVER" --flip "$bit" >/dev/null
done
within 5 counted server rx-malformed $((count * 4)) || fail "changed types were not counted"
for bit in 64 71 100 128 200 300; do
	client replay frames "$WORK/kept.pcap" veth0 --flip "$bit" >/dev/null
done
within 5 counted server rx-bad-tag $((count * 5)) || fail "changed messages were not counted"
client replay frames "$WORK/kept.pcap" veth0 --flip 40 >/dev/null
within 5 counted server rx-no-session "$count" || fail "a changed session was not counted"
expect "packets that the server took" "$(delivered server)" "$received"
client replay frames "$WORK/kept.pcap" veth0
took() { (($(delivered server) >= received + count)); }
within 5 took || fail "the unchanged packets are refused, too"
