#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# From a discovery service to endhost APIs to SNAPs: groups and what is in them are tried in
# order, what fails or knows no SNAP for us is passed over, `isd-as` says which SNAPs are
# for us, and the token goes only where it may.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

DISCOVERY=http://192.0.2.2:7050
# ISD-ASes as numbers.
AS110=$((0x0001ff0000000110)) AS120=$((0x0001ff0000000120)) AS130=$((0x0001ff0000000130))
connect() {
	us snaptun connect snap0 --discovery "$DISCOVERY" --token-file "$WORK/token" \
		--local-port "$OUR_PORT" --timeout 60 "$@" >"$WORK/connect.log" 2>&1
}
# status_of COMMAND…: its exit status.
status_of() { local status=0; "$@" || status=$?; echo "$status"; }
# order: which listeners were asked for SNAPs since the last call, in order.
order() {
	jq -rs 'map(select(.event == "request" and (.path | endswith("/ListUnderlays"))) | .listener) | join(" ")' \
		"$WORK/asked"
	: >"$WORK/asked"
}
# connected N: to the Nth SNAP alone.
connected() {
	expect "control planes" "$(us snaptun show snap0 --json |
		jq -r '.[0]["control-planes"][] | "\(.url) \(.state) \(.tunnels)"')" \
		"http://$(control_plane "$1")/ registered 1"
	far_echoes "$1" "$OUR_PORT" --count 50
	us snaptun disconnect snap0
}
listed="[{\"address\": \"http://$(control_plane 1)\", \"ases\": [$AS110]},
	{\"address\": \"http://$(control_plane 2)\", \"ases\": [$AS120]}]"
# finds APIS BEHAVE: what the discovery service and the endhost APIs answer.
finds() { script "{\"apis\": $1, \"snaps\": $listed, \"behave\": {${2:-}}}"; }

scene 2
start_control disc=192.0.2.2:7050 a=192.0.2.2:7051 b=192.0.2.2:7052 c=192.0.2.2:7053

step "the network's own endhost API"
finds "[[\"http://$ENDHOST_API\"]]"
connect || fail "status $?"
connected 1
expect "who was asked" "$(order)" ""

step "the first of the first group"
finds '[["{a}", "{b}"], ["{c}"]]'
connect || fail "status $?"
connected 1
expect "the discovery service's token" "$(asked disc GetEndhostApis '.[0].headers.authorization')" null
expect "who was asked" "$(order)" a

step "one that fails, that is not there, that knows none, that refuses: the next one"
for bad in '{"status": 500}' '{"close": true}' '{"answer": {"snaps": []}}' \
	'{"status": 401}' '{"status": 404}' '{"text": "nonsense"}'; do
	finds '[["{a}", "{b}"], ["{c}"]]' "\"a/*\": [$bad], \"b/*\": [$bad]"
	connect || fail "after $bad: status $?"
	connected 1
	expect "who was asked after $bad" "$(order)" "a b c"
done
finds '[["http://192.0.2.2:7099", "http://192.0.2.99:1"], ["{c}"]]'
connect --request-timeout 2 || fail "status $?"
connected 1
expect "who was asked" "$(order)" c

step "all fail, all are asked again, and the second time one works"
finds '[["{a}"], ["{b}"]]' '"a/*": [{"status": 500}], "b/*": [{"status": 503}, {}]'
connect || fail "status $?"
connected 1
expect "who was asked" "$(order)" "a b a b"

step "SNAPs for our AS alone"
finds '[["{a}"]]'
connect --isd-as 1-ff00:0:120 || fail "status $?"
connected 2
expect "what it was asked for" "$(asked a ListUnderlays '.[0].body' | tr -d '"')" \
	"08a082808080e07f"
order >/dev/null
listed="[{\"address\": \"http://$(control_plane 1)\", \"ases\": [$AS130]},
	{\"address\": \"http://$(control_plane 2)\", \"ases\": [$AS130, $AS120]}]"
finds '[["{a}"]]'
connect --isd-as 1-ff00:0:120 || fail "status $?"
connected 2
expect "status where none is for us" "$(status_of connect --isd-as 1-ff00:0:110)" 8
expect "left" "$(plane_states)" ""
finds "[[\"http://$ENDHOST_API\"]]"
connect --isd-as 1-ff00:0:120 || fail "status $?"
connected 2

step "of SNAPs that were found, the next one where one does not work"
listed="[{\"address\": \"{c}\", \"ases\": [$AS110]}, {\"address\": \"http://$(control_plane 2)\", \"ases\": [$AS120]}]"
finds '[["{a}"]]' '"c/*": [{"status": 403}]'
connect || fail "status $?"
connected 2

step "the discovery service fails, and knows nothing"
finds '[["{a}"]]' '"disc/*": [{"status": 503}, {}], "c/*": [{"status": 403}]'
connect || fail "status $?"
connected 2
finds '[]'
expect "status" "$(status_of connect)" 8

step "the daemon finds its way as well, and keeps what it has when all else is away"
finds '[["{a}"], ["{b}"]]' '"a/*": [{"close": true}], "c/*": [{"status": 403}]'
background daemon us snaptun daemon snap0 --discovery "$DISCOVERY" --token-file "$WORK/token" \
	--local-port "$OUR_PORT"
within 20 registered || fail "control planes: $(plane_states)"
within 10 far_echoes 2 "$OUR_PORT" --count 50
stop control || true
new_token 172800
sleep 300
expect "control planes" "$(plane_states)" "registered 1"
far_echoes 2 "$OUR_PORT" --count 50
stop daemon || fail "it does not end well"
