#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The test runner adds up which lines ran in all of its tests, on the kernels where
# the module counts them.
# kernels: host
#
# What each kernel and test counts is written here, in place of booted kernels.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/tests"/{netns,testbed} "$tree/build/helper"
cp "$root"/tests/{run,coverage} "$tree/tests/"
cp "$root/tests/testbed/lib.sh" "$tree/tests/testbed/"
cd "$tree"
printf 'helper tools:\n\t@touch build/helper/snaptun\n' >Makefile
printf '#!/bin/bash\nmkdir -p %q; touch %q; echo %q\n' made made/complete "$tree/made" \
	>tests/testbed/kernel
printf '#!/bin/bash\necho "$*" >>built; echo %q\n' "$tree/made" >tests/testbed/module
# The counts are in a file named for test and kernel; one without such a file dies.
cat >tests/testbed/run <<'END'
#!/bin/bash
lines=''
while [[ $1 == --* ]]; do
	[[ $1 != --coverage ]] || lines=$2
	shift 2
done
counts=$(basename "$2" .sh)-$1
[[ -z $lines || ! -e $counts ]] || cp "$counts" "$lines"
echo "$counts ${lines:+counts}" >>booted
[[ -e $counts ]]
END
chmod +x tests/testbed/{kernel,module,run}

# test_script NAME KERNELS
test_script() {
	printf '%s\n' '#!/bin/bash' "# kernels: $2" >"tests/netns/$1.sh"
	chmod +x "tests/netns/$1.sh"
}

# said LINE…: the runner's last lines.
said() {
	diff <(tail -n "$#" <<<"$out") <(printf '%s\n' "$@") || {
		printf 'the runner said:\n%s\n' "$out"
		exit 1
	}
}

# have FILE LINE…: what is in that file, in any order.
have() {
	diff <(sort "$1") <(printf '%s\n' "${@:2}" | sort) || {
		printf 'the difference is in %s\n' "$1"
		exit 1
	}
}

test_script one 'uml uml-debug'
test_script two uml-time
printf '%s\n' '3 kernel/a.c:1' '0 kernel/a.c:2' '0 kernel/a.c:9' '0 kernel/a.c:10' \
	'0 kernel/b.c:100' >one-uml
# Lines that have code in another flavour of the module only, and other lines that ran.
printf '%s\n' '1 kernel/a.c:1' '0 kernel/a.c:2' '5 kernel/a.c:10' '0 kernel/b.c:7' \
	'0 kernel/b.c:100' '1 kernel/c.h:4' >two-uml-time
touch one-uml-debug

out=$(tests/run)
said 'line coverage of kernel/: 42.9 % (3 of 7); build/coverage tells more' \
	'3 passed, 0 failed, 0 skipped'
have build/coverage '  0.0 %     0 of    2  kernel/b.c  not 7-100' \
	' 50.0 %     2 of    4  kernel/a.c  not 2-9' '100.0 %     1 of    1  kernel/c.h'
have booted 'one-uml counts' 'one-uml-debug ' 'two-uml-time counts'
have built 'uml gcov' uml-debug 'uml-time gcov'

# Some of the tests are no measure of all, and count only when asked to.
rm booted built
out=$(tests/run netns/one)
[[ $out != *coverage* ]]
have booted 'one-uml ' 'one-uml-debug '
have built uml uml-debug
out=$(tests/run --coverage netns/one)
said 'line coverage of kernel/: 20.0 % (1 of 5) by these tests; build/coverage tells more' \
	'2 passed, 0 failed, 0 skipped'

# A machine that dies has counted nothing.
rm two-uml-time
out=$(tests/run || true)
said 'line coverage of kernel/: 20.0 % (1 of 5); build/coverage tells more' \
	'failed: netns/two' '2 passed, 1 failed, 0 skipped'
