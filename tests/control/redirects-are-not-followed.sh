#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A token goes where the configuration says, or where that leads to. No redirect is
# followed, and https leads to http only on this machine, or with --insecure-http.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
"$ROOT/tests/control/certificates" "$WORK/tls" "$HOST"
tls=,$WORK/tls/good.pem,$WORK/tls/good.key
control 2 "s1=$HOST:7443$tls" "s2=$HOST:7444$tls"
secure=https://$HOST:7443
connect+=(--ca-file "$WORK/tls/ca.pem")

# asked_at LISTENER: whether that was asked for anything.
asked_at() { grep -q "\"listener\": \"$1\"" "$WORK/requests.json"; }

# succeeds OPTION…, fails STATUS OPTION…: of connect; nothing is left.
succeeds() { try 0 "$@"; }
fails() { try "$@"; }
try() {
	forget
	expect "status with ${*:2}" "$(status "${connect[@]}" "${@:2}")" "$1"
	us snaptun disconnect snap0
}

step "redirects: the target hears nothing"
for code in 301 302 303 307 308; do
	for method in "$LOCATE" "$REGISTER"; do
		script "{behave: {\"p1/$method\": [{status: $code,
			headers: {Location: (\"{p2}/anapaya.snap.v1.SnapControl/$method\")}}]}}"
		fails "$UNREACHABLE" --snap "$(url 1)" --attempts-first 2
		expect "requests" "$(count "$method" 1)" 2
		! asked_at p2 || fail "$code was followed"
		grep -q "points to $(url 2)/.*, which is not followed" "$WORK/said.log" ||
			fail "nobody says that of $code: $(cat "$WORK/said.log")"
	done
done
script "{behave: {\"p1/$LIST\": [{status: 307,
	headers: {Location: \"{p2}/scion.endhost.v1.UnderlayService/ListUnderlays\"}}]}}"
fails "$UNREACHABLE" --endhost-api "$(url 1)" --attempts-first 2
! asked_at p2 || fail "the endhost API's was followed"
script "{behave: {\"p1/$LOCATE\": [{status: 308, headers: {Location: \"/elsewhere\"}}]}}"
fails "$UNREACHABLE" --snap "$(url 1)" --attempts-first 2
! grep -q '"path": "/elsewhere"' "$WORK/requests.json" || fail "that on the same host was followed"

step "an API key follows none either, and goes over https alone"
(umask 077 && echo aakey_of_a_test >"$WORK/apikey")
aa=(us snaptun connect snap0 --ca-file "$WORK/tls/ca.pem" --api-key-file "$WORK/apikey"
	--device-id test --snap "$(url 1)")
for target in p2 s2; do
	script "{behave: {\"s1/AuthenticateByKey\": [{status: 307,
		headers: {Location: \"{$target}/anapaya.aa.v1.AuthService/AuthenticateByKey\"}}]}}"
	forget
	expect "status" "$(status "${aa[@]}" --aa "$secure")" "$UNREACHABLE"
	asked_at s1 || fail "nobody was asked"
	! asked_at "$target" || fail "it was followed to $target"
done
forget
expect "status" "$(status "${aa[@]}" --aa "$(url 2)")" "$USAGE"
! asked_at p2 || fail "it went over http"

step "a registration may be elsewhere, over https or from http"
script '{behave: {"s1/*": [{answer: {control: "{s2}"}}]}}'
succeeds --snap "$secure"
asked_at s2 || fail "not there"
script '{behave: {"p1/*": [{answer: {control: "{p2}"}}]}}'
succeeds --snap "$(url 1)"
asked_at p2 || fail "not there"
script "{behave: {\"p1/*\": [{answer: {control: \"$HOST:7002\"}}]}}"
succeeds --snap "$(url 1)"
asked_at p2 || fail "not there"

step "https does not lead to http"
for control in '{p2}' "$HOST:7002"; do
	script "{behave: {\"s1/*\": [{answer: {control: \"$control\"}}]}}"
	fails "$REFUSED" --snap "$secure"
	expect "requests" "$(count "$LOCATE")" 1
	! asked_at p2 || fail "$control has got the token"
	succeeds --snap "$secure" --insecure-http on
	asked_at p2 || fail "$control was not asked"
done

step "but to this machine"
background here us "$ROOT/tests/control/server" --log "$WORK/here.json" here=127.0.0.1:7009
within 20 logged here '^ready$' || fail "the server here does not start"
for control in http://127.0.0.1:7009 127.0.0.1:7009 http://localhost:7009; do
	: >"$WORK/here.json"
	script "{behave: {\"s1/*\": [{answer: {control: \"$control\"}}]}}"
	succeeds --snap "$secure"
	grep -q "/$REGISTER" "$WORK/here.json" || fail "not at $control"
done

step "an endhost API lists SNAPs of other origins"
script '{behave: {"p1/*": [{answer: {snaps: [{address: "{p2}"}]}}]}}'
succeeds --endhost-api "$(url 1)"
asked_at p2 || fail "not there"
script '{behave: {"s1/*": [{answer: {snaps: [{address: "{s2}"}]}}]}}'
succeeds --endhost-api "$secure"
asked_at s2 || fail "not there"

step "one that is asked over https lists none for http"
script '{behave: {"s1/*": [{answer: {snaps: [{address: "{p2}"}]}}]}}'
fails "$UNREACHABLE" --endhost-api "$secure" --attempts-first 2
! asked_at p2 || fail "it has got the token"
grep -q "$(url 2)/, which would have the token sent in the clear" "$WORK/said.log" ||
	fail "nobody says so: $(cat "$WORK/said.log")"
script '{behave: {"s1/*": [{answer: {snaps: [{address: "{p2}"}, {address: "{s2}"}]}}]}}'
succeeds --endhost-api "$secure"
! asked_at p2 || fail "it has got the token"
asked_at s2 || fail "not there"

step "nor does a discovery service lead to an endhost API there"
script '{behave: {"s1/*": [{answer: {apis: [["{p2}"]]}}]}}'
fails "$UNREACHABLE" --discovery "$secure" --attempts-first 2
! asked_at p2 || fail "it has got the token"
script '{behave: {"s1/GetEndhostApis": [{answer: {apis: [["{p2}", "{s2}"]]}}]}}'
succeeds --discovery "$secure"
! asked_at p2 || fail "it has got the token"
asked_at s2 || fail "not there"
expect "requests of the discovery service with a token" "$(jq -r 'select(.event == "request" and
	(.path | endswith("/GetEndhostApis")) and .headers.authorization) | .path' \
	"$WORK/requests.json")" ''
