#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A script that hangs is ended when its time is over, and with it the machine.
#
# kernels: host
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/script" <<'END'
#!/bin/bash
echo begun
trap '' TERM INT HUP
while :; do sleep 1; done
END
chmod +x "$work/script"
for kernel in uml uml-time; do
	status=0
	TMPDIR=$work "$here/testbed/run" --no-load --timeout 6 --log "$work/log" "$kernel" \
		"$work/script" >"$work/out" 2>"$work/err" </dev/null || status=$?
	cat "$work/err"
	((status == 124)) || { echo "$kernel: status $status instead of 124"; exit 1; }
	[[ $(<"$work/out") == begun ]]
	grep -q 'the time is over (6 s)' "$work/err"
	# The machine's arguments name its folder, which was below $work.
	if pgrep -f "TESTBED_DIR=$work/" >/dev/null; then
		echo "$kernel: the machine still runs"
		exit 1
	fi
	[[ -z $(find "$work" -name 'testbed.*') ]]
done
