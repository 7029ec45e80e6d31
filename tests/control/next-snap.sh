#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Of SNAPs that were found any will do: connect and the daemon go on to the next one where
# one refuses, without a tunnel of that, and with the port that it had. Where all refuse
# they are found again later, however often the token changes meanwhile. A SNAP that is given
# twice is one.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh
. "${0%/*}/scripted.sh"

SNAPS='snaps: [{address: "{p1}"}, {address: "{p1}"}, {address: "{p2}"}]'
REFUSES='[{status: 403}]'
found=(--endhost-api "$(url 3)")

# connected_to N: one tunnel, to the Nth alone.
connected_to() {
	expect "control planes" "$(planes)" "$(url "$1")/ registered 1"
	counts_agree || fail "counts: $(planes)"
}

topology
control 3
script "{$SNAPS, behave: {\"p1/$REGISTER\": $REFUSES}}"

step "connect goes on, with the same port"
assigned=$("${connect[@]}" "${found[@]}" --local-port 6000) || fail "status $?"
expect "the address" "$assigned" 192.0.2.1:6000
connected_to 2
us snaptun disconnect snap0
nothing_left

step "so does the daemon"
start_daemon "${found[@]}" --local-port 6000
sleep 30
connected_to 2
established 1 || fail "tunnels: $(tunnels)"
stop daemon || fail "the daemon does not end well"
us snaptun disconnect snap0

step "all refuse: they are tried again later, with each token at once"
script "{$SNAPS, behave: {\"*/$REGISTER\": $REFUSES}}"
forget
start_daemon "${found[@]}"
sleep 5
expect "registrations" "$(count "$REGISTER" 1) $(count "$REGISTER" 2)" "1 1"
nothing_left
for _ in 1 2 3; do
	new_token
	sleep 3
done
expect "registrations" "$(count "$REGISTER" 1) $(count "$REGISTER" 2)" "4 4"
sleep 150
running daemon || fail "the daemon has ended"
nothing_left
script "{$SNAPS, behave: {\"p1/$REGISTER\": $REFUSES}}"
sleep 80
connected_to 2

step "its tunnel is removed, and that SNAP refuses, too: back to the other one"
script "{$SNAPS, behave: {\"p2/$REGISTER\": $REFUSES}}"
us snaptun disconnect snap0
sleep 200
connected_to 1
stop daemon || fail "the daemon does not end well"
us snaptun disconnect snap0

step "one that is given twice is one"
script '{}'
forget
start_daemon --snap "$(url 1)" --snap "$(url 1)/"
sleep 10
connected_to 1
expect "registrations" "$(count "$REGISTER")" 1
stop daemon || fail "the daemon does not end well"
