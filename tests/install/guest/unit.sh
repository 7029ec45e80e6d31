#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# After a boot, the link that a unit of systemd keeps is there, and carries packets; then
# the machine gets a newer kernel.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

step "the tunnel is up, and nobody did anything"
[[ $(uname -r) == "$(</var/local/snap/kernel)" ]] || fail "another kernel, $(uname -r)"
traffic
healthy
systemctl is-active --quiet snaptun@snap0.service || fail "the service does not run"
ip -br addr show snap0 | grep -F 10.77.0.1/24 || fail "it has no address"

step "it lives through a restart of the service, and a reload"
systemctl restart snaptun@snap0.service
traffic
systemctl reload snaptun@snap0.service
traffic

step "apt installs a newer kernel: $*"
echo 'deb [trusted=yes] file:/var/repository/upgrade ./' >/etc/apt/sources.list.d/upgrade.list
install "$@"
newest=$(readlink /vmlinuz)
newest=${newest#*vmlinuz-}
[[ $newest != "$(uname -r)" ]] || fail "there is no newer kernel"
built "$newest"
built "$(uname -r)"
