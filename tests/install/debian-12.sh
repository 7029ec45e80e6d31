#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a fresh Debian 12, apt installs the packages, and a link comes up at every boot: by
# a unit of systemd, with a newer kernel, by ifupdown, beside NetworkManager; a SNAP's
# control plane runs as a service; then a purge leaves nothing.
# kernels: host
# timeout: 10800
# long
# shellcheck source-path=SCRIPTDIR source=guest/machine.sh
. "${0%/*}/guest/machine.sh"

machine debian-12 network-manager
stage 3600 fresh.sh
readarray -t upgrade <"$work/machine/upgrade"
stage 3600 unit.sh "${upgrade[@]}"
stage 900 upgraded.sh
stage 900 ifupdown.sh networkmanager
stage 900 networkmanager.sh
stage 900 serve.sh
stage 900 purge.sh
