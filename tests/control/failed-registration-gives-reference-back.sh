#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A first registration that fails leaves nothing in the kernel: no tunnel, no control
# plane. It is tried 5 times; the next `connect` registers anew, and its tunnel works.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
control
connect+=(--snap "$(url 1)")

# refuse ANSWER: that is what a registration gets.
refuse() { script "{behave: {\"*/$REGISTER\": [$1]}}"; }

step "it fails in several ways, and nothing is left"
for answer in '{status: 503}' '{status: 500, text: "no"}' '{length: 40, reset: 3}'; do
	refuse "$answer"
	forget
	expect "status with $answer" "$(status "${connect[@]}")" "$UNREACHABLE"
	expect "attempts with $answer" "$(count "$REGISTER")" 5
	nothing_left
done

step "it is refused, and nothing is left"
refuse '{status: 403, json: {code: "permission_denied", message: "not you"}}'
expect "status" "$(status "${connect[@]}")" "$REFUSED"
nothing_left

step "the next one registers, and its tunnel works"
script '{}'
forget
expect "status" "$(status "${connect[@]}" --local-port 6000)" 0
expect "registrations" "$(count "$REGISTER")" 1
expect "control planes" "$(planes)" "$(url 1)/ registered 1"
scion_echo them
us scion-echo send snap0 --src 192.0.2.1:6000 --dst "$DATA_PLANE" --count 20
