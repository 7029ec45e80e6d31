#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A registration that comes after another ran out gives a handshake that is under way its
# whole time: what waits for it stays, and goes out. One that was renewed in time does not,
# or a data plane that never answers would never be given up.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# attempt LIFETIME: the device is registered for that many milliseconds, and its tunnel is
# within the last second of an attempt that nobody answers, with a packet that waits.
attempt() {
	initiator --control-plane https://a
	expect "one begins" "$(say one registering snap0 1 10000)" ok
	expect "one is done" "$(say one registered snap0 1 "$1")" ok
	expect "state" "$(tunnel client state)" connecting
	sleep 89.5
	expect "state in the last second" "$(tunnel client state)" connecting
	! client ping -q -c 1 -W 0.1 10.7.0.2 >/dev/null || fail "somebody answers"
	expect "packets that wait" "$(tunnel client staged)" 1
	expect "one begins again" "$(say one registering snap0 1 10000)" ok
	expect "one is done again" "$(say one registered snap0 1 1000000)" ok
	sleep 1
}

topology
responder
server snaptun identity del snap0 --key "$(key client)"
registrar one client

step "renewed in time"
attempt 600000
expect "state" "$(tunnel client state)" expired
expect "packets that wait" "$(tunnel client staged)" 0
expect "packets dropped" "$(counter client tx-no-session)" 1

step "after it ran out"
ip -n client link del snap0
attempt 60000
expect "state" "$(tunnel client state)" connecting
expect "packets that wait" "$(tunnel client staged)" 1
server snaptun identity add snap0 --key "$(key client)"
within 10 established client || fail "no session"
within 10 reaches client 10.7.0.2 || fail "no answer"
expect "packets dropped" "$(counter client tx-no-session)" 0
