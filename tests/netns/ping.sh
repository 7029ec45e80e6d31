#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Two hosts ping each other through a tunnel, with small and large packets; each
# side shows the tunnel as it is.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
client ping -q -c 20 -i 0.05 -W 2 10.7.0.2 || fail "pings were lost"
server ping -q -c 20 -i 0.05 -W 2 10.7.0.1 || fail "pings were lost"
client ping -q -c 5 -i 0.05 -W 2 -s 1392 -M "do" 10.7.0.2 || fail "packets as large as the MTU were lost"
expect "address that the server reports" "$(assigned client)" 192.0.2.1:6000
expect "sessions of the client" "$(counter client sessions)" 1
expect "handshakes of the client" "$(counter client handshakes-initiated)" 1
expect "answers of the server" "$(counter server handshakes-answered)" 1
expect "tunnels of the server" "$(tunnels server)" 1
(($(tunnel server rx-packets) >= 45)) || fail "the server counted too little"
