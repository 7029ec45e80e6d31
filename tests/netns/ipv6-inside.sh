#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# IPv6 goes through a tunnel over IPv4.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
client ping -q -c 10 -i 0.05 -W 2 fd07::2 || fail "pings were lost"
server ping -q -c 10 -i 0.05 -W 2 -s 1372 -M "do" fd07::1 || fail "packets as large as the MTU were lost"
iperf3_server
client iperf3 -c fd07::2 -t 1 || fail "no TCP"
client iperf3 -c fd07::2 -t 1 -R || fail "no TCP the other way"
