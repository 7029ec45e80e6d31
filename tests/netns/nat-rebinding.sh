#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# The NAT forgets the client's mapping and makes another one: the server refuses what
# comes from there, and the tunnel is back by itself, with another assigned address.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology_with_nat
connect
expect "address that the server reports" "$(assigned client)" 192.0.2.254:40000
reaches client 10.7.0.2 || fail "no answer"

masquerade 41000
changed=$(now)
refused=$(counter server rx-wrong-source)
! reaches client 10.7.0.2 || fail "the server takes packets from an address without a tunnel"
((refused < $(counter server rx-wrong-source))) || fail "the server did not count what it refused"
within 40 reaches client 10.7.0.2 || fail "the tunnel does not come back"
# 15 s after the first packet that was not answered, which is 10 s old at most.
between "milliseconds until it was back" $(($(now) - changed)) 0 $((25000 + 3 * WHEEL))
expect "address that the server reports now" "$(assigned client)" 192.0.2.254:41000
reaches server 10.7.0.1 || fail "the server uses the old address"

step "the old address is forgotten"
expect "tunnels of the server" "$(tunnels server)" 2
sleep 130
expect "tunnels of the server after 130 s" "$(tunnels server)" 1
expect "its address" "$(look server '.tunnels[0].endpoint | "\(.ipv4):\(.port)"')" 192.0.2.254:41000
reaches client 10.7.0.2 || fail "the tunnel in use was lost"
