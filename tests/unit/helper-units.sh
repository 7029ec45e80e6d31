#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The helper's own functions, one by one, under sanitizers (cmocka).
#
# kernels: host
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$root/tests/testbed/lib.sh"

need libcmocka-dev openssl python3
build_sanitized
make -s -j2 -C "$root/tests/unit/helper" BUILD="$root/build/helper-units" \
	HELPER_LIBRARY="$root/build/helper-sanitize/helper.a" >"$work/out" 2>&1 || fail "the tests do not build"
ran=0
for program in "$root"/tests/unit/helper/test_*.c; do
	program=$root/build/helper-units/$(basename "$program" .c)
	"$program" >"$work/out" 2>&1 || fail "${program##*/} failed"
	((++ran))
done
((ran)) || fail "there is none"
