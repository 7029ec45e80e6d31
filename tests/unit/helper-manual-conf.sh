#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual of configuration files is well formed, and it and that of the control plane have
# every key that their files can have, and no other.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"
bash -c '. "$1" && need mandoc' - "$root/tests/testbed/lib.sh"

manuals=$root/Documentation/man
mandoc -T lint -W warning "$manuals/snaptun.conf.5" >"$work/out" || fail "mandoc complains"

# In the table, each key's name opens the line below its number, and flags say whose file has it.
keys() { # link|serve
	awk -v use="$1" '/^\t\[CONFIG_[A-Z0-9_]+\] = \{$/ { name = ""; flags = ""; in_key = 1; next }
		in_key && name == "" { name = $1; gsub(/[",]/, "", name); next }
		in_key && /^\t\},$/ {
			in_key = 0
			if (use == "serve" ? flags ~ /SERVE_/ : flags !~ /SERVE_ALONE/)
				print name
		}
		in_key { flags = flags $0 }' "$root/userspace/config.c" | sort
}
wanted=$(sed -n '/^enum config_id {$/,/^};$/p' "$root/userspace/config.h" | grep -c '^	CONFIG_')
# All but the number of keys, which ends the list.
(($({ keys link; keys serve; } | sort -u | wc -l) == wanted - 1)) ||
	fail "the table has another form than this test knows"
for use in link:snaptun.conf.5 serve:snaptun-serve.8; do
	: >"$work/out"
	diff <(keys "${use%:*}") <(sed -nE 's/^\.It Cm ([a-z0-9-]+) .*/\1/p' "$manuals/${use#*:}" | sort) \
		>"$work/out" || fail "keys of the helper (<) and of ${use#*:} (>) differ"
done
