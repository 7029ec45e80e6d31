#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `connect` tries 5 times, a renewal is tried 10 times. The daemon goes on for ever: a new
# round every 60 s, a fifth more or less, and at once when a link or an address changes.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

# rounds METHOD [N]: how many attempts there were before each pause of more than 30 s, and
# how long these were, one line each; then what came since.
rounds() {
	requests "$@" | awk 'NR > 1 && $1 - last > 30000 { print n, $1 - last; n = 0 }
		{ n++; last = $1 } END { print n + 0 }'
}

# rounds_of N WHEN LEAST: so many rounds of registrations or more were one of N attempts
# and a pause each.
rounds_of() {
	local line

	rounds "$REGISTER" >"$WORK/rounds"
	(($(wc -l <"$WORK/rounds") > $3)) || fail "too few rounds: $(cat "$WORK/rounds")"
	while read -r line; do
		expect "attempts $2" "${line% *}" "$1"
		between "pause $2" "${line#* }" 48000 72400
	done < <(head -n -1 "$WORK/rounds")
}

topology
control
script "{behave: {\"*/$REGISTER\": [{status: 503}]}}"

step "connect: 5 attempts"
expect "status" "$(status "${connect[@]}" --snap "$(url 1)")" "$UNREACHABLE"
expect "attempts" "$(count "$REGISTER")" 5

step "the daemon's first registration: rounds of 5"
forget
start_daemon --snap "$(url 1)"
sleep 400
rounds_of 5 "of a first registration" 4
expect "different pauses" "$(head -n -1 "$WORK/rounds" | sort -u | wc -l)" \
	"$(head -n -1 "$WORK/rounds" | wc -l)"
within 15 is state failed || fail "state between two rounds: $(plane state)"

step "a round succeeds in the end, and it rests"
script '{}'
sleep 75
expect "state" "$(plane state)" registered
established 1 || fail "tunnels: $(tunnels)"
forget
sleep 200
expect "requests" "$(wc -l <"$WORK/requests.json")" 0

step "a renewal: rounds of 10"
script "{behave: {\"*/$REGISTER\": [{status: 503}]}}"
new_token
sleep 500
rounds_of 10 "of a renewal" 3
established 1 || fail "the tunnel did not survive: $(tunnels)"

step "what is refused: rounds of 1"
script "{behave: {\"*/$REGISTER\": [{status: 403}]}}"
sleep 80
forget
sleep 400
rounds_of 1 "after a refusal" 4
between "rounds" "$(wc -l <"$WORK/rounds")" 5 9

# at_once WHAT COMMAND…: it has a round begin.
at_once() {
	local before

	# In the middle of a pause.
	before=$(count "$REGISTER")
	until asked $((before + 1)) "$REGISTER"; do
		sleep 2
	done
	sleep 10
	forget
	"${@:2}"
	sleep 3
	(($(count "$REGISTER") > 0)) || fail "$1 changes nothing"
}

step "a link or an address changes: at once"
at_once "a link that comes" ip -n us link add dummy7 type dummy
at_once "a link that is set up" ip -n us link set dummy7 up
at_once "an address" ip -n us addr add 198.51.100.7/24 dev dummy7
at_once "an address that goes" ip -n us addr del 198.51.100.7/24 dev dummy7
at_once "a link that goes" ip -n us link del dummy7

step "the same while it pauses in a round"
script "{behave: {\"*/$REGISTER\": [{status: 503, headers: {\"Retry-After\": \"20\"}}]}}"
at_once "a link" ip -n us link add dummy8 type dummy

step "the same while it looks for SNAPs"
stop daemon || fail "the daemon does not end well"
us snaptun disconnect snap0
script "{behave: {\"*/$LIST\": [{status: 403}]}}"
start_daemon --endhost-api "$(url 1)"
sleep 10
forget
ip -n us link add dummy9 type dummy
sleep 3
expect "searches" "$(count "$LIST")" 1
sleep 300
between "searches" "$(count "$LIST")" 5 7
script '{}'
sleep 75
established 1 || fail "tunnels: $(tunnels)"
