#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a token registers with `snaptun serve` is its own: another key with the same jti takes
# the place of the one before and of no other registration, so nobody puts somebody else out. A
# key may start tunnels until its last registration ends, and is forgotten then. All of that
# holds across restarts, and identities that were added by hand stay.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=serving.sh disable=SC2119
. "${0%/*}/serving.sh"

# registers JTI NAME [SECONDS]: that key, with a token of that jti and life.
registers() {
	register "$CONTROL" "$(token "$1" ${3:+"$3"})" "$2" ||
		fail "$2 with $1: status $(answered), $(cat -v "$WORK/answer.body")"
	expect "psk_share" "$(field 1)" "$(printf '00%.0s' {1..32})"
}

# lifetime NAME: how long that key may still start tunnels, in seconds.
lifetime() {
	there "[.identities[] | select(.key == \"$(key "$1")\") | .authorisations[].lifetime / 1000 | ceil] | max"
}

# ended NAME: how often it was told that this key may start none any more.
ended() { grep -cF "identity $(key "$1"): no longer" "$WORK/monitor.log" || true; }

# passes: whether a packet of ours comes back.
passes() {
	us scion-echo send snap0 --src 192.0.2.1:6000 --dst "$HOST:5000" --count 1 --timeout 2 \
		>"$WORK/packet.log" 2>&1
}

# tunnels_there NAME: how many that key has.
tunnels_there() { there "[.tunnels[] | select(.\"remote-key\" == \"$(key "$1")\")] | length"; }

serving
JTIS=(mine yours 3 4 5 6 7 8 9)
for name in other third hand; do make_key "$name"; done
serve
background echo them scion-echo serve snap0
background monitor them snaptun monitor snap0
within 10 logged monitor listening || fail "no monitor"

step "a key is registered for the rest of its token's life, and again for that of another one"
for seconds in 600 1200 300; do
	registers mine us "$seconds"
	expect "registrations" "$(known)" 'us: mine'
	between "lifetime" "$(lifetime us)" $((seconds - 5)) "$seconds"
done

step "another key with the same jti takes its place, and its tunnels are gone"
us snaptun tunnel add snap0 --remote-key "$(there '."public-key"')" --endpoint "$DATA_PLANE" \
	--local-port 6000 >/dev/null
within 20 passes || fail "no packet comes back"
expect "tunnels" "$(tunnels_there us)" 1
registers mine other
expect "registrations" "$(known)" 'other: mine'
expect "tunnels" "$(tunnels_there us)" 0
expect "ends that were told" "$(ended us) $(ended other)" '1 0'
! passes || fail "a packet comes back"
registers mine us
expect "registrations" "$(known)" 'us: mine'
within 60 passes || fail "no packet comes back"

step "who registers somebody else's key, and then another one, puts nobody out"
registers yours us
expect "registrations" "$(known)" 'us: mine yours'
registers yours third
expect "registrations" "$(known)" 'third: yours,us: mine'
between "lifetime" "$(lifetime us)" 3500 3600
passes || fail "no packet comes back"
expect "ends that were told" "$(ended us)" 1

step "it counts until the last registration ends, and is forgotten then"
registers mine us 60
registers 3 us 120
registers yours third 30
sleep 40
expect "registrations" "$(known)" 'us: 3 mine'
sleep 40
expect "registrations" "$(known)" 'us: 3'
passes || fail "no packet comes back"
sleep 50
expect "registrations" "$(known)" ''
expect "tunnels" "$(there '.tunnels | length')" 0
expect "ends that were told" "$(ended us) $(ended third)" '2 1'

step "of all who have registered a key, the module knows the four whose registrations end last"
seconds=200
for jti in 9 {3..8} mine yours; do
	registers "$jti" us "$seconds"
	seconds=$((seconds + 100))
done
expect "registrations" "$(known)" 'us: 7 8 mine yours'
registers yours third 1000
expect "registrations" "$(known)" 'third: yours,us: 6 7 8 mine'
registers 8 us 100
expect "registrations" "$(known)" 'third: yours,us: 5 6 7 mine'
registers 8 us 2000
expect "registrations" "$(known)" 'third: yours,us: 6 7 8 mine'
between "lifetime" "$(lifetime us)" 1980 2000

step "those that take theirs away put nobody out"
for jti in 6 7 8 mine; do registers "$jti" other 3000; done
expect "registrations" "$(known)" 'other: 6 7 8 mine,third: yours,us: 3 4 5 9'
between "lifetime" "$(lifetime us)" 400 500

step "a key that was authorised by hand as often as it can be takes no more"
them snaptun identity add snap0 --key "$(key hand)" --tag 1 --lifetime 5000
for tag in {2..8}; do
	them snaptun identity set snap0 --key "$(key hand)" --tag "$tag" --lifetime 5000
done
before=$(known)
! register "$CONTROL" "$(token 9)" hand || fail "there is a ninth one"
refused "a ninth registration" 503 resource_exhausted 'room'
expect "registrations" "$(known)" "$before"
them snaptun identity del snap0 --key "$(key hand)"

step "what another one that serves reads back is what there was"
kill -9 "${RUNNING[serve]}"
finished serve || true
serve
expect "registrations" "$(known)" 'other: 6 7 8 mine,third: yours,us: 3 4 5 9'
registers 9 third
expect "registrations" "$(known)" 'other: 6 7 8 mine,third: 9 yours,us: 3 4 5'

step "what ends while nobody serves is gone when somebody does"
registers 9 third 30
registers yours third 30
stop serve || fail "it does not end well"
sleep 40
expect "registrations" "$(known)" 'other: 6 7 8 mine,third: ,us: 3 4 5'
serve
expect "registrations" "$(known)" 'other: 6 7 8 mine,us: 3 4 5'

step "an identity that was added by hand stays, whatever is registered"
them snaptun identity add snap0 --key "$(key hand)"
expect "registrations" "$(known)" 'hand: -,other: 6 7 8 mine,us: 3 4 5'
registers 9 hand
expect "registrations" "$(known)" 'hand: - 9,other: 6 7 8 mine,us: 3 4 5'
registers 9 third 30
expect "registrations" "$(known)" 'hand: -,other: 6 7 8 mine,third: 9,us: 3 4 5'
sleep 40
expect "registrations" "$(known)" 'hand: -,other: 6 7 8 mine,us: 3 4 5'
stop serve || fail "it does not end well"
expect "registrations" "$(known)" 'hand: -,other: 6 7 8 mine,us: 3 4 5'
