#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot succeed is asked once. A token that is refused has its source asked for
# another one, once: with that the call is made again.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
control
connect+=(--snap "$(url 1)")

step "a permanent answer: one request"
for method in "$LOCATE" "$REGISTER"; do
	for code in permission_denied invalid_argument unimplemented failed_precondition \
		out_of_range; do
		script "{behave: {\"*/$method\": [{status: 400, json: {code: \"$code\", message: \"no\"}}]}}"
		forget
		expect "status with $code" "$(status "${connect[@]}")" "$REFUSED"
		expect "requests with $code" "$(count "$method")" 1
		nothing_left
	done
done

step "the token is refused, and the file has no other: one request"
script '{tokens: []}'
forget
expect "status" "$(status "${connect[@]}")" "$REFUSED"
expect "requests" "$(count "$LOCATE") $(count "$REGISTER")" "1 0"
nothing_left

step "standard input cannot have another: one request"
forget
expect "status" "$(status us snaptun connect snap0 --snap "$(url 1)" --token-file - \
	<"$WORK/token")" "$REFUSED"
expect "requests" "$(count "$LOCATE")" 1

# It was read again when it changed, or is when the token is refused: just now it may
# still be written to.
for pause in 2 4.7; do
	step "the file has another after $pause s, the answer comes after 5: two requests"
	us snaptun disconnect snap0
	new_token
	make_token >"$WORK/better"
	script "{tokens: [$(jq -R . "$WORK/better")], behave: {\"p1/$LOCATE\": [{delay: 5}, {},
		{pause: $pause}]}}"
	forget
	background connect "${connect[@]}"
	sleep "$pause"
	cat "$WORK/better" >"$WORK/token"
	finished connect || fail "no success with the other token"
	expect "requests" "$(count "$LOCATE") $(count "$REGISTER")" "2 1"
done
us snaptun disconnect snap0

# takes TOKEN: that one alone.
takes() { script "{tokens: [\"$1\"]}"; }

# conf: the device is kept connected with the tokens of the command.
conf() {
	configure "snap = $(url 1)" "token-command = $WORK/command"
	background daemon us snaptun daemon snap0
}

step "a token of a command that has just run is refused: one request"
own_folders
first=$(make_token) second=$(make_token)
token_command "$first" "$second"
takes "$second"
forget
conf
sleep 20
expect "requests" "$(count "$LOCATE") $(count "$REGISTER")" "1 0"
expect "runs of the command" "$(wc -l <"$WORK/runs")" 1

step "in the next round the command has another: two requests"
forget
sleep 60
expect "state" "$(plane state)" registered
expect "requests" "$(count "$LOCATE") $(count "$REGISTER")" "2 1"
expect "runs of the command" "$(wc -l <"$WORK/runs")" 2

step "the token is refused later, and the command has another: once more"
third=$(make_token)
printf '%s\n' "$third" >>"$WORK/tokens"
takes "$third"
forget
# A change of the device's key has it registered again.
make_key other
them snaptun identity add snap0 --key "$(key other)"
us snaptun set snap0 --private-key-file "$WORK/other.key"
sleep 20
expect "state" "$(plane state)" registered
expect "requests" "$(count "$LOCATE") $(count "$REGISTER")" "2 1"
expect "runs of the command" "$(wc -l <"$WORK/runs")" 3
stop daemon || fail "the daemon does not end well"
us snaptun disconnect snap0

step "the command has no other: one request a round, and one run"
token_command "$first"
takes "$second"
conf
sleep 20
forget
sleep 60
expect "requests" "$(count "$LOCATE") $(count "$REGISTER")" "1 0"
expect "runs of the command" "$(wc -l <"$WORK/runs")" 2
nothing_left
