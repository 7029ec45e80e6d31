#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The helper knows every attribute and state of the netlink interface by its name:
# one that is added to the specification must show in `snaptun show --json`.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

header=$root/include/uapi/linux/snaptun.h
# Lines end where the compiler does not mind: join them.
tr -s ' \t\n' ' ' <"$root/userspace/schema.c" >"$work/schema"

mapfile -t attributes < <(sed -nE 's/^\t(SNAPTUN_A_[A-Z0-9_]+)( = 1)?,$/\1/p' "$header" | grep -vE '_(PAD|MAX)$')
((${#attributes[@]} > 70)) || fail "only ${#attributes[@]} attributes in $header"
for attribute in "${attributes[@]}"; do
	name=${attribute#SNAPTUN_A_*_}
	name=${name,,}
	grep -qF "[$attribute] = { \"${name//_/-}\", TYPE_" "$work/schema" ||
		fail "userspace/schema.c has no $attribute"
done

mapfile -t states < <(sed -nE 's/^\t(SNAPTUN_TUNNEL_STATE_[A-Z]+),$/\1/p' "$header")
((${#states[@]} >= 5)) || fail "only ${#states[@]} states in $header"
for state in "${states[@]}"; do
	name=${state#SNAPTUN_TUNNEL_STATE_}
	grep -qF "[$state] = \"${name,,}\"" "$work/schema" || fail "userspace/schema.c has no $state"
	grep -qx ".It Cm ${name,,}" "$root/Documentation/man/snaptun.8" || fail "the manual has no state ${name,,}"
done
