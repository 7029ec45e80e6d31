#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever a control plane does instead of answering, `connect` ends with the exit code
# that tells whether to try again, says why in one line, and leaves nothing in the kernel.
# The token is in no output.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
control
connect+=(--quiet --attempts-first 2)
NONSENSE='the answer makes no sense: '

# secret_hidden: whether no eight characters of the token's parts are in what was said.
secret_hidden() {
	! grep -qF -f <(tr . '\n' <"$WORK/token" | fold -w 8 | grep -x '.\{8\}') "$WORK/said.log"
}

# ends STATUS REGEX OPTION…: how connect ends, and what its one line must have.
ends() {
	expect "status" "$(status "${connect[@]}" "${@:3}")" "$1"
	expect "lines" "$(wc -l <"$WORK/said.log")" 1
	grep -qE "^snaptun: connect: .*$2" "$WORK/said.log" ||
		fail "it says: $(cat -v "$WORK/said.log")"
	! LC_ALL=C grep -q '[^ -~]' "$WORK/said.log" || fail "not readable: $(cat -v "$WORK/said.log")"
	(($(wc -c <"$WORK/said.log") < 400)) || fail "too long: $(cat "$WORK/said.log")"
	secret_hidden || fail "the token shows: $(cat "$WORK/said.log")"
	nothing_left
}

# bad METHODS STATUS REQUESTS REGEX ANSWER: how it ends where each of these methods is
# answered so, and how often it was asked.
bad() {
	local method

	for method in $1; do
		script "{behave: {\"p1/$method\": [$5]}}"
		forget
		ends "$2" "$4" --snap "$(url 1)"
		expect "requests" "$(count "$method")" "$3"
	done
}
both="$LOCATE $REGISTER"

step "nobody is there"
ends "$UNREACHABLE" 'Connection refused|Failed to connect|connect to' --snap "http://$HOST:7999"
ends "$UNREACHABLE" '' --snap "http://198.51.100.1:7001"
ends "$UNREACHABLE" '' --endhost-api "http://$HOST:7999"

step "answers that break off"
bad "$both" "$UNREACHABLE" 2 '' '{length: 100, reset: 0}'
bad "$both" "$UNREACHABLE" 2 '' '{length: 100, reset: 10}'
bad "$both" "$UNREACHABLE" 2 '' '{length: 1000}'

step "answers that are none"
bad "$both" "$UNREACHABLE" 2 "$NONSENSE" '{hex: "ffffffffff"}'
bad "$both" "$UNREACHABLE" 2 "$NONSENSE" '{hex: "0a7f00"}'
bad "$both" "$UNREACHABLE" 2 "$NONSENSE" '{hex: ""}'
bad "$both" "$UNREACHABLE" 2 'the answer is too long' '{text: "0123456789", repeat: 300000}'
bad "$both" "$UNREACHABLE" 2 'the answer is too long' \
	'{text: "0123456789", repeat: 300000, length: null}'
bad "$both" "$UNREACHABLE" 2 '(the answer is too long|Too large)' \
	'{headers: {"X-Padding": ("0123456789" * 6000), "X-More": ("0123456789" * 6000)}}'
bad "$both" "$UNREACHABLE" 2 'is no application/proto but text/html' \
	'{type: "text/html", text: "<html>Log in to this network</html>"}'
bad "$both" "$UNREACHABLE" 2 'is no application/proto but something without a type' '{type: null}'
bad "$both" "$UNREACHABLE" 2 'status 204' '{status: 204}'

step "a data plane that cannot be used"
for key in "$(printf '2a%.0s' {1..31})" "$(printf '2a%.0s' {1..33})"; do
	bad "$LOCATE" "$UNREACHABLE" 2 "${NONSENSE}the data plane's key is not of 32 bytes" \
		"{answer: {key: \"$key\"}}"
done
bad "$LOCATE" "$UNREACHABLE" 2 "${NONSENSE}the data plane's key is zero" \
	"{answer: {key: \"$(printf '00%.0s' {1..32})\"}}"
for address in '' nowhere "$HOST" "$HOST:0" "$HOST:65536" "$HOST:5000 "; do
	bad "$LOCATE" "$UNREACHABLE" 2 "${NONSENSE}the data plane's address" \
		"{answer: {data_plane: \"$address\"}}"
done
for control in ftp://there "$HOST" there:7001 http:// "http://user:word@$HOST:1"; do
	bad "$LOCATE" "$UNREACHABLE" 2 "${NONSENSE}the data plane's control address" \
		"{answer: {control: \"$control\"}}"
done
bad "$LOCATE" "$REFUSED" 1 'the SNAP must be updated' '{answer: {control: ""}}'
bad "$LOCATE" "$REFUSED" 1 'the SNAP must be updated' '{answer: {key: ""}}'

step "a share of a pre-shared key that is none"
for share in '' "$(printf '00%.0s' {1..31})" "$(printf '00%.0s' {1..33})"; do
	bad "$REGISTER" "$UNREACHABLE" 2 "${NONSENSE}its share .* is not of 32 bytes" \
		"{answer: {psk_share: \"$share\"}}"
done
bad "$REGISTER" "$REFUSED" 1 'pre-shared key' \
	"{answer: {psk_share: \"$(printf '00%.0s' {1..31})01\"}}"

step "errors, from Connect and from others"
bad "$both" "$REFUSED" 1 'permission_denied \(status 403\): not for you' \
	'{status: 403, json: {code: "permission_denied", message: "not for you", detail: null}}'
bad "$both" "$UNREACHABLE" 2 'unavailable \(status 503\)' \
	'{status: 503, json: {code: "unavailable", message: ""}}'
bad "$both" "$REFUSED" 1 'the token was refused' '{status: 401, text: "no"}'
bad "$both" "$UNREACHABLE" 2 'status 502: 502 Bad Gateway 502 Bad Gateway proxy$' \
	'{status: 502, type: "text/html", text: ("<html>\r\n<head><title>502 Bad Gateway</title></head>"
	+ "\r\n<body>\r\n<h1>502 Bad Gateway</h1>\r\n<hr>proxy</body>\r\n</html>\r\n")}'
bad "$both" "$UNREACHABLE" 2 'status 500' '{status: 500, text: "0123456789", repeat: 100000}'
bad "$both" "$UNREACHABLE" 2 'status 418' '{status: 418, hex: "00ff1b5b324a0a0d80"}'
bad "$both" "$UNREACHABLE" 2 'status 503' '{status: 503, json: {code: 7, message: {a: 1}}}'
bad "$both" "$UNREACHABLE" 2 'internal .*red.* line' \
	'{status: 500, json: {code: "internal", message: "\u001b[31mred\u0007\r\nsecond line \u202e"}}'
for part in "$(cat "$WORK/token")" "$(cut -d. -f3 "$WORK/token")"; do
	bad "$both" "$UNREACHABLE" 2 'status 500.*\.\.\.' "{status: 500, text: \"Bearer $part it was\"}"
	bad "$both" "$UNREACHABLE" 2 'internal' \
		"{status: 500, json: {code: \"internal\", message: \"$part\"}}"
done

step "slow ones end by the time-out of a request, or of it all"
for way in '{silent: true}' '{drip: 1}' '{delay: 20}'; do
	for method in $both; do
		script "{behave: {\"p1/$method\": [$way]}}"
		forget
		begin=$SECONDS
		ends "$UNREACHABLE" 'timed out' --snap "$(url 1)" --request-timeout 5
		between "seconds with $way" $((SECONDS - begin)) 10 14
		begin=$SECONDS
		ends "$TIMEOUT" 'it took too long' --snap "$(url 1)" --timeout 7
		between "seconds with $way" $((SECONDS - begin)) 7 8
	done
done

step "no answer to the handshake"
them snaptun identity del snap0 --key "$(key us)"
script '{}'
ends "$TIMEOUT" 'answered no handshake' --snap "$(url 1)" --timeout 20
them snaptun identity add snap0 --key "$(key us)"

step "the token is in no argument and no variable of a process"
script "{behave: {\"p1/$REGISTER\": [{delay: 5}]}}"
background waiting "${connect[@]}" --snap "$(url 1)"
background kept us snaptun daemon snap0 --token-file "$WORK/token" --snap "$(url 1)"
sleep 2
cut -d. -f3 "$WORK/token" >"$WORK/part"
for file in /proc/[0-9]*/{cmdline,environ}; do
	! grep -qaFf "$WORK/part" "$file" 2>/dev/null || fail "it is in $file"
done
finished waiting || fail "no success: $?"
stop kept || fail "the daemon does not end well"
us snaptun disconnect snap0

step "well at last"
script '{}'
"${connect[@]}" --snap "$(url 1)" >/dev/null || fail "status $?"
