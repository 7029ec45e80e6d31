# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of the helper share. Sourced.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# The sanitizers' test puts another build here.
snaptun=${SNAPTUN_HELPER:-$root/build/helper/snaptun}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077

# RFC 7748, section 6.1, in base64.
# shellcheck disable=SC2034 # for those who source this
{
	alice_private=dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=
	alice_public=hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=
	bob_private=XasIfmJKikt54X+Lg4AO5m87sSkmGLb9HC+LJ/+I4Os=
	bob_public=3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=
}

fail() {
	printf '%s\n' "$*"
	[[ ! -s $work/out ]] || sed 's/^/stdout: /' "$work/out"
	[[ ! -s $work/err ]] || sed 's/^/stderr: /' "$work/err"
	exit 1
}

# call ARGUMENT…: runs the helper on this function's stdin; status in $status,
# output in files.
call() {
	status=0
	"$snaptun" "$@" >"$work/out" 2>"$work/err" || status=$?
}

# accept ARGUMENT…: it succeeds without a word on stderr.
accept() {
	call "$@"
	((status == 0)) || fail "snaptun $*: status $status, wanted 0"
	[[ ! -s $work/err ]] || fail "snaptun $*: something on stderr"
}

# refuse STATUS WORDS ARGUMENT…: it fails with this status, nothing on stdout and
# one line on stderr, which contains these words.
refuse() {
	local wanted=$1 words=$2

	shift 2
	call "$@"
	((status == wanted)) || fail "snaptun $*: status $status, wanted $wanted"
	[[ ! -s $work/out ]] || fail "snaptun $*: something on stdout"
	[[ $(wc -l <"$work/err") == 1 ]] || fail "snaptun $*: not one line on stderr"
	[[ $(<"$work/err") == "snaptun: "*"$words"* ]] ||
		fail "snaptun $*: its line does not say \"$words\""
}

# build_sanitized: build/helper-sanitize is there, whichever test needs it first.
build_sanitized() {
	mkdir -p "$root/build"
	flock "$root/build/helper-sanitize.lock" \
		make -s -j2 -C "$root/userspace" SANITIZE=1 >"$work/out" || fail "the helper does not build"
}

# dump PID FILE: copies all memory that the process can write to.
dump() {
	local range mode rest first last

	: >"$2"
	while read -r range mode rest; do
		[[ $mode == rw* && $rest != *'[vv'* ]] || continue
		first=$((16#${range%-*})) last=$((16#${range#*-}))
		dd if="/proc/$1/mem" bs=4096 skip=$((first / 4096)) count=$(((last - first) / 4096)) \
			status=none >>"$2" 2>/dev/null || true
	done <"/proc/$1/maps"
}
