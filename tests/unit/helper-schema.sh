#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The helper knows every attribute, state and event of the netlink interface by its
# name, and every command: one that is added to the specification must show in
# `snaptun show --json` or `snaptun monitor --json`.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

header=$root/include/uapi/linux/snaptun.h
# Lines end where the compiler does not mind: join them.
tr -s ' \t\n' ' ' <"$root/userspace/schema.c" >"$work/schema"

# Each with the name of its set, which its own name begins with.
mapfile -t attributes < <(awk '
	/^\tSNAPTUN_A_[A-Z0-9_]+( = 1)?,$/ { sub(/,.*/, "", $1); names[++n] = $1 }
	/^\t__SNAPTUN_A_[A-Z0-9_]+_MAX,$/ {
		set = $1
		gsub(/^__|MAX,$/, "", set)
		for (i = 1; i <= n; i++)
			print set, names[i]
		n = 0
	}' "$header" | grep -v '_PAD$')
((${#attributes[@]} > 115)) || fail "only ${#attributes[@]} attributes in $header"
for attribute in "${attributes[@]}"; do
	read -r set attribute <<<"$attribute"
	name=${attribute#"$set"}
	name=${name,,}
	grep -qF "[$attribute] = { \"${name//_/-}\", TYPE_" "$work/schema" ||
		fail "userspace/schema.c has no $attribute"
done

mapfile -t states < <(sed -nE 's/^\t(SNAPTUN_(TUNNEL|CONTROL_PLANE)_STATE_[A-Z]+),$/\1/p' "$header")
((${#states[@]} >= 10)) || fail "only ${#states[@]} states in $header"
for state in "${states[@]}"; do
	name=${state#SNAPTUN_*_STATE_}
	grep -qF "[$state] = \"${name,,}\"" "$work/schema" || fail "userspace/schema.c has no $state"
	grep -qx ".It Cm ${name,,}" "$root/Documentation/man/snaptun.8" || fail "the manual has no state ${name,,}"
done

mapfile -t commands < <(sed -nE 's/^\t(SNAPTUN_CMD_[A-Z_]+)( = 1)?,$/\1/p' "$header")
((${#commands[@]} >= 22)) || fail "only ${#commands[@]} commands in $header"
for command in "${commands[@]}"; do
	if [[ $command != *_NTF ]]; then
		grep -qF "case $command:" "$work/schema" || fail "userspace/schema.c has no $command"
		continue
	fi
	name=${command#SNAPTUN_CMD_} name=${name%_NTF} name=${name,,} name=${name//_/-}
	grep -qF "[$command] = \"$name\"" "$work/schema" || fail "userspace/schema.c has no $command"
	grep -qx ".It Cm $name" "$root/Documentation/man/snaptun.8" || fail "the manual has no event $name"
done
