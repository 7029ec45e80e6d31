#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A token that comes from standard input, slowly or not at all: the time-out of connect
# counts, signals end it and the daemon, and both take what comes in pieces.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh
. "${0%/*}/scripted.sh"

topology
control 1
mkfifo "$WORK/input"
exec 9<>"$WORK/input"
stdin=(--token-file - --snap "$(url 1)")
# from_input COMMAND…: with the pipe as its standard input, and without our end of it.
from_input() { "$@" <"$WORK/input" 9>&-; }

step "nothing comes: the time is over"
expect "status" "$(status from_input us snaptun connect snap0 "${stdin[@]}" --timeout 5)" "$TIMEOUT"

for signal in INT TERM; do
	step "nothing comes, and SIG$signal"
	code=0
	(from_input timeout -s "$signal" 3 ip netns exec us snaptun connect snap0 "${stdin[@]}" --timeout 0) \
		>"$WORK/said.log" 2>&1 || code=$?
	# 124 is what timeout says of a command that it had to end.
	expect "status" "$code" 124
done
code=0
(from_input timeout -s TERM --preserve-status 3 ip netns exec us snaptun daemon snap0 "${stdin[@]}") \
	>"$WORK/said.log" 2>&1 || code=$?
expect "status of the daemon" "$code" 10
nothing_left

step "it comes in pieces"
exec 9>&-
pieces() {
	local token

	token=$(<"$WORK/token")
	printf %s "${token:0:40}"
	sleep 2
	printf '%s\n' "${token:40}"
	sleep 1
}
pieces | us snaptun connect snap0 "${stdin[@]}" || fail "status $?"
expect "control planes" "$(planes)" "$(url 1)/ registered 1"
us snaptun disconnect snap0
nothing_left
