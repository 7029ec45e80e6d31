#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tests of the helper, most on the host and some in a kernel, pass with a build that
# watches memory and undefined behaviour: none of them overstepped unseen.
#
# kernels: host
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

build_sanitized
export SNAPTUN_HELPER=$root/build/helper-sanitize/snaptun
[[ $(nm -D "$SNAPTUN_HELPER") == *__asan_init* ]] || fail "the build has no sanitizer"
: >"$work/out"

# A finding ends the helper with status 1 or by a signal, and with many lines where
# each test wants none or one.
for script in keys key-files usage addresses prefixes hides-keys; do
	"$root/tests/unit/helper-$script.sh" || fail "unit/helper-$script failed"
done
for script in refusals show; do
	"$root/tests/testbed/run" uml "$root/tests/netns/helper-$script.sh" </dev/null ||
		fail "netns/helper-$script failed"
done
