#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# The module is removed while packets run in both directions: it goes, the devices
# with it, the links stay; loaded again, it works.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
iperf3_server
background stream client iperf3 -c 10.7.0.2 -t 60 --bidir
background flood client ping -q -f -c 1000000 10.7.0.2
background other server ping -q -f -c 1000000 fd07::1
moving() { (($(tunnel client rx-packets) > 300 && $(tunnel server rx-packets) > 300)); }
within 20 moving || fail "there is no traffic"

rmmod snaptun || fail "the module does not go"
[[ ! -d /sys/module/snaptun ]] || fail "the module is still there"
for ns in client server; do
	! ip -n "$ns" link show snap0 2>/dev/null || fail "a device is still there"
	[[ -z $(ip netns exec "$ns" ss -Hlun 'sport = :5000 or sport = :6000') ]] ||
		fail "a port is still open"
done
reaches client 192.0.2.2 || fail "the link is gone, too"
for name in stream flood other; do
	stop "$name" || true
done

step "loaded again"
insmod "$SNAPTUN_MODULE" || fail "the module cannot be loaded again"
connect
reaches client 10.7.0.2 || fail "no answer"
