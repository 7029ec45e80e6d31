#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# Of two tunnels that are told the same assigned address, one that loses its session
# loses the address to the other, and is reported when it comes back without it.
# shellcheck source-path=SCRIPTDIR source=shared-address.sh disable=SC2119,SC2154
. "${0%/*}/shared-address.sh"

topology_with_shared_address
two_tunnels
another_tunnel
carries "$first" || fail "the first tunnel does not carry"

step "the first one's server is silent"
block client 'udp dport 6000'
lost() { ! is "$first" established; }
# To look all the time would cost more than the time.
sleep 170
within 20 lost || fail "the first tunnel is still established"
# The second one takes it with its next handshake.
rekeyed() { (($(look client ".tunnels[] | select(.id == $second) | .\"handshake-age\"") < 20000)); }
sleep 45
within 40 rekeyed || fail "no handshake of the second tunnel"
carries "$second" || fail "the second tunnel does not carry"
expect "conflicts of the first" "$(happened address-conflict "$first")" 0

step "and is there again"
unblock client
within 130 is "$first" established || fail "no session"
within 5 once address-conflict "$first" || fail "the conflict is not told: $(cat "$WORK/events.log")"
carries "$second" || fail "the second tunnel does not carry any more"
