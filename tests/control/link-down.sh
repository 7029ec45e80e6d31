#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# timeout: 600
# The underlay's link is down for a minute, and for ten, with a daemon and without: when it
# is up again so is all else, by itself. A token that came meanwhile is registered then.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

back() { far_echoes 1 "$OUR_PORT" --count 1 --timeout 1 >/dev/null 2>&1; }

# down SECONDS LIMIT [COMMAND…]: the link is, so long, and in the middle of that the command
# is run; then all must be back within so many seconds.
down() {
	local start seconds

	ip -n us link set veth0 down
	sleep $(($1 / 2))
	"${@:3}"
	sleep $(($1 - $1 / 2))
	ip -n us link set veth0 up
	# The addresses of IPv6 go with the link.
	start=$SECONDS
	within "$2" back || fail "nothing comes back: $(tunnels)"
	seconds=$((SECONDS - start))
	echo "down for $1 s, traffic $seconds s after"
	expect "tunnels" "$(tunnels | wc -l)" 1
	expect "control planes" "$(plane_states)" "registered 1"
	far_echoes 1 "$OUR_PORT" --count 500 --rate 500
}

scene
watch_calls

step "without a daemon"
us snaptun connect snap0 --endhost-api "http://$ENDHOST_API" --token-file "$WORK/token" \
	--local-port "$OUR_PORT" --timeout 20 >/dev/null || fail "status $?"
within 20 back || fail "nothing comes back"
down 60 20
down 600 70
expect "registrations" "$(registrations 1 | wc -l)" 1

step "with one"
start_daemon
sleep 5
expect "registrations" "$(registrations 1 | wc -l)" 1
down 60 20
down 600 70

step "with another token: at once, without another packet from us"
for seconds in 60 600; do
	before=$(registrations 1 | wc -l)
	down "$seconds" 70 new_token $((86400 * 2 + seconds))
	within 5 more_registrations 1 "$before" || fail "the token is not used"
	within 5 registered || fail "control planes: $(plane_states)"
	lifetime=$(us snaptun show snap0 --json | jq '.[0]."control-planes"[0].lifetime')
	between "milliseconds that it is registered for" "$lifetime" \
		$((86400 * 2 * 1000)) $(((86400 * 2 + seconds) * 1000))
done
stop daemon || fail "it does not end well"
