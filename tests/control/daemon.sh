#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon makes the tunnel and keeps it: a new token has the key registered once more,
# and nothing else; a SNAP that was restarted, and so has forgotten us, gets the
# registration by itself; a daemon that was killed and comes back disturbs nothing.
#
# kernels: uml
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

scene
watch_calls
start_daemon

step "it connects"
within 20 established 1 || fail "no tunnel: $(tunnels)"
[[ $(plane_states) == "registered 1" ]] || fail "control planes: $(plane_states)"
far_echoes 1 "$OUR_PORT" --count 100

step "another token: one registration more, and no packet lost"
background echoes far_echoes 1 "$OUR_PORT" --count 3000 --rate 500
before=$(registrations 1 | wc -l)
new_token
within 5 more_registrations 1 "$before" || fail "not registered again"
sleep 2
(($(registrations 1 | wc -l) == before + 1)) || fail "registered $(registrations 1 | wc -l) times"
finished echoes || fail "packets were lost"

step "killed, and back: the tunnel does not notice"
background echoes far_echoes 1 "$OUR_PORT" --count 3000 --rate 500
before=$(registrations 1 | wc -l)
sessions=$(us snaptun show snap0 --json | jq '.[0].counters.sessions')
kill -9 "${RUNNING[daemon]}"
finished daemon || true
sleep 1
[[ $(plane_states) == "registered 1" ]] || fail "control planes: $(plane_states)"
start_daemon
sleep 2
finished echoes || fail "packets were lost"
(($(registrations 1 | wc -l) == before)) || fail "it registered again"
[[ $(us snaptun show snap0 --json | jq '.[0].counters.sessions') == "$sessions" ]] ||
	fail "there was another session"

step "killed, and back with another token: registered once"
kill -9 "${RUNNING[daemon]}"
finished daemon || true
new_token 172800
start_daemon
within 5 more_registrations 1 "$before" || fail "not registered again"
sleep 2
(($(registrations 1 | wc -l) == before + 1)) || fail "registered $(registrations 1 | wc -l) times"
stop daemon || fail "it does not end well"
