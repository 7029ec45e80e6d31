#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The keys that tokens are verified with are those of the files, as these are now: one that is
# rewritten or replaced counts at once, one that makes no sense changes nothing and is told of.
# A token that names a key is verified with that one alone.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=serving.sh disable=SC2119
. "${0%/*}/serving.sh"

# from SIGNER [KID]: a token by that signer, which names a key.
from() { signed "$1" "$(jq -cn --arg kid "${2-}" '{alg: "EdDSA"} + if $kid == "" then {} else {$kid} end')" "$(claims a)"; }

# takes TOKEN…: whether all these are taken.
takes() {
	local token

	for token; do
		call "$CONTROL" "$LOCATE" "$token" </dev/null || return
	done
}

# leaves WORDS TOKEN: whether that one is not, for that reason.
leaves() {
	! takes "$2" || return
	refused "a token" 401 unauthenticated "$1"
}

# stays: the keys are the same, and it was told that there are no others.
stays() {
	within 20 logged serve 'goes on with the token keys that it had' || fail "$1: nothing is told"
	: >"$WORK/serve.log"
	takes "$(from "$2" ${3+"$3"})" || fail "$1: $(<"$WORK/answer.body")"
}

serving
for name in two three; do signer "$name"; done
key=$WORK/key.pem set=$WORK/keys.json
own "$key" <"$WORK/one.pub.pem"
SERVED+=(--token-key-file "$key")
serve
takes "$(from one)" || fail "$(<"$WORK/answer.body")"

step "another file in its place, and another text in the same file"
own "$key" <"$WORK/two.pub.pem"
within 20 takes "$(from two)" || fail "the key is not taken"
leaves 'signature' "$(from one)" || fail "the old key is"
cat "$WORK/three.pub.pem" >"$key"
within 20 takes "$(from three)" || fail "the key is not taken"
leaves 'signature' "$(from two)" || fail "the old key is"
ln -s "$WORK/one.pub.pem" "$WORK/link"
mv -T "$WORK/link" "$key"
within 20 takes "$(from one)" || fail "the key is not taken"

step "without a set of keys, a name means nothing"
takes "$(from one anything)" || fail "$(<"$WORK/answer.body")"

step "a token that the Rust implementation has made"
snap-network token-key | own "$key"
within 20 takes "$(snap-network token)" || fail "$(<"$WORK/answer.body")"
own "$key" <"$WORK/one.pub.pem"
within 20 takes "$(from one)" || fail "the key is not taken"

step "what makes no sense"
: >"$WORK/serve.log"
echo nonsense | own "$key"
stays "nonsense" one
own "$key" </dev/null
stays "nothing" one
own "$key" <"$WORK/two.pem"
stays "a private key" one
rm "$key"
stays "no file" one
own "$key" <"$WORK/two.pub.pem"
within 20 takes "$(from two)" || fail "the key is not taken"
chmod 666 "$key"
stays "a file that others may write to" two

step "a set of keys: each for tokens that name it, and the other one for those that name none"
stop serve || fail "it does not end well"
own "$key" <"$WORK/one.pub.pem"
jwks two three | own "$set"
serve --jwks-file "$set"
takes "$(from one)" "$(from two two)" "$(from three three)" || fail "$(<"$WORK/answer.body")"
leaves 'signature' "$(from two)" || fail "another key than that without a name"
leaves 'signature' "$(from three two)" || fail "another key than the one that is named"
leaves 'unknown' "$(from one one)" || fail "a key that is not in the set"
leaves 'unknown' "$(signed one '{"alg":"EdDSA","kid":""}' "$(claims a)")" || fail "an empty name"

step "another set: keys come and go"
jwks one two | own "$set"
within 20 takes "$(from one one)" || fail "the key is not taken"
leaves 'unknown' "$(from three three)" || fail "the old key is"
takes "$(from two two)" || fail "$(<"$WORK/answer.body")"

step "sets that make no sense"
jwks one >"$WORK/good"
: >"$WORK/serve.log"
for text in '' '{' '{"keys":[]}' "$(jq '.keys[0].x = "AAAA"' "$WORK/good")"; do
	printf '%s\n' "$text" | own "$set"
	stays "${text:-nothing}" one one
done

step "a set alone: a token has to name its key"
stop serve || fail "it does not end well"
own "$set" <"$WORK/good"
unset 'SERVED[-1]' 'SERVED[-1]' 'SERVED[-1]' 'SERVED[-1]'
serve --jwks-file "$set"
takes "$(from one one)" || fail "$(<"$WORK/answer.body")"
leaves 'names no key' "$(from one)" || fail "a token that names none"
stop serve || fail "it does not end well"

step "it does not begin with keys that make no sense"
echo nonsense | own "$key"
expect "status" "$(status them snaptun serve snap0 "${SERVED[@]}" --token-key-file "$key")" 5
expect "status" "$(status them snaptun serve snap0 "${SERVED[@]}" --jwks-file "$key")" 5
expect "status" "$(status them snaptun serve snap0 "${SERVED[@]}" --jwks-file "$WORK/none")" 3
expect "status" "$(status them snaptun serve snap0 "${SERVED[@]}")" "$USAGE"
