#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# As dkms-12, with that of Debian 13, its kernel and the newest of its backports.
# kernels: host
# needs: debian-13 debian-newest
# timeout: 1800
# long
# shellcheck source-path=SCRIPTDIR source=dkms/lib.sh
. "$(dirname "$0")/dkms/lib.sh"

dkms_in trixie debian-13 debian-newest
