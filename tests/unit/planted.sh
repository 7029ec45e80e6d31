# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Plants mistakes in a copy of the tree, for the tests of the checks.
#
# Sourced; sets the working directory to the copy.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
tar -C "$root" --exclude=./build --exclude=./.git --exclude=target -cf - . | tar -C "$tree" -xf -
cd "$tree"

# planted CHECK FILE LINE…: that check fails once FILE ends with these lines, and
# names the file.
planted() {
	local check=$1 file=$2 out status=0

	shift 2
	[[ ! -e $file ]] || cp -p "$file" kept
	printf '%s\n' "$@" >>"$file"
	out=$(tests/check/run "$check" 2>&1) || status=$?
	rm "$file"
	[[ ! -e kept ]] || mv kept "$file"
	if ((status == 0)) || [[ $out != *"${file##*/}"* ]]; then
		printf 'the check %s does not find %s at the end of %s; it says:\n%s\n' \
			"$check" "$*" "$file" "$out"
		exit 1
	fi
	printf 'the check %s found it in %s\n' "$check" "$file"
}
