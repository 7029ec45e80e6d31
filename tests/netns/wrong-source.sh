#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# A message counts only from the address that its tunnel has: packets that never
# arrived are refused and counted when they come from another port or host, and are
# not even answered; from the right one they still do.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
ip -n client addr add 192.0.2.77/24 dev veth0

step "packets that never arrive"
# The pings alone: 84 bytes in a message of 116.
record kept client 'udp and dst port 5000 and udp[4:2] == 124'
block server "udp dport 5000"
! client ping -q -c 5 -i 0.05 -W 1 10.7.0.2 || fail "nothing is blocked"
stop kept || true
unblock server
count=$(client tcpdump -n -r "$WORK/kept.pcap" 2>/dev/null | wc -l)
((count >= 5)) || fail "only $count packets were recorded"
received=$(delivered server)
capture answers server 'udp and src port 5000 and (dst port 6001 or dst host 192.0.2.77)'

step "from another port, and from another host"
client replay udp "$WORK/kept.pcap" 192.0.2.1:6001 "$SERVER"
within 5 counted server rx-wrong-source "$count" || fail "packets from another port were not counted"
client replay udp "$WORK/kept.pcap" 192.0.2.77:6077 "$SERVER"
within 5 counted server rx-wrong-source $((2 * count)) || fail "packets from another host were not counted"
expect "packets that the server took" "$(delivered server)" "$received"
expect "answers" "$(datagrams answers 192.0.2.2.5000)" 0
expect "tunnels of the server" "$(tunnels server)" 1
expect "where the server sends" "$(look server '.tunnels[0].endpoint.port')" 6000

step "from where they belong"
client replay frames "$WORK/kept.pcap" veth0
took() { (($(delivered server) >= received + count)); }
within 5 took || fail "the right packets are refused, too"
stop answers || true

step "the client, too, takes packets from its server only"
record reply server 'udp and src port 5000 and udp[4:2] == 124'
block client "udp sport 5000"
! client ping -q -c 3 -i 0.05 -W 1 10.7.0.2 || fail "nothing is blocked"
stop reply || true
unblock client
received=$(delivered client)
server replay udp "$WORK/reply.pcap" 192.0.2.2:5001 192.0.2.1:6000
within 5 counted client rx-wrong-source 3 || fail "packets from another port were not counted"
expect "packets that the client took" "$(delivered client)" "$received"
reaches client 10.7.0.2 || fail "the tunnel is harmed"
