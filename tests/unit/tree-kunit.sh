#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The test runner believes a KUnit suite only when its KTAP says that it passed.
# kernels: host
#
# The suites' results are written here, in place of those of a booted kernel.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/tests"/{testbed,kunit}
cp "$root/tests/run" "$tree/tests/"
cp "$root/tests/testbed/lib.sh" "$tree/tests/testbed/"
cd "$tree"
for command in kernel module; do
	printf '#!/bin/bash\nmkdir -p %q; touch %q; echo %q\n' made made/complete "$tree/made" \
		>"tests/testbed/$command"
done
cat >tests/testbed/run <<'END'
#!/bin/bash
cat ktap
exit "$(<status)"
END
chmod +x tests/testbed/{kernel,module,run}
printf 'static struct kunit_suite %s = {\n\t.name = "snaptun_%s",\n};\n' a noise b replay \
	>tests/kunit/suites.c

# A suite as the kernel writes it: suite NAME VERDICT CASE-LINE…
suite() {
	printf 'suite snaptun_%s\nKTAP version 1\n1..1\n    KTAP version 1\n' "$1"
	printf '    # Subtest: snaptun_%s\n    1..%d\n' "$1" $(($# - 2))
	printf '    %s\n' "${@:3}"
	printf '%s 1 snaptun_%s\nend snaptun_%s\n' "$2" "$1" "$1"
}

# expect STATUS LAST-LINE: boots with the results in `ktap`.
expect() {
	local out status=0

	out=$(tests/run 'kunit/*@uml' 2>&1) || status=$?
	[[ $status == "$1" && $(tail -n 1 <<<"$out") == "$2" ]] || {
		printf 'expected status %s and: %s\ngot status %s and:\n%s\n' "$1" "$2" "$status" "$out"
		exit 1
	}
}

good=$(suite noise ok 'ok 1 vectors' 'ok 2 flips')
echo 0 >status
{ printf '%s\n' "$good"; suite replay ok 'ok 1 model'; } >ktap
expect 0 '2 passed, 0 failed, 0 skipped'

# One case fails; a suite fails without a case; a suite does not come to its end.
{ printf '%s\n' "$good"; suite replay 'not ok' 'not ok 1 model'; } >ktap
expect 1 '1 passed, 1 failed, 0 skipped'
{ printf '%s\n' "$good"; suite replay ok 'ok 1 model' 'not ok 2 far'; } >ktap
expect 1 '1 passed, 1 failed, 0 skipped'
{ printf '%s\n' "$good"; suite replay 'not ok' 'ok 1 model'; } >ktap
expect 1 '1 passed, 1 failed, 0 skipped'
{ printf '%s\n' "$good"; suite replay ok 'ok 1 model' | grep -v '^ok'; } >ktap
expect 1 '1 passed, 1 failed, 0 skipped'
{ printf '%s\n' "$good"; suite replay ok '    not ok 1 parameter' 'ok 1 model'; } >ktap
expect 1 '1 passed, 1 failed, 0 skipped'

# A suite that is missing, that has no case, or whose plan has more.
printf '%s\n' "$good" >ktap
expect 1 '1 passed, 1 failed, 0 skipped'
{ printf '%s\n' "$good"; suite replay ok; } >ktap
expect 1 '1 passed, 1 failed, 0 skipped'
{ printf '%s\n' "$good"; suite replay ok 'ok 1 model' 'ok 2 far' | grep -v far; } >ktap
expect 1 '1 passed, 1 failed, 0 skipped'

# What is skipped is counted; a boot that fails is the failure of all.
{ printf '%s\n' "$good"; suite replay ok 'ok 1 model # SKIP not on this kernel'; } >ktap
expect 0 '1 passed, 0 failed, 1 skipped'
echo 70 >status
expect 1 '0 passed, 2 failed, 0 skipped'
