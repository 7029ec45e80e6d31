#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel has the counts: when the daemon is killed, tunnels and registrations stay,
# and the next one goes on with them. What was under way when it was killed is done again.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
control 2
daemon() { start_daemon --snap "$(url 1)" --snap "$(url 2)" --tunnels 2; }

step "killed while all is well, and back: nothing happens"
daemon
within 20 established 4 || fail "tunnels: $(tunnels)"
before=$(planes)
expect "control planes" "$before" "$(url 1)/ registered 2
$(url 2)/ registered 2"
ids=$(tunnels | cut -d' ' -f1)
kill_daemon
sleep 30
expect "control planes" "$(planes)" "$before"
counts_agree || fail "counts: $(planes)"
forget
daemon
sleep 30
expect "registrations" "$(count "$REGISTER")" 0
expect "control planes" "$(planes)" "$before"
expect "tunnels" "$(tunnels | cut -d' ' -f1)" "$ids"

step "killed, another token, and back: each is registered once"
kill_daemon
new_token 172800
forget
daemon
sleep 30
expect "registrations" "$(count "$REGISTER" 1) $(count "$REGISTER" 2)" "1 1"
expect "tunnels" "$(tunnels | cut -d' ' -f1)" "$ids"

step "killed while it registers: the other one is not disturbed, and it is done again"
script "{behave: {\"p2/$REGISTER\": [{delay: 20}, {}]}}"
forget
new_token
sleep 5
expect "state" "$(plane state 2)" registering
kill_daemon
sleep 1
# The registration from before holds.
expect "control planes" "$(planes)" "$before"
daemon
sleep 30
expect "control planes" "$(planes)" "$before"
expect "tunnels" "$(tunnels | cut -d' ' -f1)" "$ids"

step "killed during its first registration, without a chance to tidy up"
stop daemon || fail "it does not end well"
us snaptun disconnect snap0
nothing_left
script "{behave: {\"*/$REGISTER\": [{delay: 20}, {}, {}]}}"
daemon
sleep 5
kill_daemon
sleep 1
counts_agree || fail "counts: $(planes)"
expect "state" "$(plane state)" idle
daemon
sleep 30
expect "control planes" "$(planes)" "$before"
established 4 || fail "tunnels: $(tunnels)"

step "tunnels that were made by hand are kept registered by the daemon"
stop daemon || fail "it does not end well"
us snaptun disconnect snap0 --snap "$(url 2)"
us snaptun tunnel add snap0 --remote-key "$(key them)" --endpoint "$DATA_PLANE" \
	--control-plane "$(url 1)/" >/dev/null
counts_agree || fail "counts: $(planes)"
expect "control planes" "$(planes)" "$(url 1)/ registered 3"
start_daemon --snap "$(url 1)"
sleep 10
expect "control planes" "$(planes)" "$(url 1)/ registered 3"
established 3 || fail "tunnels: $(tunnels)"
