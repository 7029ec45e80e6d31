#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The mutants' runner tells killed ones from survivors, and takes neither a mutant
# that does not fit nor tests that fail by themselves for an answer.
# kernels: host
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/tests"/{unit,mutants,testbed} "$tree"/{kernel,include}
cp "$root/tests/run" "$tree/tests/"
cp "$root/tests/mutants/run" "$tree/tests/mutants/"
cp "$root/tests/testbed/lib.sh" "$tree/tests/testbed/"
cd "$tree"
touch Kbuild

# A source of a few lines, and tests that look for one line each.
printf '%s\n' first second third '' last >kernel/source.c
for word in first third; do
	printf '%s\n' '#!/bin/bash' '# kernels: host' \
		"grep -qx $word \"\$SNAPTUN_SRC/kernel/source.c\"" >"tests/unit/tree-$word.sh"
	chmod +x "tests/unit/tree-$word.sh"
done

# mutant NAME TESTS OLD NEW
mutant() {
	printf '%s\n' '# a comment' 'file: kernel/source.c' "what: $1 is wrong" "tests: $2" \
		'--- old' "$3" '+++ new' ${4:+"$4"} >"tests/mutants/$1.mutant"
}

# expect STATUS TEXT…: of a run of all mutants.
expect() {
	local wanted=$1 out status=0 text

	shift
	out=$(tests/mutants/run 2>&1) || status=$?
	for text in "${@:-}"; do
		if ((status != wanted)) || [[ $out != *"$text"* ]]; then
			printf 'expected status %d and: %s\ngot %d and:\n%s\n' "$wanted" "$text" \
				"$status" "$out"
			exit 1
		fi
	done
	cmp -s kernel/source.c <(printf '%s\n' first second third '' last)
}

mutant one unit/tree-first first other
mutant two 'unit/tree-first unit/tree-third' $'second\nthird\n' ''
expect 0 'one ' 'killed by unit/tree-first (' 'two ' 'killed by unit/tree-third (' \
	'2 mutants, 2 killed, 0 survived'

# Changed back between mutants: else the first would kill the third.
mutant three unit/tree-first second other
expect 1 'three ' 'SURVIVED' 'three is wrong' '3 mutants, 2 killed, 1 survived'
rm tests/mutants/three.mutant

# A mutant of the helper: what the tests run is built from the copy, and back.
mkdir userspace
touch dkms.conf
echo works >userspace/helper.c
printf '%s\n' 'all:' $'\t@mkdir -p $(BUILD)' $'\t@cp helper.c $(BUILD)/snaptun' >userspace/Makefile
# shellcheck disable=SC2016 # expanded by the test
printf '%s\n' '#!/bin/bash' '# kernels: host' \
	'grep -qx works "${SNAPTUN_HELPER:-userspace/helper.c}"' >tests/unit/tree-works.sh
chmod +x tests/unit/tree-works.sh
printf '%s\n' '# a comment' 'file: userspace/helper.c' 'what: it fails' \
	'tests: unit/tree-works' '--- old' works '+++ new' fails >tests/mutants/helper.mutant
# Of the two that follow each other, the second one finds it as it was.
mutant mended 'unit/tree-works unit/tree-first' first other
expect 0 'helper ' 'killed by unit/tree-works (' 'mended ' 'killed by unit/tree-first ('
rm tests/mutants/{helper,mended}.mutant
rm -r userspace

# What is no mutant is an error, for --fits too.
for lines in fourth $'first\nthird' fir; do
	mutant four unit/tree-first "$lines" other
	expect 1 'tests/mutants/four.mutant: its lines are not in'
	if tests/mutants/run --fits 2>/dev/null; then
		echo "--fits takes a mutant that does not fit"
		exit 1
	fi
done
echo first >>kernel/source.c
mutant four unit/tree-first first other
if tests/mutants/run --fits four 2>"$tree/said" || ! grep -q 'more than once' "$tree/said"; then
	echo "a mutant fits in two places"
	exit 1
fi
sed -i '$d' kernel/source.c
mutant four unit/none first other
expect 1 'there is no test unit/none'
mutant four unit/tree-first first first
expect 1 'changes nothing'
sed -i '/^what/d' tests/mutants/four.mutant
expect 1 'not complete'
rm tests/mutants/four.mutant
tests/mutants/run --fits

# Those of the helper: it is built for the tests, from the copy.
mkdir userspace
touch dkms.conf
echo right >userspace/tool.c
# shellcheck disable=SC2016
printf 'all:\n\t@mkdir -p $(BUILD) && cp tool.c $(BUILD)/snaptun\n' >userspace/Makefile
# shellcheck disable=SC2016
printf '%s\n' '#!/bin/bash' '# kernels: host' 'grep -qx right "$SNAPTUN_BUILD/helper/snaptun"' \
	>tests/unit/tree-tool.sh
chmod +x tests/unit/tree-tool.sh
mutant five unit/tree-tool right wrong
sed -i 's,kernel/source.c,userspace/tool.c,' tests/mutants/five.mutant
mutant six 'unit/tree-tool unit/tree-first' first other
expect 0 'five ' 'killed by unit/tree-tool (' 'six ' 'killed by unit/tree-first ('
rm tests/mutants/{five,six}.mutant

# Tests that fail without a mutant prove nothing.
sed -i 's/third/never/' tests/unit/tree-third.sh
expect 1 'without a mutant: failed'
