#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The helper's other tests pass with a build that watches memory and undefined
# behaviour, so that none of them overstepped unseen.
#
# kernels: host
# timeout: 600
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

make -s -C "$root/userspace" SANITIZE=1 >"$work/out" || fail "it does not build"
export SNAPTUN_HELPER=$root/build/helper-sanitize/snaptun
# A finding must not look like one of the helper's own statuses.
export ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1

[[ $(nm -D "$SNAPTUN_HELPER") == *__asan_init* ]] || fail "the build has no sanitizer"

for script in keys key-files usage addresses hides-keys; do
	"$(dirname "$0")/helper-$script.sh" || fail "helper-$script failed"
done
