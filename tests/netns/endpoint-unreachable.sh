#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# The way to the endpoint goes and comes back: an address, a route, a link, a host
# behind a router that says so. What cannot be sent is counted, and the tunnel is back
# by itself.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology_with_nat
connect
reaches client 10.7.0.2 || fail "no answer"

# away WHAT TURN-OFF TURN-ON COUNTED: without the way there is no answer; with it there
# is one again.
away() {
	local failed

	step "$1"
	failed=$(counter client tx-no-route)
	eval "$2"
	! client ping -q -c 20 -i 1 -W 1 10.7.0.2 >/dev/null || fail "somebody answers"
	sleep 20
	[[ $4 == no ]] || counted client tx-no-route $((failed + 5)) || fail "it is not counted"
	eval "$3"
	within 20 reaches client 10.7.0.2 || fail "it does not come back"
}

away "no route" \
	"ip -n client route del default" \
	"ip -n client route add default via 198.51.100.254" yes
away "an unreachable route" \
	"ip -n client route add unreachable 192.0.2.2/32" \
	"ip -n client route del unreachable 192.0.2.2/32" yes
away "the link is down" \
	"ip -n client link set veth0 down" \
	"ip -n client link set veth0 up; ip -n client route add default via 198.51.100.254" yes
away "the address is gone" \
	"ip -n client addr del 198.51.100.1/24 dev veth0" \
	"ip -n client addr add 198.51.100.1/24 dev veth0; ip -n client route add default via 198.51.100.254" yes
away "the router says that there is none" \
	"router nft 'add table inet gone; add chain inet gone f { type filter hook forward priority 0; }; add rule inet gone f udp dport 5000 reject with icmpx host-unreachable'" \
	"router nft delete table inet gone" no
away "the other end is deaf" \
	"ip -n server link set veth0 down" \
	"ip -n server link set veth0 up" no
expect "tunnels of the server" "$(tunnels server)" 1
