#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual of configuration files is well formed and has every key that they can
# have, and no other.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"
bash -c '. "$1" && need mandoc' - "$root/tests/testbed/lib.sh"

manual=$root/Documentation/man/snaptun.conf.5
mandoc -T lint -W warning "$manual" >"$work/out" || fail "mandoc complains"

# In the table, each key's name opens the line below its number.
keys() {
	sed -nE '/^\t\[CONFIG_[A-Z0-9_]+\] = \{$/{n;s/^\t\t"([a-z0-9-]+)", ".*/\1/p}' \
		"$root/userspace/config.c" | sort
}
wanted=$(sed -n '/^enum config_id {$/,/^};$/p' "$root/userspace/config.h" | grep -c '^	CONFIG_')
# All but the number of keys, which ends the list.
(($(keys | wc -l) == wanted - 1)) || fail "the table has another form than this test knows"
: >"$work/out"
diff <(keys) <(sed -nE 's/^\.It Cm ([a-z0-9-]+) .*/\1/p' "$manual" | sort) >"$work/out" ||
	fail "keys of the helper (<) and of the manual (>) differ"
