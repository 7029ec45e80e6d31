#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# timeout: 600
# A token runs out, after 3 s and after 10 s: from then on the SNAP delivers nothing of
# ours, and one that is our own lets nothing through either way. Another token in its file
# has all go on by itself, on the tunnel that there is.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# The SNAP delivers what comes from our tunnel to the application, which sends it back.
delivered() { counted them far; }
send() { far_echoes 1 "$OUR_PORT" --count 20 --rate 20 --min 1000 --max 1000 --timeout 2 >"$WORK/echo.log" 2>&1; }
back() { far_echoes 1 "$OUR_PORT" --count 1 --timeout 1 >/dev/null 2>&1; }
expired() { [[ $(plane_states) == "idle 1" || $(plane_states) == "failed 1" ]]; }
tunnel_id() { us snaptun show snap0 --json | jq '.[0].tunnels[].id'; }

topology
start_network
device
ip -n us link set snap0 up
count_datagrams them far 'udp sport 6001 udp length > 900'

step "a SNAP of others, and connect: after the end it delivers nothing"
for life in 3 10; do
	new_token "$life"
	start=$(now)
	us snaptun connect snap0 --endhost-api "http://$ENDHOST_API" --token-file "$WORK/token" \
		--local-port "$OUR_PORT" --timeout 20 >/dev/null || fail "status $?"
	within 5 back || fail "nothing comes back before the end"
	(($(now) - start < life * 1000 - 1500)) || fail "too late to look: $(($(now) - start)) ms"
	# The token's time is in whole seconds.
	sleep $((life + 1))
	before=$(delivered)
	! send || fail "the application answers after $life s"
	sleep 30
	! send || fail "the application answers later"
	expect "packets delivered after the end" "$(($(delivered) - before))" 0
	expect "control planes" "$(plane_states)" "idle 1"
	us snaptun disconnect snap0
	expect "control planes" "$(plane_states)" ""
done

step "the daemon: another token, and it goes on"
new_token 10
start_daemon
within 5 registered || fail "control planes: $(plane_states)"
within 5 back || fail "nothing comes back before the end"
id=$(tunnel_id)
for pause in 12 60 600; do
	sleep "$pause"
	before=$(delivered)
	! send || fail "the application answers after the end"
	expect "packets delivered after the end" "$(($(delivered) - before))" 0
	expired || fail "control planes: $(plane_states)"
	logged daemon 'there is no token that has not expired' || fail "it says nothing of the end"
	new_token 10
	start=$SECONDS
	within 5 registered || fail "not registered again: $(plane_states)"
	# Its life counts from here.
	within 8 back || fail "nothing comes back: $(tunnels)"
	echo "$pause s after the last token: traffic $((SECONDS - start)) s after another"
	expect "control planes" "$(plane_states)" "registered 1"
	expect "tunnel" "$(tunnel_id)" "$id"
done
new_token
within 5 back || fail "nothing comes back"
stop daemon || fail "it does not end well"
us snaptun disconnect snap0
stop network || fail "the network does not end well"

step "a data plane of our own: nothing either way"
our_data_plane
start_control "snap1=$ENDHOST_API"
script "{\"data_plane\": \"$DATA_PLANE\", \"key\": \"$DATA_KEY\"}"
# Who echoes does so only then, or packets would go to and fro for ever.
ours() { echoes them us "192.0.2.1:$OUR_PORT" "$DATA_PLANE"; }
theirs() { echoes us them "$DATA_PLANE" "192.0.2.1:$OUR_PORT"; }
# echoes SERVER CLIENT SOURCE DESTINATION
echoes() {
	local status=0

	scion_echo "$1"
	ip netns exec "$2" scion-echo send snap0 --src "$3" --dst "$4" --count 5 --timeout 2 \
		>"$WORK/echoes.log" 2>&1 || status=$?
	stop echo || true
	return "$status"
}
received() { ip -n "$1" -j -s link show snap0 | jq '.[0].stats64.rx.packets'; }
authorise() { them snaptun identity set snap0 --key "$(key us)" --lifetime "$1"; }
them snaptun identity add snap0 --key "$(key us)" --lifetime 10
new_token 10
start_daemon
within 5 registered || fail "control planes: $(plane_states)"
within 3 ours || fail "nothing comes back before the end"
theirs || fail "nothing comes back to them before the end"
id=$(tunnel_id)
for pause in 12 60; do
	sleep "$pause"
	before="$(received us) $(received them)"
	! ours || fail "they answer after the end"
	! theirs || fail "we answer after the end"
	expect "what is received after the end, by us and them" "$(received us) $(received them)" "$before"
	expired || fail "control planes: $(plane_states)"
	authorise 10
	new_token 10
	within 5 registered || fail "not registered again: $(plane_states)"
	within 8 ours || fail "nothing comes back: $(tunnels)"
	theirs || fail "nothing comes back to them"
	expect "tunnel" "$(tunnel_id)" "$id"
done
stop daemon || fail "it does not end well"
