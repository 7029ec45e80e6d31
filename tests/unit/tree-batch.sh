#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Scripts for uml-debug share boots, few enough in each that all jobs have some, and
# each has a result of its own; what could not run goes on in another boot.
# kernels: host
#
# The scripts run here, in place of a booted kernel, as the testbed would.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/tests"/{netns,testbed} "$tree/build/helper"
cp "$root/tests/run" "$tree/tests/"
cp "$root/tests/testbed/lib.sh" "$tree/tests/testbed/"
cd "$tree"
printf 'helper tools:\n\t@touch build/helper/snaptun\n' >Makefile
for command in kernel module; do
	printf '#!/bin/bash\nmkdir -p %q; touch %q; echo %q\n' made made/complete "$tree/made" \
		>"tests/testbed/$command"
done
# A script's status says what its kernel does. Boots are written down, with all scripts
# that were to run in them.
cat >tests/testbed/run <<'END'
#!/bin/bash
batch=''
while [[ $1 == --* ]]; do
	[[ $1 != --batch ]] || batch=$2
	[[ $1 == --no-load ]] || shift
	shift
done
shift
names=("${@##*/}")
echo "${names[*]%.sh}" >>boots
[[ ! -e broken ]] || { echo no kernel; exit 71; }
[[ -n $batch ]] || exec "$1"
for ((n = 0; $# > 0; n++)); do
	status=0
	"$1" >"$batch/$n.out" 2>&1 || status=$?
	echo "log of $1" >"$batch/$n.kernel"
	case $status in
	71 | 124) echo "$status "; break ;;
	*) echo "$status $(<ms)" ;;
	esac >"$batch/$n.status"
	((status != 70)) || break
	shift
done
END
chmod +x tests/testbed/{kernel,module,run}

# test_script NAME LINE…
test_script() {
	printf '%s\n' '#!/bin/bash' '# kernels: uml-debug' "${@:2}" >"tests/netns/$1.sh"
	chmod +x "tests/netns/$1.sh"
}

# wants LAST-LINE BOOT…: runs the tests; how it must end, and what the boots must be.
wants() {
	out=$(tests/run --jobs "$jobs" 2>&1) || true
	if [[ $(tail -n 1 <<<"$out") != "$1" ]] || ! diff boots <(printf '%s\n' "${@:2}"); then
		printf 'the runner said:\n%s\n' "$out"
		exit 1
	fi
	rm boots
}

# line REGEX: which a line of what it said must match.
line() { grep -qE -- "$1" <<<"$out" || { printf 'no line matches %s:\n%s\n' "$1" "$out"; exit 1; }; }

echo 98700 >ms
jobs=1
for name in a d e; do test_script "$name" ':'; done
test_script b 'echo wrong; exit 3'
test_script c 'echo not here; exit 77'
wants '3 passed, 1 failed, 1 skipped' 'a b c d e'
line '^ok +1/5 +netns/a +98.7 s$'
line '^FAIL +2/5 +netns/b +98.7 s +\(status 3\)$'
line '^ +\| wrong$'
line '^ +: log of tests/netns/b.sh$'
line '^skip +3/5 +netns/c +98.7 s +\(not here\)$'

test_script b 'echo by the script; echo "testbed: the kernel complained: BUG"; echo a trace; exit 70'
wants '3 passed, 1 failed, 1 skipped' 'a b c d e' 'c d e'
line '^FAIL +2/5 .*netns/b +98.7 s +\(the kernel complained: BUG\)$'
said=$(grep '^ *|' <<<"$out")
[[ $said == *'complained: BUG'*'a trace'*'by the script' ]] || {
	printf 'not what the kernel said, then the script:\n%s\n' "$said"
	exit 1
}

# A script's own status may be the same.
test_script b 'echo by the script; exit 70'
wants '3 passed, 1 failed, 1 skipped' 'a b c d e' 'c d e'
line '^FAIL +2/5 .*netns/b +98.7 s +\(status 70, and the kernel did not complain\)$'
line '^ +\| by the script$'

# Of the script that ended the machine nobody measured the time.
echo 1 >ms
for status in 71 124; do
	test_script d "exit $status"
	wants '2 passed, 2 failed, 1 skipped' 'a b c d e' 'c d e' 'e'
	line '^FAIL +4/5 +netns/d +[0-9]\.[0-9] s'
done

# A kernel that does not boot fails each of them, and is given up in the end.
touch broken
wants '0 passed, 5 failed, 0 skipped' 'a b c d e' 'b c d e' 'c d e' 'd e' 'e'
line '^ +\| no kernel$'
rm broken

# What has to be alone is, and what may take long is first of it.
test_script b '# own-boot' ':'
test_script c '# no-load' ':'
test_script d '# timeout: 400' ':'
test_script e '# alone' ':'
for name in f g; do test_script "$name" ':'; done
wants '7 passed, 0 failed, 0 skipped' 'a f g' 'd' 'b' 'c' 'e'

# Not too many in a boot, and as many boots as there are jobs.
for name in b c d e {h..o}; do test_script "$name" ':'; done
wants '15 passed, 0 failed, 0 skipped' 'a b c d e f g h' 'i j k l m n o'
jobs=3
out=$(tests/run --jobs 3) || true
diff <(sort boots) <(printf '%s\n' 'a b c d e' 'f g h i j' 'k l m n o')
