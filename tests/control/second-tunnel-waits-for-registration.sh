#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Of two helpers that want a tunnel to the same control plane, one registers and the
# other waits for what comes of it. It registers itself where the first one failed, was
# killed or hangs.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
control
connect+=(--snap "$(url 1)")
round=0

# two ANSWER…: those that registrations get; two helpers, of which the second one has
# begun to wait for the first one's.
two() {
	us snaptun disconnect snap0
	# A list that is another one each time begins at its beginning.
	script "{behave: {\"*/$REGISTER\": [$1, $2, {time: $((++round))}]}}"
	forget
	background first "${connect[@]}"
	sleep 1
	expect "registrations that have begun" "$(count "$REGISTER")" 1
	expect "state" "$(plane state)" registering
	background second "${connect[@]}"
	sleep 3
	logged second 'another helper is registering' || fail "the second one does not wait"
	expect "registrations that have begun" "$(count "$REGISTER")" 1
}

step "the first one registers: once is enough for both"
two '{delay: 10}' '{}'
expect "tunnels that may send" "$(us snaptun show snap0 --json | jq '[.[0].tunnels[] |
	select(.state == "connecting" or .state == "established")] | length')" 0
finished first || fail "the first one failed"
finished second || fail "the second one failed"
expect "registrations" "$(count "$REGISTER")" 1
expect "control planes" "$(planes)" "$(url 1)/ registered 2"
established 2 || fail "tunnels: $(tunnels)"

step "the first one is refused: the second one asks for itself"
two '{delay: 10, status: 403}' '{}'
! finished first || fail "the first one did not fail"
finished second || fail "the second one failed"
expect "registrations" "$(count "$REGISTER")" 2
expect "control planes" "$(planes)" "$(url 1)/ registered 1"

for signal in TERM KILL; do
	step "the first one gets SIG$signal: the second one takes over"
	two '{delay: 10}' '{}'
	kill -"$signal" "${RUNNING[first]}"
	! finished first || fail "the first one did not fail"
	sleep 3
	expect "registrations" "$(count "$REGISTER")" 2
	finished second || fail "the second one failed"
	expect "control planes" "$(planes)" "$(url 1)/ registered 1"
	established 1 || fail "tunnels: $(tunnels)"
done

step "the first one hangs: the second one takes over when its time is up"
two '{delay: 10}' '{}'
kill -STOP "${RUNNING[first]}"
finished second || fail "the second one failed"
expect "registrations" "$(count "$REGISTER")" 2
kill -KILL "${RUNNING[first]}"
! finished first || fail "the first one did not fail"
sleep 1
expect "control planes" "$(planes)" "$(url 1)/ registered 1"
