#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian 12's own dkms adds, builds, installs, upgrades and removes the module, and
# builds it when another kernel is installed.
# kernels: host
# needs: debian-6.1 debian-6.12
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=dkms/lib.sh
. "$(dirname "$0")/dkms/lib.sh"

dkms_in bookworm debian-6.1 debian-6.12
