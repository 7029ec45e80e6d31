#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `connect` finds the SNAP by its endhost API, registers, waits for the handshake and
# prints the assigned address; SCION packets go through the network to the far
# application and back. Called twice it makes one tunnel; `disconnect` leaves none.
#
# kernels: uml
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

scene
watch_calls
connect=(us snaptun connect snap0 --endhost-api "http://$ENDHOST_API"
	--token-file "$WORK/token" --local-port "$OUR_PORT" --timeout 20)

step "it connects, and says which address it got"
assigned=$("${connect[@]}") || fail "status $?"
[[ $assigned == "192.0.2.1:$OUR_PORT" ]] || fail "the address is $assigned"
within 5 established 1 || fail "no tunnel: $(tunnels)"
[[ $(plane_states) == "registered 1" ]] || fail "control planes: $(plane_states)"

step "once more: all is there already"
[[ $("${connect[@]}" --json | jq -r '.[0].assigned.port') == "$OUR_PORT" ]] || fail "not the same"
(($(tunnels | wc -l) == 1)) || fail "tunnels: $(tunnels)"
(($(registrations 1 | wc -l) == 1)) || fail "registered $(registrations 1 | wc -l) times"

step "10000 packets, 1250 a second, to the far application and back"
far_echoes 1 "$OUR_PORT" --count 10000 --rate 1250

step "disconnect, twice"
us snaptun disconnect snap0
us snaptun disconnect snap0
[[ -z $(tunnels)$(plane_states) ]] || fail "left: $(tunnels) $(plane_states)"
