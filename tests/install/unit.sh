#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# systemd has nothing to say about the units, finds the sandboxes that they are in no weaker
# than they are known to be, and what the units name is what the command and the manuals know.
# kernels: host
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$(dirname "$0")/../testbed/lib.sh"
cd "$TB_ROOT"

# The worst exposure of each that is right, in tenths. The control plane of a SNAP may listen on
# any port.
declare -A EXPOSURE=([snaptun@]=18 [snaptun-serve]=19)

need systemd procps
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[[ $(cd packaging/systemd && echo *) == "$(printf '%s.service\n' "${!EXPOSURE[@]}" | sort | paste -sd ' ')" ]]

# secure UNIT EXPOSURE: whether systemd rates it so, or better.
secure() {
	systemd-analyze security --no-pager --offline=true --threshold="$2" "$1" >"$work/log"
}

for name in "${!EXPOSURE[@]}"; do
	unit=$work/${name/@/@snap0}.service
	sed "s,/usr/sbin/snaptun,$TB_ROOT/build/helper/snaptun,g" "packaging/systemd/$name.service" >"$unit"
	said=$(systemd-analyze verify --man=no "$unit" 2>&1) || true
	[[ -z $said ]] || { printf 'systemd-analyze verify: %s\n' "$said"; exit 1; }
	secure "$unit" "${EXPOSURE[$name]}" || { cat "$work/log"; exit 1; }

	# A unit that lacks one of the lines that protect it is seen.
	grep -v '^SystemCallFilter' "$unit" >"$work/weak.service"
	! secure "$work/weak.service" "${EXPOSURE[$name]}" ||
		{ echo "$name: the sandbox is rated without a part of it as with it"; exit 1; }

	# The statuses for which it is not started again are those of mistakes in files.
	[[ $(sed -n 's/^RestartPreventExitStatus=//p' "$unit") == "$(sed -nE \
		's/^\tSTATUS_(USAGE|BAD_KEY) = ([0-9]+),$/\2/p' userspace/command.h | paste -sd ' ')" ]]
	# Credentials have the names that the documentation tells.
	[[ -n $(sed -n 's/^LoadCredential=//p' "$unit") ]]
	while IFS= read -r credential; do
		grep -qF "${credential/\%i/snap0}" Documentation/{boot,snap}.rst
	done < <(sed -n 's/^LoadCredential=//p' "$unit")
done
