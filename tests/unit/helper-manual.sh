#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manuals are well formed and have every command, option and exit code, and no
# option that does not exist. Options that are keys of configuration files are told of
# as such.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"
bash -c '. "$1" && need mandoc' - "$root/tests/testbed/lib.sh"

# What other programs have for options is in the examples alone.
for manual in "$root"/Documentation/man/*.[48]; do
	mandoc -T lint -W warning "$manual" >"$work/out" || fail "mandoc complains"
	[[ $manual != *.8 ]] || mandoc -T ascii "$manual" |
		sed 's/.\x08//g; /^EXAMPLES/,/^[A-Z]/{/^EXAMPLES/d;/^ /d}' >>"$work/text"
done

accept --help
mapfile -t commands < <(sed -nE 's/^  ([a-z]+( (add|set|del))?)  .*/\1/p' "$work/out")
((${#commands[@]} >= 12)) || fail "only ${#commands[@]} commands in the list"
: >"$work/options"
for command in "${commands[@]}"; do
	grep -q "^ *snaptun $command\b" "$work/text" || fail "the synopsis has no $command"
	read -ra words <<<"$command"
	accept "${words[@]}" --help
	grep -oE -- '--[a-z0-9-]+' "$work/out" >>"$work/options" || true
done
printf -- '--help\n--version\n' >>"$work/options"
: >"$work/out"
# What these manuals say is no option has to be none.
awk '/^\.It Cm / { key = $3; keys[key] } /^This is no option/ { delete keys[key] }
	END { for (key in keys) print "--" key }' "$root"/Documentation/man/snaptun{.conf.5,-serve.8} >"$work/keys"
diff <(sort -u "$work/options") \
	<({ grep -oE -- '--[a-z0-9-]+' "$work/text"; cat "$work/keys"; } | sort -u) >"$work/out" ||
	fail "options of the helper (<) and of the manual (>) differ"
: >"$work/out"
diff <(sed -nE 's/^\tSTATUS_[A-Z_]+ = ([0-9]+),$/\1/p' "$root/userspace/command.h") \
	<(sed -n '/^EXIT STATUS/,/^[A-Z]/!d; s/^ *\([0-9][0-9]*\)  .*/\1/p' "$work/text") >"$work/out" ||
	fail "exit codes of the helper (<) and of the manual (>) differ"
