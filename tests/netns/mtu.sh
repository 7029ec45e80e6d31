#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1 uml-debug
# Devices with a large MTU over links with a larger one: packets of all sizes, up to
# the most that a message can carry.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect

# works LINK MTU: with such a link and devices of such an MTU.
works() {
	local ns

	step "MTU $2 over a link of $1"
	for ns in client server; do
		ip -n "$ns" link set veth0 mtu "$1"
		ip -n "$ns" link set snap0 mtu "$2"
	done
	client ping -q -c 5 -i 0.05 -W 2 -s $(($2 - 28)) -M "do" 10.7.0.2 ||
		fail "packets as large as the MTU were lost"
	server ping -q -c 5 -i 0.05 -W 2 -s $(($2 - 48)) -M "do" fd07::1 ||
		fail "packets as large as the MTU were lost"
	! client ping -q -c 1 -W 1 -s $(($2 - 27)) -M "do" 10.7.0.2 ||
		fail "a packet larger than the MTU went through"
	client ping -q -c 5 -i 0.05 -W 2 -s $(($2 + 1000)) 10.7.0.2 ||
		fail "fragments were lost"
	client iperf3 -c 10.7.0.2 -t 1 || fail "no TCP"
	client iperf3 -c 10.7.0.2 -t 1 -R || fail "no TCP the other way"
}

iperf3_server
step "a route with an MTU of its own, by which nothing is longer"
ip -n client route add 10.7.0.2/32 dev snap0 mtu 1299
ip -n server route add 10.7.0.1/32 dev snap0 mtu 1299
client ping -q -c 5 -i 0.05 -W 2 -s 1271 -M "do" 10.7.0.2 || fail "packets as large as the route allows were lost"
! client ping -q -c 1 -W 1 -s 1272 -M "do" 10.7.0.2 || fail "a packet larger than the route allows went through"
client iperf3 -c 10.7.0.2 -n 1M || fail "no TCP"
client iperf3 -c 10.7.0.2 -n 1M -R || fail "no TCP the other way"
ip -n client route del 10.7.0.2/32 dev snap0
ip -n server route del 10.7.0.1/32 dev snap0

works 1500 1280
works 9000 8940
works 65535 20000
works 65535 64000

step "the largest: 65475 bytes"
ip -n client link set snap0 mtu 65475
ip -n server link set snap0 mtu 65475
client ping -q -c 5 -i 0.05 -W 2 -s 65447 -M "do" 10.7.0.2 || fail "packets as large as the MTU were lost"
! ip -n client link set snap0 mtu 65476 || fail "an MTU that no message can carry"
! ip -n client link set snap0 mtu 1279 || fail "an MTU below 1280"
