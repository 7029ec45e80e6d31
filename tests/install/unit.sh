#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# systemd has nothing to say about the unit, finds the sandbox that it is in no weaker than it
# is known to be, and what the unit names is what the command knows.
# kernels: host
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$(dirname "$0")/../testbed/lib.sh"
cd "$TB_ROOT"

# The worst exposure that is right, in tenths.
EXPOSURE=18

need systemd procps
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unit=$work/snaptun@snap0.service
sed "s,/usr/sbin/snaptun,$TB_ROOT/build/helper/snaptun,g" packaging/systemd/snaptun@.service >"$unit"
said=$(systemd-analyze verify --man=no "$unit" 2>&1) || true
[[ -z $said ]] || { printf 'systemd-analyze verify: %s\n' "$said"; exit 1; }
systemd-analyze security --no-pager --offline=true --threshold="$EXPOSURE" "$unit" >"$work/log" ||
	{ cat "$work/log"; exit 1; }

# A unit that lacks one of the lines that protect it is seen.
grep -v '^SystemCallFilter' "$unit" >"$work/weak.service"
! systemd-analyze security --no-pager --offline=true --threshold="$EXPOSURE" "$work/weak.service" >"$work/log" ||
	{ echo "the sandbox is rated without a part of it as with it"; exit 1; }

# The statuses for which it is not started again are those of mistakes in files.
[[ $(sed -n 's/^RestartPreventExitStatus=//p' "$unit") == "$(sed -nE \
	's/^\tSTATUS_(USAGE|BAD_KEY) = ([0-9]+),$/\2/p' userspace/command.h | paste -sd ' ')" ]]
# Credentials have the names that the documentation tells.
[[ -n $(sed -n 's/^LoadCredential=//p' "$unit") ]]
while IFS= read -r name; do
	grep -qF "snaptun.snap0.${name##*.}" Documentation/boot.rst
done < <(sed -n 's/^LoadCredential=//p' "$unit")
