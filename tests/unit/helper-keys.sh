#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Keys that are made are right: random, clamped, and with the public halves that
# RFC 7748 gives.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

# The key's bytes as hexadecimal digits.
bytes() { base64 -d <<<"$1" | od -An -v -tx1 | tr -d ' \n'; }

accept pubkey <<<"$alice_private"
[[ $(<"$work/out") == "$alice_public" ]] || fail "Alice's public key is wrong"
accept pubkey < <(printf '%s' "$bob_private")
[[ $(<"$work/out") == "$bob_public" ]] || fail "Bob's public key is wrong, read without a newline"

# Bits that clamping sets or clears change nothing.
accept pubkey <<<"cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo="
[[ $(<"$work/out") == "$alice_public" ]] || fail "a clamped key is another key"
accept pubkey <<<"dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LOo="
[[ $(<"$work/out") == "$alice_public" ]] || fail "a key that is not clamped is another key"

seen=()
for command in genkey genkey genpsk genpsk; do
	accept "$command"
	key=$(<"$work/out")
	[[ $(wc -c <"$work/out") == 45 && $key =~ ^[A-Za-z0-9+/]{43}=$ ]] ||
		fail "$command: not one line of base64"
	[[ " ${seen[*]} " != *" $key "* ]] || fail "$command: the same key twice"
	seen+=("$key")
done
for i in {1..16}; do
	accept genkey
	hex=$(bytes "$(<"$work/out")")
	(((0x${hex:0:2} & 7) == 0 && (0x${hex:62:2} & 0xc0) == 0x40)) ||
		fail "genkey: key $i is not clamped"
done

# A file for everybody's eyes gets the key all the same, and a warning.
for command in genkey genpsk; do
	(umask 022 && "$snaptun" "$command" >"$work/open" 2>"$work/err")
	[[ $(wc -l <"$work/err") == 1 && $(<"$work/err") == "snaptun: $command: warning: "* ]] ||
		fail "$command: no warning"
	[[ $(wc -c <"$work/open") == 45 ]] || fail "$command: no key"
	rm "$work/open"
	"$snaptun" "$command" >"$work/shut" 2>"$work/err"
	[[ ! -s $work/err ]] || fail "$command: a warning for a file that is shut"
	rm "$work/shut"
done

# One that everybody may read is read all the same, and a warning given.
printf '%s\n' "$alice_private" >"$work/open"
chmod 604 "$work/open"
call pubkey <"$work/open"
((status == 0)) || fail "pubkey: an open file is refused"
[[ $(<"$work/out") == "$alice_public" ]] || fail "pubkey: not the key of an open file"
[[ $(wc -l <"$work/err") == 1 && $(<"$work/err") == "snaptun: pubkey: warning: everybody may open"* ]] ||
	fail "pubkey: no warning"
chmod 640 "$work/open"
accept pubkey <"$work/open"

# A key that did not arrive is no success.
for command in genkey genpsk; do
	status=0
	"$snaptun" "$command" >/dev/full 2>"$work/err" || status=$?
	((status == 1)) || fail "$command to a full device: status $status, wanted 1"
	grep -qF 'No space left' "$work/err" || fail "$command to a full device: no reason"
done
