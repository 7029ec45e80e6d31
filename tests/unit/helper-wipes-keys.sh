#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A private key is gone from the process's memory when its public key is written.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"
export LC_ALL=C

# A pipe that is full makes the helper wait with its last write.
mkfifo "$work/pipe"
exec {pipe}<>"$work/pipe"
while timeout 0.2 dd if=/dev/zero bs=4096 count=1 status=none >&"$pipe"; do :; done
"$snaptun" pubkey <<<"$bob_private" >&"$pipe" &
pid=$!
for ((tries = 0; tries < 100; tries++)); do
	[[ $(</proc/$pid/wchan) != *pipe* ]] || break
	read -r -t 0.05 <> <(:) || true
done
dump "$pid" "$work/memory"
kill "$pid"
wait "$pid" || true

# Neither of Bob's keys has a byte that ends a line for grep.
raw() { base64 -d <<<"$1" | od -An -v -tx1 | tr -d '\n' | sed 's/ /\\x/g'; }
holds_text() { grep -qaF "$1" "$work/memory"; }
holds_bytes() { grep -qaP "$(raw "$1")" "$work/memory"; }

# That the search works shows in what must be there.
holds_text "$bob_public" || fail "the dump does not even have the public key's text"
holds_bytes "$bob_public" || fail "the dump does not even have the public key"
! holds_text "$bob_private" || fail "the private key's text is still in memory"
! holds_bytes "$bob_private" || fail "the private key is still in memory"
