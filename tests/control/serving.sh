# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2119,SC2120
# What the tests of `snaptun serve` share: our device on one host, and on the other one the
# control plane, with a device that it makes as its data plane.
#
#	namespace us                   namespace them
#	+-------------------+          +-------------------------------------------+
#	| snap0, scion-echo |          | snap0  the data plane, on port 5000       |
#	| veth0  192.0.2.1  |----------| veth0  192.0.2.2  snaptun serve, on 7001  |
#	+-------------------+          +-------------------------------------------+
#
# Sourced. What `snaptun serve` says is in serve.log.
# shellcheck source-path=SCRIPTDIR source=scripted.sh
. "$(dirname "${BASH_SOURCE[0]}")/scripted.sh"
# shellcheck source-path=SCRIPTDIR source=call.sh
. "$(dirname "${BASH_SOURCE[0]}")/call.sh"

CONTROL=$HOST:7001
UNDERLAYS=/scion.endhost.v1.UnderlayService/ListUnderlays
AS=1-ff00:0:110

# serving: both hosts with our device, and who signs tokens; nobody serves yet.
serving() {
	hosts
	own_folders
	device us
	signer one
	SERVED=(--listen-port 5000 --data-plane "$DATA_PLANE" --control-listen "$CONTROL"
		--insecure-http on --snap-as "$AS" --token-key-file "$WORK/one.pub.pem")
}

# serve [OPTION…]: from now on somebody does, as $SERVED and these say.
serve() {
	background serve them snaptun serve snap0 "${SERVED[@]}" "$@"
	within 20 logged serve ': control plane at ' || fail "nobody serves"
}

# signer NAME: one who can sign tokens; NAME.pem and NAME.pub.pem are the keys.
signer() {
	(umask 077 && openssl genpkey -algorithm ed25519 -out "$WORK/$1.pem" 2>/dev/null)
	openssl pkey -in "$WORK/$1.pem" -pubout -out "$WORK/$1.pub.pem"
}

base64url() { base64 -w 0 | tr +/ -_ | tr -d =; }

# signed SIGNER HEADER CLAIMS: a token of these texts.
signed() {
	local text

	text=$(printf %s "$2" | base64url).$(printf %s "$3" | base64url)
	printf %s "$text" >"$WORK/signed"
	printf '%s.' "$text"
	openssl pkeyutl -sign -rawin -inkey "$WORK/$1.pem" -in "$WORK/signed" | base64url
}

# claims JTI [SECONDS [FILTER]]: those of a token of that life, an hour by default, changed by
# a jq filter.
claims() {
	jq -cn --arg jti "$1" --argjson exp $(($(date +%s) + ${2:-3600})) \
		"{pssid: \"01234567-89ab-cdef-0123-456789abcdef\", exp: \$exp, jti: \$jti} | ${3:-.}"
}

# token JTI [SECONDS [FILTER]]: one that is right, unless the filter makes it something else.
token() { signed one '{"alg":"EdDSA","typ":"JWT"}' "$(claims "$@")"; }

# jwks NAME…: the set of these signers' keys, each with its name as kid.
jwks() {
	local name

	for name; do
		jq -n --arg kid "$name" --arg x "$(openssl pkey -pubin -in "$WORK/$name.pub.pem" \
			-outform DER | tail -c 32 | base64url)" \
			'{kty: "OKP", crv: "Ed25519", use: "sig", $kid, $x}'
	done | jq -s '{keys: .}'
}

# own FILE: what stdin says is in there from now on, all of it at once, and not for others.
own() {
	(umask 077 && cat >"$1.new")
	mv "$1.new" "$1"
}

# refused WHAT STATUS CODE WORDS: the last answer was this error, in all its parts.
refused() {
	local head error

	head=$(<"$WORK/answer.head")
	expect "status of $1" "$(answered)" "$2"
	has_header Content-Type application/json || fail "$1: $head"
	[[ $2 != 401 ]] || has_header WWW-Authenticate Bearer || fail "$1: $head"
	[[ $2 != 405 ]] || has_header Allow POST || fail "$1: $head"
	error=$(jq -r '"\(keys | join(" ")): \(.code), \(.detail), \(.message)"' "$WORK/answer.body")
	[[ $error == "code detail message: $3, null, "*"$4"* ]] || fail "$1: $(<"$WORK/answer.body")"
}

# has_header NAME VALUE: whether the last answer has that.
has_header() {
	local line

	while read -r line; do
		[[ ${line,,} != "${1,,}: ${2,,}"$'\r' ]] || return 0
	done <"$WORK/answer.head"
	return 1
}

# tag JTI: what the authorisations of such a token are called, in hexadecimal.
tag() { printf '6a74693a%.56s' "$(printf %s "$1" | sha256sum)"; }

# there FILTER: what a jq filter says of the data plane.
there() { them snaptun show snap0 --json | jq -r ".[0] | $1"; }

# name KEY: which of our keys that is.
name() { basename "$(grep -lFx -- "$1" "$WORK"/*.pub)" .pub; }

# known: the keys of ours that are identities there, each with the jtis in $JTIS that have
# registered it, and the tags of what is none of these, - where they are empty.
known() {
	local key tags jti

	while read -r key tags; do
		for jti in "${JTIS[@]}"; do
			tags=${tags/"$(tag "$jti")"/"$jti"}
		done
		echo "$(name "$key"): $(tr ' ' '\n' <<<"$tags" | sort | paste -sd ' ')"
	done < <(there '.identities[] | "\(.key) \([.authorisations[].tag | if . == "" then "-" else . end] | join(" "))"') |
		sort | paste -sd ,
}

# is_known WANTED: whether that is so.
is_known() { [[ $(known) == "$1" ]]; }
