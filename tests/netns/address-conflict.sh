#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# Two tunnels that are told the same assigned address: the first one keeps it while it
# is established, the other is reported, and has it when the first one is gone.
# shellcheck source-path=SCRIPTDIR source=shared-address.sh disable=SC2119,SC2154
. "${0%/*}/shared-address.sh"

topology_with_shared_address
two_tunnels

within 5 once address-conflict "$second" || fail "the conflict is not told: $(cat "$WORK/events.log")"
expect "conflicts of the first" "$(happened address-conflict "$first")" 0

step "the first one has it"
carries "$first" || fail "the first tunnel does not carry"
! carries "$second" || fail "the second one does"

step "the first one goes"
# So that the second is not the only one, and so the default, then.
another_tunnel
client snaptun tunnel del snap0 "$first"
carries "$second" || fail "the second tunnel does not carry"
