# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests dkms-* share.
# shellcheck source-path=SCRIPTDIR source=../../testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../testbed/lib.sh"

# dkms_in RELEASE KERNEL NEWER: DKMS of that Debian release, with the headers of two
# kernels of the testbed.
dkms_in() {
	local kernel releases=() root

	for kernel in "$2" "$3"; do
		kernel_vars "$kernel"
		releases+=("$KERNEL_RELEASE")
	done
	root=$("$TB_ROOT/tests/testbed/root" "$1" dkms "${releases[@]/#/linux-headers-}")
	"$TB_ROOT/tests/testbed/root" --in "$root" --bind "$TB_ROOT" \
		"$TB_ROOT/tests/install/dkms/inside" "${releases[@]}"
}
