#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With the new kernel the link is there as before; then ifupdown gets it instead.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

step "the new kernel has the tunnel up"
[[ $(uname -r) != "$(</var/local/snap/kernel)" ]] || fail "the old kernel, $(uname -r)"
traffic
healthy

step "from the next boot on it is ifupdown's"
systemctl disable --now snaptun@snap0.service
! ip link show snap0 2>/dev/null || fail "the device is still there"
rm /etc/snaptun/snap0.conf
cat >/etc/network/interfaces.d/snap0 <<-END
	auto snap0
	iface snap0 inet static
	    address 10.77.0.1/24
	    snaptun-endhost-api http://192.0.2.2:7000
	    snaptun-token-file /run/snap/token
END
