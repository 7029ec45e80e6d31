#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# apt purges the packages while the link is up, and a control plane serves since the boot,
# and nothing is left: no file, module, process, device or unit, nor a key.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

# none COMMAND…: it must print nothing.
none() {
	local said

	said=$("$@" 2>/dev/null || true)
	[[ -z $said ]] || fail "$*: $said"
}

traffic
within 60 systemctl is-active --quiet snaptun-serve.service || fail "the control plane does not serve"
apt-get -q -y -o Dpkg::Use-Pty=0 purge snaptun snaptun-dkms

step "what was running is gone"
none ip -o link show type snaptun
none pgrep -ax 'snaptun(-control)?'
none ls -d /sys/module/snaptun
none systemctl list-units --all --no-legend 'snaptun*'
none systemctl --failed --no-legend

step "so are files"
none dkms status
none dpkg-query -W 'snaptun*'
none systemctl list-unit-files --no-legend 'snaptun*'
none grep -rl snaptun /etc /usr/lib /usr/local /usr/share /usr/src /var/lib/systemd
none find / -xdev -path /var/local/snap -prune -o -name '*snaptun*' -print
[[ ! -e /run/snaptun ]] || fail "there is still /run/snaptun"

step "and what they brought along"
apt-get -q -y -o Dpkg::Use-Pty=0 autoremove --purge >/dev/null
rm /etc/apt/sources.list.d/upgrade.list
files >/var/local/snap/after
diff /var/local/snap/before /var/local/snap/after || fail "the disk is not as it was"
healthy
