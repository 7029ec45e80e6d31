#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each counter of the module is one that some test looks at by its name.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

mapfile -t counters < <(sed -nE 's/^\tSNAPTUN_A_COUNTERS_([A-Z0-9_]+)( = 1)?,$/\1/p' \
	"$root/include/uapi/linux/snaptun.h" | grep -vxE 'PAD|MAX')
((${#counters[@]} > 30)) || fail "only ${#counters[@]} counters"
for counter in "${counters[@]}"; do
	name=${counter,,}
	grep -rqE "COUNTED\\($counter\\)|SNAPTUN_A_COUNTERS_$counter\\>" "$root/tests/kunit" ||
		grep -rqE -- "(counter|counted) [a-z]+ ${name//_/-}\\>|\\<${name//_/-} of" \
			"$root/tests/netns" "$root/tests/interop" ||
		fail "no test looks at ${name//_/-}"
done
