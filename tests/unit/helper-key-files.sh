#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is no key is refused, with the reason and the status for it, wherever a key
# is read; a key with white space after it is taken.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

# Every way to read a secret: from standard input, and each option with a file.
readers=(
	"set nodevice --private-key-file"
	"tunnel add nodevice --remote-key $bob_public --endpoint 192.0.2.1:1 --psk-file"
	"tunnel set nodevice 1 --psk-file"
	"identity add nodevice --key $bob_public --psk-file"
	"identity set nodevice --key $bob_public --psk-file"
)

# good PRINTF-ARGUMENT…: this text is a key.
good() {
	local reader words

	# shellcheck disable=SC2059 # the texts have escapes
	printf "$@" >"$work/key"
	accept pubkey <"$work/key"
	[[ $(<"$work/out") == "$alice_public" ]] || fail "another key was read"
	for reader in "${readers[@]}"; do
		read -ra words <<<"$reader"
		# The key was read when it is the device that is missing.
		refuse 3 'nodevice: No such device' "${words[@]}" "$work/key"
		refuse 3 'nodevice: No such device' "${words[@]}" - <"$work/key"
	done
}

# bad WORDS PRINTF-ARGUMENT…: this text is none.
bad() {
	local reasons=$1 reader words

	shift
	# shellcheck disable=SC2059 # the texts have escapes
	printf "$@" >"$work/key"
	refuse 5 "$reasons" pubkey <"$work/key"
	for reader in "${readers[@]}"; do
		read -ra words <<<"$reader"
		refuse 5 "$reasons" "${words[@]}" "$work/key"
		refuse 5 "standard input $reasons" "${words[@]}" - <"$work/key"
	done
}

good "$alice_private"
good "$alice_private\n"
good "$alice_private\r\n"
good "$alice_private \t\n\n"
good "$alice_private%64s" ''

bad 'holds no key, nothing at all' ''
bad 'holds no key, nothing at all' '\n \n'
bad 'holds something else than one key' 'not a key\n'
bad 'holds something else than one key' " $alice_private\n"
bad 'holds something else than one key' "\n$alice_private\n"
bad 'holds something else than one key' '%.43s\n' "$alice_private"
bad 'holds something else than one key' '%.42s==\n' "$alice_private"
bad 'holds something else than one key' "${alice_private}A\n"
bad 'holds something else than one key' "${alice_private}\n#\n"
bad 'holds something else than one key' "${alice_private/+/-}${alice_private/X/-}\n"
bad 'holds something else than one key' "${alice_private/X/_}\n"
bad 'holds something else than one key' "${alice_private/X/\\n}\n"
bad 'holds something else than one key' "${alice_private/X/\\000}\n"
bad 'holds something else than one key' "$alice_private\\000\n"
bad 'holds something else than one key' "${alice_private/X/\\377}\n"
# The bits beyond the 32nd byte must be zero, or two texts are one key.
bad 'holds something else than one key' "${alice_private/LCo=/LCp=}\n"
bad 'holds more than a key' "$alice_private\n$bob_private\n%64s#" ''
bad 'holds no key, nothing at all' '%108s' ''
bad 'holds more than a key' '%109s' ''
bad 'holds more than a key' "%5000s#" ''
bad 'holds a key of zeros' 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n'

for reader in "${readers[@]}"; do
	read -ra words <<<"$reader"
	refuse 5 "$work/none: No such file" "${words[@]}" "$work/none"
	refuse 5 "$work: Is a directory" "${words[@]}" "$work"
	refuse 5 'No such file' "${words[@]}" ''
	refuse 5 'holds no key, nothing at all' "${words[@]}" /dev/null
	refuse 5 'holds more than a key' "${words[@]}" /dev/zero
	refuse 5 'Bad file descriptor' "${words[@]}" - <&-
done
