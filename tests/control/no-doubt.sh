#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# A tunnel that works is left alone: whatever its keepalives, idle or with packets that
# nobody answers, the daemon registers once and no more.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

scene
watch_calls
known=0
for keepalive in 10 25 off; do
	step "keepalives: $keepalive"
	start_daemon --keepalive "$keepalive"
	within 10 registered || fail "control planes: $(plane_states)"
	within 10 far_echoes 1 "$OUR_PORT" --count 1
	expect "registrations" "$(($(registrations 1 | wc -l) - known))" 1
	sleep 300
	# Packets whose port nobody has.
	for ((n = 0; n < 30; n++)); do
		us scion-echo send snap0 --src "$(as_of 1),192.0.2.1:$OUR_PORT" --dst 1-ff00:0:111,203.0.113.1:9 \
			--path "$(path_from 1)" --count 1 --timeout 1 >/dev/null 2>&1 || true
		sleep 3
	done
	expect "registrations" "$(($(registrations 1 | wc -l) - known))" 1
	! logged daemon 'no answers' || fail "it doubts"
	stop daemon || fail "it does not end well"
	us snaptun disconnect snap0
	known=$(registrations 1 | wc -l)
done
