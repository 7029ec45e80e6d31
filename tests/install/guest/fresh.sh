#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a machine that never had them: apt installs the packages, DKMS builds the module, the
# kernel loads it by itself when a device is made, and a link is configured to come up at
# the next boot.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

healthy
./snap install
files >/var/local/snap/before
uname -r >/var/local/snap/kernel

step "apt installs the packages"
install ./snaptun_*.deb ./snaptun-dkms_*.deb linux-headers-cloud-amd64
built "$(uname -r)"
[[ ! -d /sys/module/snaptun ]] || fail "it is loaded, and nobody has asked for it"

step "a device loads the module"
ip link add snap1 type snaptun
[[ -d /sys/module/snaptun ]] || fail "it is not loaded"
ip link del snap1

step "a link, for the next boot"
configure 'address = 10.77.0.1/24'
systemctl enable snaptun@snap0.service
