#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever `snaptun serve` is asked that it cannot or must not do, it says what is wrong, with
# the status that Connect RPC has for it, and nothing is registered. A token counts only if all
# of it is right.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=serving.sh disable=SC2119
. "${0%/*}/serving.sh"

PROTO='Content-Type: application/proto'
REGISTER_PATH=$SERVICE/$REGISTER
ZERO=$(printf '00%.0s' {1..32})

# registration KEY PSK: a request with these, in hexadecimal.
registration() { printf '0a%02x%s12%02x%s' $((${#1} / 2)) "$1" $((${#2} / 2)) "$2" | unhex; }

# good: a request that is right.
good() { registration "$(hex_key us)" "$ZERO"; }

# chunks SIZE: a body of zeros, in chunks of up to 1000 bytes.
chunks() {
	local left=$1 size

	while ((left)); do
		size=$((left < 1000 ? left : 1000))
		printf '%x\r\n' "$size"
		head -c "$size" /dev/zero
		printf '\r\n'
		left=$((left - size))
	done
	printf '0\r\n\r\n'
}

# nothing_came_of_it: nobody has been registered.
nothing_came_of_it() { expect "identities" "$(there '.identities | length')" 0; }

# unauthenticated WHAT WORDS TOKEN: that token is refused.
unauthenticated() {
	! good | call "$CONTROL" "$REGISTER" "$3" || fail "accepted: $1"
	refused "$1" 401 unauthenticated "$2"
}

serving
signer two
serve
good_token=$(token a)
authorization="Authorization: Bearer $good_token"

step "what is no call"
for path in / "$SERVICE/" "$SERVICE/Nothing" "${REGISTER_PATH,,}" "$REGISTER_PATH/" "/x$REGISTER_PATH"; do
	! good | request "$CONTROL" POST "$path" "$PROTO" "$authorization" || fail "accepted: $path"
	refused "$path" 404 not_found ''
done
for method in GET PUT DELETE; do
	! good | request "$CONTROL" "$method" "$REGISTER_PATH" "$PROTO" "$authorization" ||
		fail "accepted: $method"
	refused "$method" 405 unknown POST
done
! good | request "$CONTROL" POST "$REGISTER_PATH" "$authorization" || fail "accepted without a type"
refused "no type" 415 invalid_argument application/proto
for type in application/json application/protobuf 'application/proto, application/proto'; do
	! good | request "$CONTROL" POST "$REGISTER_PATH" "Content-Type: $type" "$authorization" ||
		fail "accepted: $type"
	refused "$type" 415 invalid_argument application/proto
done
nothing_came_of_it

step "bodies that are none"
for body in ff 0a21 08 120020; do
	! unhex <<<"$body" | call "$CONTROL" "$REGISTER" "$good_token" || fail "accepted: $body"
	refused "$body" 400 invalid_argument ''
done
! head -c 4096 /dev/zero | call "$CONTROL" "$REGISTER" "$good_token" || fail "accepted: zeros"
refused "4096 bytes" 400 invalid_argument ''
! head -c 4097 /dev/zero | call "$CONTROL" "$REGISTER" "$good_token" || fail "accepted: 4097 bytes"
refused "4097 bytes" 413 invalid_argument long
head=("POST $REGISTER_PATH HTTP/1.1" 'Host: x' "$PROTO" "$authorization")
! printf '%s\r\n' "${head[@]}" 'Content-Length: 1000000' '' | exchange "$CONTROL" || fail "accepted: a megabyte"
refused "a megabyte, before it comes" 413 invalid_argument long
! { printf '%s\r\n' "${head[@]}" 'Connection: close' 'Transfer-Encoding: chunked' ''; chunks 5000; } |
	exchange "$CONTROL" || fail "accepted: 5000 bytes in chunks"
refused "5000 bytes in chunks" 413 invalid_argument long
nothing_came_of_it

step "keys that are none"
for length in 0 31 33; do
	bytes=$(head -c "$length" /dev/zero | tr '\0' '\11' | od -An -v -tx1 | tr -d ' \n')
	! registration "$bytes" "$ZERO" | call "$CONTROL" "$REGISTER" "$good_token" || fail "accepted: a key of $length bytes"
	refused "a key of $length bytes" 400 invalid_argument 'key'
	! registration "$(hex_key us)" "$bytes" | call "$CONTROL" "$REGISTER" "$good_token" ||
		fail "accepted: a share of $length bytes"
	refused "a share of $length bytes" 400 invalid_argument 'psk_share'
done
! : | call "$CONTROL" "$REGISTER" "$good_token" || fail "accepted: nothing"
refused "an empty body" 400 invalid_argument 'key'
for point in "$ZERO" "01${ZERO:2}" e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800; do
	! registration "$point" "$ZERO" | call "$CONTROL" "$REGISTER" "$good_token" || fail "accepted: $point"
	refused "$point" 400 invalid_argument 'low order'
done
nothing_came_of_it

step "no token, and what is none"
! good | request "$CONTROL" POST "$REGISTER_PATH" "$PROTO" || fail "accepted without a token"
refused "no token" 401 unauthenticated 'no token'
for header in '' "$good_token" "Basic $good_token" "Bearer" "Bearer$good_token"; do
	! good | request "$CONTROL" POST "$REGISTER_PATH" "$PROTO" "Authorization: $header" ||
		fail "accepted: $header"
	refused "authorisation ${header%% *}" 401 unauthenticated ''
done
for text in x "${good_token%.*}" "${good_token%.*}."; do
	unauthenticated "$text" '' "$text"
done
unauthenticated "a token that is too long" 'no JWT' "$(token a 3600 '.more = ("x" * 13000)')"
call "$CONTROL" "$LOCATE" "$(token a 3600 '.more = ("x" * 12000)')" </dev/null || fail "a long one is refused"
nothing_came_of_it

step "tokens that are wrong; which ones are, the verifier's own tests tell"
unauthenticated "one by somebody else" 'signature is wrong' "$(signed two '{"alg":"EdDSA"}' "$(claims a)")"
unauthenticated "the signature of another one" 'signature is wrong' "${good_token%.*}.$(token b | cut -d. -f3)"
unauthenticated "one without a signature" 'not signed by EdDSA' "$(printf '{"alg":"none"}' | base64url).$(claims a | base64url)."
# The public key as a secret, which is how others were fooled.
text=$(printf '{"alg":"HS256"}' | base64url).$(claims a | base64url)
unauthenticated "the public key as a secret" 'not signed by EdDSA' "$text.$(printf %s "$text" |
	openssl dgst -sha256 -hmac "$(<"$WORK/one.pub.pem")" -binary | base64url)"
unauthenticated "one that has expired" 'expired' "$(token a -61)"
unauthenticated "one that is not valid yet" 'not valid yet' "$(token a 3600 '.nbf = (now | floor) + 90')"
unauthenticated "one for somebody else" 'audience' "$(token a 3600 '.aud = "other"')"
unauthenticated "one without a name" 'jti' "$(token a 3600 'del(.jti)')"
unauthenticated "one of another version" 'version' "$(token a 3600 '.ver = 2')"
nothing_came_of_it

step "a token in its leeway gets answers, and registers nothing"
leeway=$(token a -30)
call "$CONTROL" "$LOCATE" "$leeway" </dev/null || fail "status $(answered)"
! good | call "$CONTROL" "$REGISTER" "$leeway" || fail "accepted"
refused "a token in its leeway" 400 invalid_argument 'no time left'
nothing_came_of_it

step "a data plane without a key is none"
them snaptun set snap0 --remove-private-key
! call "$CONTROL" "$LOCATE" "$good_token" </dev/null || fail "there is a data plane"
refused "no data plane" 503 unavailable ''
them snaptun set snap0 --private-key-file /var/lib/snaptun/snap0.key
call "$CONTROL" "$LOCATE" "$good_token" </dev/null || fail "status $(answered)"

step "the token is nowhere in what it says, and not in the log either"
[[ -z $(sed '/control plane at/d; /has no private key$/d' "$WORK/serve.log") ]] || fail "it says: $(<"$WORK/serve.log")"

step "and a request that is right is"
good | call "$CONTROL" "$REGISTER" "$good_token" || fail "status $(answered)"
expect "identities" "$(there '.identities | length')" 1
stop serve || fail "it does not end well"
