#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# timeout: 600
# The whole SCION network is killed and comes back, which has it forget all registrations:
# the daemon has the traffic flow again by itself, soon, however long it was away.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

back() { far_echoes 1 "$OUR_PORT" --count 1 --timeout 1 >/dev/null 2>&1; }

# away SECONDS: the network is, so long; then how long it takes until packets come back.
away() {
	local start seconds

	kill -9 "${RUNNING[network]}"
	finished network || true
	sleep "$1"
	start_network
	start=$SECONDS
	within "$2" back || fail "nothing comes back: $(tunnels)"
	seconds=$((SECONDS - start))
	echo "away for $1 s, traffic after $seconds s"
	expect "control planes" "$(plane_states)" "registered 1"
	expect "tunnels" "$(tunnels | wc -l)" 1
	far_echoes 1 "$OUR_PORT" --count 500 --rate 500
}

scene
start_daemon
within 20 established 1 || fail "no tunnel: $(tunnels)"
within 20 back || fail "nothing comes back"

step "back at once"
away 0 60

step "away for 20 s"
away 20 90

step "away for a minute"
away 60 90

step "away for ten minutes"
away 600 100
stop daemon || fail "it does not end well"
