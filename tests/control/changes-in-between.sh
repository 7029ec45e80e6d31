#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What changes while connect or the daemon is at it: the tunnels and the control plane go, for
# which another helper registers; the data plane moves between two attempts, or since the
# last connect; the SNAP has forgotten us. And a data plane that has a name.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh
. "${0%/*}/scripted.sh"

OTHER=$HOST:5001

# other: another data plane, which knows our key.
other() {
	make_key other
	ip -n them link add other type snaptun
	ip -n them link set other addrgenmode none
	them snaptun set other --private-key-file "$WORK/other.key" --listen-port 5001
	them snaptun identity add other --key "$(key us)"
	ip -n them link set other up
}

topology
other
control 1
moved="data_plane: \"$OTHER\", key: \"$(hex_key other)\""

for waits in daemon connect; do
	step "another helper registers, and all tunnels are removed: $waits waits no more"
	script "{behave: {\"p1/$REGISTER\": [{delay: 60}, {}, {what: \"$waits\"}]}}"
	background first "${connect[@]}" --snap "$(url 1)"
	sleep 1
	if [[ $waits == daemon ]]; then
		start_daemon --snap "$(url 1)"
	else
		background connect "${connect[@]}" --snap "$(url 1)"
	fi
	sleep 2
	logged "$waits" 'another helper is registering' || fail "it does not wait"
	us snaptun disconnect snap0
	sleep 3
	expect "control planes" "$(planes)" "$(url 1)/ registered 1"
	established 1 || fail "tunnels: $(tunnels)"
	if [[ $waits == daemon ]]; then
		stop daemon || fail "the daemon does not end well"
	else
		finished connect || fail "it fails"
	fi
	kill "${RUNNING[first]}"
	finished first || true
	us snaptun disconnect snap0
	nothing_left
done

step "it moves between two attempts"
script "{behave: {\"p1/$LOCATE\": [{answer: {$moved}}, {}], \"p1/$REGISTER\": [{status: 503}, {}]}}"
"${connect[@]}" --snap "$(url 1)" || fail "status $?"
expect "control planes" "$(planes)" "$(url 1)/ registered 1"
established 1 || fail "tunnels: $(tunnels)"

step "it has moved since: registered there, too"
script "{$moved}"
forget
"${connect[@]}" --snap "$(url 1)" || fail "status $?"
expect "registrations" "$(count "$REGISTER")" 1
expect "where the tunnel leads" "$(look '.tunnels[].endpoint.port')" 5001

step "it has forgotten us: registered again, once"
them snaptun identity del other --key "$(key us)"
forget
background connect "${connect[@]}" --snap "$(url 1)" --tunnels 2
sleep 8
expect "registrations" "$(count "$REGISTER")" 0
sleep 4
expect "registrations" "$(count "$REGISTER")" 1
sleep 30
expect "registrations" "$(count "$REGISTER")" 1
them snaptun identity add other --key "$(key us)"
finished connect || fail "it fails"
established 2 || fail "tunnels: $(tunnels)"
us snaptun disconnect snap0

step "a data plane that has a name"
script '{data_plane: "localhost:5000"}'
expect "status" "$(status "${connect[@]}" --snap "$(url 1)")" "$REFUSED"
grep -q 'has a name instead of an address' "$WORK/said.log" || fail "$(cat "$WORK/said.log")"
nothing_left
