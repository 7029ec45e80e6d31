#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# Everything goes through the tunnel by rules, as VPN scripts make them: all that lacks
# the mark, unless the main table has something better than a default route. Sockets
# that are bound to the device, and marks that others put on packets, change nothing.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

MARK=51820

topology
connect
ip -n server addr add 203.0.113.7/32 dev snap0
ip -n server addr add 2001:db8:7::7/128 dev snap0 nodad
ip -n client route add default via 192.0.2.99
ip -n client -6 route add default via 2001:db8::99
client snaptun set snap0 --fwmark "$MARK"
for version in -4 -6; do
	ip -n client "$version" route add default dev snap0 table "$MARK"
	ip -n client "$version" rule add not fwmark "$MARK" table "$MARK"
	ip -n client "$version" rule add table main suppress_prefixlength 0
done

for endpoint in "$SERVER" '[2001:db8::2]:5000'; do
	step "all through the tunnel, over $endpoint"
	client snaptun tunnel del snap0 "$(tunnel client id)"
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$endpoint" \
		--local-port 6000 >/dev/null
	within 10 reaches client 203.0.113.7 || fail "no answer"
	client ping -q -c 100 -i 0.005 -W 2 203.0.113.7 || fail "pings were lost"
	client ping -q -c 100 -i 0.005 -W 2 2001:db8:7::7 || fail "pings were lost"
	# What the main table has a route for goes there.
	reaches client 192.0.2.2 || fail "the link is not used for its own addresses"

	step "sockets that are bound to the device, over $endpoint"
	client ping -q -c 3 -i 0.05 -W 2 -I snap0 10.7.0.2 || fail "pings were lost"
	client nft -f - <<-EOF
		table inet marks {
			chain output {
				type route hook output priority -150;
				meta mark set 1
			}
		}
	EOF
	# That mark is on the underlay's packets then, too: they are routed anew.
	ip -n client rule add fwmark 1 ipproto udp sport 6000 table main priority 1
	ip -n client -6 rule add fwmark 1 ipproto udp sport 6000 table main priority 1
	client ping -q -c 3 -i 0.05 -W 2 10.7.0.2 || fail "pings were lost"
	client ping -q -c 3 -i 0.05 -W 2 -I snap0 10.7.0.2 || fail "pings were lost"
	client nft delete table inet marks
	ip -n client rule del priority 1
	ip -n client -6 rule del priority 1
done
expect "loops" "$(counter client tx-loop)" 0
