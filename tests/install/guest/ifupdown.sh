#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# After a boot, the link that /etc/network/interfaces has is there, and goes and comes by
# ifdown and ifup; then the unit gets it back, and networkd or NetworkManager, which the
# first argument says, its address (Documentation/boot.rst has the same text).
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

step "ifupdown has the tunnel up"
traffic
healthy
ip -br addr show snap0 | grep -F 10.77.0.1/24 || fail "it has no address"

step "ifdown and ifup"
ifdown snap0
! ip link show snap0 2>/dev/null || fail "the device is still there"
! systemctl is-active snaptun@snap0.service || fail "the service still runs"
ifup snap0
traffic
ip -br addr show snap0 | grep -F 10.77.0.1/24 || fail "it has no address"
ifdown snap0
rm /etc/network/interfaces.d/snap0

case $1 in
networkd)
	step "from the next boot on its address is networkd's"
	configure
	cat >/etc/systemd/network/snap0.network <<-END
		[Match]
		Name=snap0

		[Link]
		RequiredForOnline=no

		[Network]
		Address=10.77.0.1/24
		LinkLocalAddressing=no
		IPv6AcceptRA=no

		[Route]
		Destination=10.10.0.0/16
	END
	systemctl --quiet enable systemd-networkd.service
	;;
networkmanager)
	step "from the next boot on there is NetworkManager"
	configure 'address = 10.77.0.1/24'
	install network-manager
	;;
esac
systemctl enable snaptun@snap0.service
