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
within 200 lost || fail "the first tunnel is still established"
has_it() { carries "$second"; }
# The second one takes it with its next handshake.
within 130 has_it || fail "the second tunnel does not carry"
expect "conflicts of the first" "$(happened address-conflict "$first")" 0

step "and is there again"
unblock client
within 130 is "$first" established || fail "no session"
within 5 once address-conflict "$first" || fail "the conflict is not told: $(cat "$WORK/events.log")"
carries "$second" || fail "the second tunnel does not carry any more"
