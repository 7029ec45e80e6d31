#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NetworkManager leaves the device that our service makes alone, and manages its
# addresses when it is told to.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

# What NetworkManager says of the device.
state() { nmcli -g GENERAL.STATE device show snap0 | sed 's/.*(\(.*\))/\1/'; }

step "the tunnel is up, beside NetworkManager"
systemctl is-active NetworkManager.service
traffic
healthy
[[ $(state) == unmanaged ]] || fail "it is $(state)"
ip -br addr show snap0 | grep -F 10.77.0.1/24 || fail "the address is gone"

step "a connection of its own for the device"
nmcli connection add type generic ifname snap0 con-name snap0 ipv4.method manual \
	ipv4.addresses 10.78.0.1/24 ipv6.method disabled
nmcli connection up snap0
[[ $(state) == connected ]] || fail "it is $(state)"
ip -br addr show snap0 | grep -F 10.78.0.1/24 || fail "it has no address"
traffic
nmcli connection delete snap0
traffic

apt-get -q -y -o Dpkg::Use-Pty=0 purge network-manager >/dev/null
