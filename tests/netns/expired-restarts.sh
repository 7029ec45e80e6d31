#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A client that is always to be connected begins afresh after an attempt of 90 s
# failed: after 5 s, then after ever longer pauses, at most 180 s; and connects once
# somebody is there.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
capture wire client
initiator
sleep 3600
stop wire || true

# The first of each attempt; the others follow it within 90 s.
mapfile -t initiations < <(times wire 192.0.2.1.6000 "$INITIATION")
attempts=()
for time in "${initiations[@]}"; do
	((${#attempts[@]} && time < attempts[-1] + 90000)) || attempts+=("$time")
done
pause=5000
for ((i = 1; i < ${#attempts[@]}; i++)); do
	between "milliseconds of pause $i" $((attempts[i] - attempts[i - 1] - 90000)) \
		"$pause" $((pause + pause / 8 + 500 + 2 * WHEEL))
	pause=$((pause * 13 / 10))
	((pause <= 180000)) || pause=180000
done
between "attempts in an hour" "${#attempts[@]}" 17 22

step "the server comes"
responder
within 280 established client || fail "the client does not try again"
reaches client 10.7.0.2 || fail "no answer"
expect "address that the server reports" "$(assigned client)" 192.0.2.1:6000
