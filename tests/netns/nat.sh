#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# A NAT between the hosts: the client learns the address that it has outside, and
# either side can begin to talk.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology_with_nat
connect
expect "address that the server reports" "$(assigned client)" 192.0.2.254:40000
expect "address of the client" "$(look server '.tunnels[0].endpoint | "\(.ipv4):\(.port)"')" \
	192.0.2.254:40000
client ping -q -c 20 -i 0.05 -W 2 10.7.0.2 || fail "pings were lost"
server ping -q -c 20 -i 0.05 -W 2 10.7.0.1 || fail "pings were lost"
iperf3_server
client iperf3 -c 10.7.0.2 -t 1 || fail "no TCP"
client iperf3 -c 10.7.0.2 -t 1 -R || fail "no TCP the other way"
