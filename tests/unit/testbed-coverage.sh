#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The testbed tells how often the lines of the module ran, all times together that a
# script had it loaded, and nothing of a machine that died.
#
# kernels: host
# needs: uml uml-time
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# count KERNEL LINE…: a script of these lines, with what ran in $work/lines.
count() {
	printf '%s\n' '#!/bin/bash' "${@:2}" >"$work/script"
	chmod +x "$work/script"
	rm -f "$work/lines"
	"$here/testbed/run" --coverage "$work/lines" --log "$work/log" "$1" "$work/script" \
		</dev/null
}

# ran FUNCTION: how often it was called, by the line that names it.
ran() {
	local file line

	IFS=: read -r file line _ <<<"$(cd "$here/.." && grep -nE "^static .*\b$1\(" kernel/*.c)"
	sed -n "s,^\([0-9]*\) $file:$line\$,\1,p" "$work/lines"
}

# expect FUNCTION TIMES
expect() {
	local times

	times=$(ran "$1")
	[[ $times == "$2" ]] || { echo "$1 ran ${times:-in no line of the counts,} not $2 times"; exit 1; }
}

for kernel in uml uml-time; do
	count "$kernel" true
	expect snaptun_init 1
	expect snaptun_exit 1
	expect newlink 0
done

# shellcheck disable=SC2016 # for the script's shell
count uml 'ip link add one type snaptun' 'rmmod snaptun' 'insmod "$SNAPTUN_MODULE"' \
	'ip link add two type snaptun'
expect snaptun_init 2
expect newlink 2

status=0
count uml 'echo c >/proc/sysrq-trigger' >"$work/out" 2>&1 || status=$?
((status == 70)) || { cat "$work/out"; exit 1; }
[[ ! -e $work/lines ]]
