#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# A helper is killed at its worst moments, while it looks for SNAPs, while it registers, in
# a pause between two tries and when nothing is to be done: the count of the control plane
# is that of its tunnels, nothing is stuck in registering, traffic is not disturbed, and the
# next helper goes on.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

SNAP=http://$(control_plane 1)
good="\"data_plane\": \"192.0.2.2:6001\""
daemon() {
	background daemon us snaptun daemon snap0 --endhost-api "$SNAP" \
		--token-file "$WORK/token" --local-port "$OUR_PORT"
}
connect() {
	background connect us snaptun connect snap0 --snap "$SNAP" \
		--token-file "$WORK/token" --local-port "$OUR_PORT"
}
# die NAME [SIGNAL]: it is killed.
die() {
	kill "-${2:-KILL}" "${RUNNING[$1]}"
	finished "$1" || true
}
# counts: what each control plane says that names it, and what does.
counts() {
	us snaptun show snap0 --json | jq -c '.[0] | [(."control-planes"[] | [.id, .tunnels])] ==
		[.tunnels | group_by(."control-plane")[] | [.[0]."control-plane", length]]'
}
states() { [[ $(plane_states) == "$1" ]]; }
# behave METHOD ANSWER…: what the control plane does, once each and the last one on.
behave() {
	local method=$1

	shift
	script "{$good, \"key\": \"$DATA_KEY\", \"behave\": {\"snap1/$method\": [$(IFS=, && echo "$*")]}}"
}
sound() {
	expect "counts" "$(counts)" true
	! plane_states | grep -q registering || fail "stuck: $(plane_states)"
}

topology
our_data_plane
them snaptun identity add snap0 --key "$(key us)"
scion_echo them
device
ip -n us link set snap0 up
new_token
start_control "snap1=$(control_plane 1)"

step "connect, while it registers: what it has made goes with it"
for signal in KILL TERM INT; do
	behave RegisterSnapTunIdentity '{"delay": 20}'
	before=$(asked snap1 RegisterSnapTunIdentity)
	connect
	within 10 states "registering 1" || fail "control planes: $(plane_states)"
	within 10 more_asked snap1 RegisterSnapTunIdentity "$before" || fail "it does not register"
	die connect "$signal"
	within 5 states "" || fail "left after SIG$signal: $(plane_states)"
	expect "tunnels left" "$(tunnels)" ""
done

step "the daemon, while it looks for SNAPs"
behave ListUnderlays '{"delay": 20}'
daemon
within 10 more_asked snap1 ListUnderlays 0 || fail "it does not look for SNAPs"
die daemon
expect "left" "$(plane_states)$(tunnels)" ""

step "the daemon, while it registers: the tunnel stays, and nobody registers"
behave RegisterSnapTunIdentity '{"delay": 20}'
before=$(asked snap1 RegisterSnapTunIdentity)
daemon
within 10 more_asked snap1 RegisterSnapTunIdentity "$before" || fail "it does not register"
expect "control planes" "$(plane_states)" "registering 1"
die daemon
within 5 states "idle 1" || fail "control planes: $(plane_states)"
sound

step "in a pause between two tries"
behave RegisterSnapTunIdentity '{"status": 503, "headers": {"Retry-After": "25"}}'
before=$(asked snap1 RegisterSnapTunIdentity)
daemon
within 10 more_asked snap1 RegisterSnapTunIdentity "$before" || fail "it does not register"
within 10 logged daemon 'attempt 2 of 5' || fail "it does not try again"
expect "control planes" "$(plane_states)" "registering 1"
die daemon
within 5 states "idle 1" || fail "control planes: $(plane_states)"
sound

step "the next one goes on"
behave RegisterSnapTunIdentity '{}'
daemon
within 10 states "registered 1" || fail "control planes: $(plane_states)"
within 10 established 1 || fail "no tunnel: $(tunnels)"
sound
id=$(tunnels | cut -d ' ' -f 1)
sessions=$(us snaptun show snap0 --json | jq '.[0].counters.sessions')

step "killed under traffic, ten times: while it renews, and when nothing is to be done"
background echoes us scion-echo send snap0 --src "192.0.2.1:$OUR_PORT" --dst 192.0.2.2:6001 \
	--count 30000 --rate 500
for round in 1 2 3 4 5; do
	behave RegisterSnapTunIdentity '{"delay": 20}'
	before=$(asked snap1 RegisterSnapTunIdentity)
	new_token $((86400 + round * 100))
	within 10 more_asked snap1 RegisterSnapTunIdentity "$before" || fail "it does not register again"
	die daemon
	# The registration that there was has not ended.
	within 5 states "registered 1" || fail "control planes: $(plane_states)"
	sound
	behave RegisterSnapTunIdentity '{}'
	before=$(asked snap1 RegisterSnapTunIdentity)
	daemon
	# It sees that the kernel's registration is not with this token.
	within 10 more_asked snap1 RegisterSnapTunIdentity "$before" || fail "not registered again"
	within 5 states "registered 1" || fail "control planes: $(plane_states)"
	sleep 1
	before=$(asked snap1 RegisterSnapTunIdentity)
	die daemon
	sound
	daemon
	sleep 2
	expect "registrations" "$(asked snap1 RegisterSnapTunIdentity)" "$before"
	expect "control planes" "$(plane_states)" "registered 1"
done
finished echoes || fail "packets were lost"
expect "tunnel" "$(tunnels | cut -d ' ' -f 1)" "$id"
expect "sessions" "$(us snaptun show snap0 --json | jq '.[0].counters.sessions')" "$sessions"
stop daemon || fail "it does not end well"
us snaptun disconnect snap0
expect "left" "$(plane_states)$(tunnels)" ""
