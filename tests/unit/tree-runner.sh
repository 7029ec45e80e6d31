#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The test runner tells passed, failed, skipped and hung tests apart, in a tree of
# small tests made here.
# kernels: host
set -euo pipefail
unset SNAPTUN_REQUIRE_PEER

root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/tests"/{unit,interop,control,testbed,kunit,tools}
cp "$root/tests/run" "$tree/tests/"
cp "$root/tests/testbed/lib.sh" "$tree/tests/testbed/"
cd "$tree"

fail() {
	printf '%s\n' "$*"
	printf 'the runner said:\n%s\n' "$out"
	exit 1
}

# test_script GROUP/NAME LINE…
test_script() {
	printf '%s\n' '#!/bin/bash' '# kernels: host' "${@:2}" >"tests/$1.sh"
	chmod +x "tests/$1.sh"
}

# run ARGUMENT…: the runner's output in $out, its status in $status.
run() {
	status=0
	out=$(tests/run "$@" 2>&1) || status=$?
}

# wants STATUS LAST-LINE PATTERN…: how the last run has to have ended.
wants() {
	[[ $status == "$1" ]] || fail "status $status, not $1"
	[[ $(tail -n 1 <<<"$out") == "$2" ]] || fail "the last line is not: $2"
	shift 2
	for pattern; do
		grep -qE -- "$pattern" <<<"$out" || fail "no line matches $pattern"
	done
}

test_script unit/tree-passes ':'
test_script unit/tree-too ':'
run
wants 0 '2 passed, 0 failed, 0 skipped' '^ok .* unit/tree-passes +[0-9.]+ s$'

test_script unit/tree-skips 'echo first; echo no such thing here; exit 77'
run
wants 0 '2 passed, 0 failed, 1 skipped' '^skip .* unit/tree-skips .*\(no such thing here\)$'
run unit/tree-skips
wants 1 '0 passed, 0 failed, 1 skipped'

# A failure is shown in full; the others run all the same.
test_script unit/tree-fails 'seq 100; echo complaint >&2; exit 3'
run --jobs 1
wants 1 '2 passed, 1 failed, 1 skipped' '^FAIL .* unit/tree-fails .*status 3' \
	'^ +\| 1$' '^ +\| 50$' '^ +\| complaint$' '^failed: unit/tree-fails$'

# Which tests run: by name, glob, group; long ones only when asked for.
run 'unit/*too' unit/tree-passes
wants 0 '2 passed, 0 failed, 0 skipped'
run unit
wants 1 '2 passed, 1 failed, 1 skipped'
run unit/none-such
wants 1 '0 passed, 0 failed, 0 skipped' 'no test matches unit/none-such '
run unit/tree-passes unit/none-such
wants 1 '0 passed, 0 failed, 0 skipped' 'no test matches unit/none-such '
test_script unit/tree-long '# long' 'echo that took long; exit 1'
run 'unit/tree-passes' 'unit/tree-long'
wants 0 '1 passed, 0 failed, 0 skipped'
run 'unit/tree-long'
wants 1 '0 passed, 0 failed, 0 skipped' 'in the other run, with --long'
run --long
wants 1 '0 passed, 1 failed, 0 skipped' 'that took long'
test_script unit/tree-long '# long on: host' 'echo that took long; exit 1'
run 'unit/tree-long'
wants 1 '0 passed, 0 failed, 0 skipped' 'in the other run, with --long'
run --long
wants 1 '0 passed, 1 failed, 0 skipped' 'that took long'
for header in '# timeout: 5m' '# timeout: 0' '# needs: nothing' '# long on: uml'; do
	test_script unit/tree-odd "$header"
	run unit/tree-passes
	((status == 1)) || fail "$header was taken"
	grep -q 'tests/unit/tree-odd.sh: ' <<<"$out" || fail "$header: not said where"
done
rm tests/unit/tree-odd.sh

# A hung test ends, and so does all that it started. So does what a test leaves
# behind when it is done.
test_script unit/tree-hangs '# timeout: 1' "sleep 987 & echo \$! >$tree/hung" 'sleep 988'
test_script unit/tree-leaves "sleep 989 & echo \$! >$tree/left"
run 'unit/tree-[hl]e*' unit/tree-hangs
wants 1 '1 passed, 1 failed, 0 skipped' '^FAIL .* unit/tree-hangs .*took too long'
for pid in "$(<hung)" "$(<left)"; do
	for _ in {1..50}; do
		state=$(sed 's/.*) //;s/ .*//' "/proc/$pid/stat" 2>/dev/null || echo gone)
		[[ $state != gone && $state != Z ]] || break
		sleep 0.1
	done
	[[ $state == gone || $state == Z ]] || fail "process $pid outlived its test"
done

# Where the Rust peer is demanded, an interop test must not be skipped.
printf '#!/bin/bash\necho %q\n' "$tree/peer" >tests/interop/build-peer
chmod +x tests/interop/build-peer
touch -d 2001-01-01 peer
mkdir -p build/helper
printf 'helper tools:\n\t@touch -d 2001-01-01 build/helper/snaptun\n' >Makefile
test_script interop/absent 'echo no peer; exit 77'
run interop unit/tree-passes
wants 0 '1 passed, 0 failed, 1 skipped' '^build: Rust peer of interop +cached$'
SNAPTUN_REQUIRE_PEER=1 run interop unit/tree-passes
wants 1 '1 passed, 1 failed, 0 skipped' '^FAIL .* interop/absent .*not allowed'
printf '#!/bin/bash\necho no cargo; exit 77\n' >tests/interop/build-peer
run interop unit/tree-passes
wants 0 '1 passed, 0 failed, 1 skipped' '^skip .*interop/absent .*\(no cargo\)$'
SNAPTUN_REQUIRE_PEER=1 run interop unit/tree-passes
wants 1 '1 passed, 1 failed, 0 skipped'

# The control plane's tests need another program, and go without it alike.
printf '#!/bin/bash\n[[ $* == --network ]] || exit 1\necho no network; exit 77\n' >tests/interop/build-peer
test_script control/absent 'echo not reached'
run control unit/tree-passes
wants 0 '1 passed, 0 failed, 1 skipped' '^skip .*control/absent .*\(no network\)$'
SNAPTUN_REQUIRE_PEER=1 run control unit/tree-passes
wants 1 '1 passed, 1 failed, 0 skipped' '^FAIL .* control/absent .*not allowed'

# A test that says it wants the machine for itself is alone on it.
test_script unit/pair-busy "touch $tree/busy; sleep 1; rm $tree/busy"
test_script unit/pair-wants-peace '# alone' "sleep 0.3; [[ ! -e $tree/busy ]]"
run 'unit/pair-*'
wants 0 '2 passed, 0 failed, 0 skipped'

# A script that would never run is a mistake, not a test less.
printf '#!/bin/bash\n:\n' >tests/unit/forgotten.sh
chmod +x tests/unit/forgotten.sh
run
[[ $status == 1 && $out == *forgotten.sh:*kernels* ]] || fail "a test without kernels counts as none"
test_script unit/forgotten
chmod -x tests/unit/forgotten.sh
run
[[ $status == 1 && $out == *forgotten.sh:*executable* ]] || fail "a file mode hides a test"
sed -i 's/host/vax/' tests/unit/forgotten.sh
chmod +x tests/unit/forgotten.sh
run
[[ $status == 1 && $out == *vax* ]] || fail "an unknown kernel passes"
