#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The script's exit status, arguments and whole output come back from the machine.
#
# kernels: host
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

expect() { # WANTED STATUS ARGUMENT…
	local status=0

	"$here/testbed/run" --no-load --log "$work/log" uml "$work/script" "${@:2}" \
		>"$work/out" </dev/null || status=$?
	((status == $1)) || { echo "status $status instead of $1"; cat "$work/out"; exit 1; }
}

# What the script prints or leaves on its terminal is no status.
cat >"$work/script" <<'END'
#!/bin/bash
printf 'status 0\n'
printf '%s\n' "${@:2}"
seq 1 50000
exit "$1"
END
chmod +x "$work/script"
for status in 0 1 7 77 255; do
	expect "$status" "$status"
done
# shellcheck disable=SC2016 # dollar signs must survive too
arguments=('two words' "quo'te" '' '$HOME *' $'line\nbreak')
expect 3 3 "${arguments[@]}"
{
	printf 'status 0\n'
	printf '%s\n' "${arguments[@]}"
	seq 1 50000
} >"$work/wanted"
cmp "$work/wanted" "$work/out"

# shellcheck disable=SC2016 # for the script's shell
printf '#!/bin/bash\nkill -SEGV $$\n' >"$work/script"
expect $((128 + 11))
printf '#!/bin/bash\ntouch /file\n' >"$work/script"
expect 1
