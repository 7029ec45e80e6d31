#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# own-boot
# An authorisation and a registration last as long as they were to, however the wall clock
# is set meanwhile, and when the machine slept, not a moment longer.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

left() { look server '.identities[0].authorisations[0].lifetime // 0'; }

topology
responder --lifetime 1000
initiator --control-plane https://a
registrar one client
expect "it begins" "$(say one registering snap0 1 10000)" ok
expect "it is done" "$(say one registered snap0 1 1000000)" ok
within 10 established client || fail "no session"

# passes SECONDS COMMAND…: the command takes that much of both, and no more.
passes() {
	local authorised registered uptime

	authorised=$(left) registered=$(plane client 1 lifetime) uptime=$(cut -d ' ' -f 1 /proc/uptime | tr -d .)
	"${@:2}"
	uptime=$((($(cut -d ' ' -f 1 /proc/uptime | tr -d .) - uptime) * 10))
	between "time that passed" "$uptime" $(($1 * 1000)) $(($1 * 1000 + 60000))
	between "authorised for" $((authorised - $(left))) $((uptime - 5000)) $((uptime + 5000))
	between "registered for" $((registered - $(plane client 1 lifetime))) $((uptime - 5000)) $((uptime + 5000))
}

step "the clock is set forth and back"
# The subshell's caller sees nothing of it but the clock.
jump() {
	date -s "@$(($(date +%s) + $1))" >/dev/null
	sleep 10
}
passes 10 jump 36000
passes 10 jump -72000
passes 10 jump 36000

step "the machine sleeps"
rest() {
	echo freezer >/sys/power/pm_test
	echo freeze >/sys/power/state
}
passes 5 rest
within 20 reaches client 10.7.0.2 || fail "no answer"

step "the end"
between "authorised for" "$(left)" 1 965000
sleep $(($(left) / 1000 + 1))
expect "authorisations" "$(look server '.identities[0].authorisations | length')" 0
! reaches client 10.7.0.2 || fail "an answer after the end"
sleep 5
expect "state" "$(plane client 1 state)" idle
