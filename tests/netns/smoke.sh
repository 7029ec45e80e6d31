#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: debian-6.1 debian-6.12 debian-13 debian-newest debian-rt
# long on: debian-6.12 debian-13
# The whole of it on a stock kernel: through a NAT, ping, TCP both ways, UDP, and
# the module goes away in the end.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology_with_nat
connect
expect "address that the server reports" "$(assigned client)" 192.0.2.254:40000
client ping -q -c 10 -i 0.05 -W 5 10.7.0.2 || fail "pings were lost"
server ping -q -c 10 -i 0.05 -W 5 10.7.0.1 || fail "pings were lost"
client ping -q -c 5 -i 0.05 -W 5 fd07::2 || fail "pings over IPv6 were lost"

iperf3_server
client iperf3 -c 10.7.0.2 -t 2 || fail "no TCP"
client iperf3 -c 10.7.0.2 -t 2 -R || fail "no TCP the other way"
stop iperf3 || true

background receive server udp-gso receive 10.7.0.2 7000 --count 400 --size 1200 --timeout 60
within 10 listening server udp 7000 || fail "nobody listens"
client udp-gso send 10.7.0.2 7000 --count 400 --size 1200 --segments 20 --every 20000
finished receive || fail "UDP came damaged or not at all: $(cat "$WORK/receive.log")"

rmmod snaptun || fail "the module does not go"
