#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Tokens from the service that gives them for an API key, which is in a file: `connect` and
# the daemon ask it for what the configuration says and never more often than needed, send
# it no token, follow where it leads, and go on while it is away.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

AA=https://192.0.2.2:7050
SNAP=http://$(control_plane 1)
token() { snap-network token ${1:+--validity "$1"}; }
# gives TOKEN [MEMBERS]: the service does, and the SNAP takes no other.
gives() {
	script "{\"data_plane\": \"$DATA_PLANE\", \"key\": \"$DATA_KEY\", \"tokens\": [\"$1\"],
		\"token\": \"$1\"${2:+, $2}}"
}
connect() { us snaptun connect snap0 "${aa[@]}" --local-port "$OUR_PORT" --timeout 60 "$@" >"$WORK/connect.log" 2>&1; }
# status_of COMMAND…: its exit status.
status_of() { local status=0; "$@" || status=$?; echo "$status"; }
connected() {
	expect "control planes" "$(plane_states)" "registered 1"
	us snaptun disconnect snap0
}

topology
aa=(--aa "$AA/" --ca-file "$WORK/pki/ca.pem" --api-key-file "$WORK/api-key" --device-id 'a b/c')
"$ROOT/tests/control/certificates" "$WORK/pki" 192.0.2.2
our_data_plane
them snaptun identity add snap0 --key "$(key us)"
device
ip -n us link set snap0 up
(umask 077 && echo aakey_0123456789abcdef >"$WORK/api-key")
start_control "aa=192.0.2.2:7050,$WORK/pki/good.pem,$WORK/pki/good.key" \
	"snap1=$(control_plane 1)" "disc=192.0.2.2:7060"

step "connect: one request, with the key, the device's name and the default lifetime"
gives "$(token)"
connect --snap "$SNAP" || fail "status $?"
connected
expect "requests" "$(asked aa AuthenticateByKey)" 1
# Fields 1 and 2; no validity is the service's own choice.
expect "the request" "$(asked aa AuthenticateByKey '.[0].body' | tr -d '"')" \
	"0a16$(printf aakey_0123456789abcdef | od -An -v -tx1 | tr -d ' \n')1205$(printf 'a b/c' | od -An -v -tx1 | tr -d ' \n')"
expect "its token" "$(asked aa AuthenticateByKey '.[0].headers.authorization')" null
expect "its path" "$(asked aa AuthenticateByKey '.[0].path')" '"/anapaya.aa.v1.AuthService/AuthenticateByKey"'

step "another lifetime"
connect --snap "$SNAP" --token-validity 1000 || fail "status $?"
connected
[[ $(asked aa AuthenticateByKey '.[-1].body') == *18e807\" ]] || fail "$(asked aa AuthenticateByKey '.[-1].body')"

step "a token that was given just now, and that the SNAP refuses: no other one is asked for"
good=$(token) bad=$(token)
gives "$good" "\"behave\": {\"aa/*\": [{\"answer\": {\"token\": \"$bad\"}}]}"
before=$(asked aa AuthenticateByKey)
expect "status" "$(status_of connect --snap "$SNAP")" 7
expect "requests" "$(($(asked aa AuthenticateByKey) - before))" 1
expect "left" "$(plane_states)" ""

step "it names a discovery service, which is asked, but not in the clear unless that is allowed"
gives "$good" '"discovery": "http://192.0.2.2:7060", "apis": [["{disc}"]], "snaps": [{"address": "{snap1}"}]'
connect --insecure-http on || fail "status $?"
connected
expect "who looks for endhost APIs" "$(asked disc GetEndhostApis)" 1
expect "with a token" "$(asked disc GetEndhostApis '.[0].headers.authorization')" null
expect "who looks for SNAPs" "$(asked disc ListUnderlays)" 1
expect "status" "$(status_of connect)" 8
expect "who looks for endhost APIs" "$(asked disc GetEndhostApis)" 1

step "a key that the service refuses, one that everybody can read, none"
gives "$good" '"behave": {"aa/*": [{"status": 401, "json": {"code": "unauthenticated", "message": "no such key"}}]}'
expect "status" "$(status_of connect --snap "$SNAP")" 7
logged connect 'token service: .*no such key' || fail "it does not say why"
before=$(asked aa AuthenticateByKey)
chmod 644 "$WORK/api-key"
expect "status" "$(status_of connect --snap "$SNAP")" 7
logged connect 'can be read by everybody' || fail "it does not say why"
mv "$WORK/api-key" "$WORK/api-key.away"
expect "status" "$(status_of connect --snap "$SNAP")" 7
expect "requests" "$(asked aa AuthenticateByKey)" "$before"
mv "$WORK/api-key.away" "$WORK/api-key"
chmod 600 "$WORK/api-key"
! grep -q 0123456789abcdef "$WORK"/*.log || fail "the key is in a log"
expect "left" "$(plane_states)" ""

step "the daemon: another token before a quarter of the life of the last one is left"
first=$(token 100)
gives "$first"
before=$(asked aa AuthenticateByKey)
background daemon us snaptun daemon snap0 "${aa[@]}" --snap "$SNAP" --local-port "$OUR_PORT"
within 10 established 1 || fail "no tunnel: $(tunnels)"
gives "$(token 200)"
sleep 60
expect "requests" "$(($(asked aa AuthenticateByKey) - before))" 1
registered=$(asked snap1 RegisterSnapTunIdentity)
sleep 20
expect "requests" "$(($(asked aa AuthenticateByKey) - before))" 2
expect "registrations" "$(($(asked snap1 RegisterSnapTunIdentity) - registered))" 1
expect "control planes" "$(plane_states)" "registered 1"

step "the next one is refused by the SNAP: it asks for another, once"
good=$(token 200) bad=$(token 200)
gives "$good" "\"behave\": {\"aa/*\": [{\"answer\": {\"token\": \"$bad\"}}, {}]}"
before=$(asked aa AuthenticateByKey)
sleep 140
expect "requests" "$(($(asked aa AuthenticateByKey) - before))" 2
expect "control planes" "$(plane_states)" "registered 1"
between "milliseconds that it is registered for" \
	"$(us snaptun show snap0 --json | jq '.[0]."control-planes"[0].lifetime')" 30000 100000

step "the service is away until the token has run out, then it goes on"
gives "$(token 10000)" '"behave": {"aa/*": [{"close": true}]}'
sleep 300
[[ $(plane_states) != registered* ]] || fail "control planes: $(plane_states)"
running daemon || fail "the daemon has ended"
gives "$(token 10000)"
within 90 registered || fail "control planes: $(plane_states)"
stop daemon || fail "it does not end well"
