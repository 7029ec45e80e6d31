#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A control plane whose certificate is not trusted, or for another name, gets no token;
# one that --ca-file has is trusted, and no other then.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
tls=$WORK/tls
"$ROOT/tests/control/certificates" "$tls" "$HOST"
listeners=() port=7440
for name in good name stranger; do
	listeners+=("$name=$HOST:$((++port)),$tls/$name.pem,$tls/$name.key")
done
control 1 "${listeners[@]}"
connect+=(--quiet --attempts-first 2)

# ends STATUS REGEX PORT OPTION…
ends() {
	forget
	expect "status" "$(status "${connect[@]}" --snap "https://$HOST:$3" "${@:4}")" "$1"
	expect "lines" "$(wc -l <"$WORK/said.log")" 1
	grep -qE "^$2" "$WORK/said.log" || fail "it says: $(cat "$WORK/said.log")"
	[[ $1 == 0 ]] || expect "requests that came through" "$(wc -l <"$WORK/requests.json")" 0
	[[ $1 != 0 ]] || us snaptun disconnect snap0
	nothing_left
}
UNTRUSTED="snaptun: connect: .*the server's certificate is not trusted: "

step "an authority that is not known"
ends "$UNREACHABLE" "$UNTRUSTED" 7441
ends "$UNREACHABLE" "$UNTRUSTED" 7443 --ca-file "$tls/ca.pem"

step "another name"
ends "$UNREACHABLE" "$UNTRUSTED" 7442 --ca-file "$tls/ca.pem"

step "no TLS at all"
ends "$UNREACHABLE" 'snaptun: connect: ' 7001 --ca-file "$tls/ca.pem"

step "a file without certificates, and none"
ends "$REFUSED" 'snaptun: connect: .*the file of trusted certificates: ' 7441 --ca-file "$WORK/token"
ends "$REFUSED" 'snaptun: connect: .*the file of trusted certificates: ' 7441 --ca-file "$WORK/none"

step "a good one"
ends 0 '192\.0\.2\.1:' 7441 --ca-file "$tls/ca.pem"

step "the name counts on the way to the registration, too"
forget
script "{behave: {\"good/*\": [{answer: {control: \"{name}\"}}]}}"
expect "status" "$(status "${connect[@]}" --snap "https://$HOST:7441" --ca-file "$tls/ca.pem")" \
	"$UNREACHABLE"
expect "registrations" "$(count "$REGISTER")" 0
nothing_left
