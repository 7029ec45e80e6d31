#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# systemd-networkd gives the device that our service makes its address and route, whenever
# it is made, and leaves the tunnel alone.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

# Whether networkd has set the device up.
set_up() {
	ip -br addr show snap0 2>/dev/null | grep -qF 10.77.0.1/24 &&
		ip route show dev snap0 | grep -qF 10.10.0.0/16
}

step "the tunnel is up, and networkd has set it up"
traffic
within 60 set_up || fail "it has no address, or no route"
within 60 eval "networkctl --no-legend list snap0 | grep -E 'routable +configured'" ||
	fail "networkd says: $(networkctl list snap0)"
healthy

step "another device of that name gets it, too"
systemctl restart snaptun@snap0.service
traffic
within 60 set_up || fail "it has no address, or no route"

step "the tunnel does not notice that networkd was restarted"
systemctl restart systemd-networkd.service
within 60 set_up || fail "it has no address, or no route"
traffic

systemctl --quiet disable --now systemd-networkd.service systemd-networkd.socket 2>/dev/null
rm /etc/systemd/network/snap0.network
