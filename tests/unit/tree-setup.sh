#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A set-up step that is done says nothing and changes nothing when it is done again.
# kernels: host
# needs: uml
set -euo pipefail

cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# twice COMMAND…: what the second time prints must be no more than a path.
twice() {
	local out

	"$@" >/dev/null
	out=$("$@" 2>&1)
	[[ $out != *[[:space:]]* ]] || {
		printf 'the second time, %s says:\n%s\n' "$*" "$out"
		exit 1
	}
}

make -s helper
stat -c '%y %i' build/helper/snaptun >"$work/before"
twice make -s helper
twice make -s tools
twice tests/testbed/kernel uml
twice bash -c '. tests/testbed/lib.sh && need make'
stat -c '%y %i' build/helper/snaptun | diff "$work/before" -
