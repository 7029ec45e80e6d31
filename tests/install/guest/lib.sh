# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the scripts share that tests/install runs in a whole machine.
#
# Sourced. A machine has a SNAP beside it, see the script `snap`: /var/local/snap has its
# program, and what is kept from one boot to the next.
set -euo pipefail
shopt -s inherit_errexit

fail() {
	echo "FAILED: $*"
	exit 1
}

step() { printf '# %s\n' "$*"; }

# On a failure, what the machine says of itself.
# shellcheck disable=SC2317 # called by the trap
finish() {
	local status=$?

	((status == 0)) && return
	set +e
	systemctl --failed --no-legend
	journalctl -b --no-pager -n 60 -o short-monotonic
	snaptun show 2>&1
	ip -br link
	dkms status
}
trap finish EXIT

# within SECONDS COMMAND…: waits until the command succeeds.
within() {
	local tries=$(($1 * 5))

	shift
	until "$@"; do
		((tries-- > 0)) || return 1
		sleep 0.2
	done
}

# install PACKAGE…: with apt, as people do, but for what is only recommended: DKMS
# recommends the headers of the usual kernel, too, which this machine does not have, and
# would build a module for it.
install() {
	apt-get -q update >/dev/null
	apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \
		install "$@" 2>&1 | grep --line-buffered -vE '^(Selecting|Preparing|\(Reading|Get:|Unpacking)'
}

# Whether snap0's tunnel is established.
established() { snaptun show snap0 2>/dev/null | grep -q '^  tunnel [0-9]*: established'; }

# built KERNEL: DKMS has our module for it, and no other module of that name is there.
built() {
	dkms status snaptun | grep -F ", $1, " | grep -q ': installed' || {
		dkms status
		fail "DKMS has not built the module for $1"
	}
	[[ $(modinfo -k "$1" -n snaptun) == */updates/dkms/snaptun.ko* ]] || fail "$(modinfo -k "$1" -n snaptun)"
	[[ $(modinfo -k "$1" -F vermagic snaptun) == "$1 "* ]] || fail "built for another kernel"
}

# traffic: the tunnel comes up by itself, and SCION packets reach the application in the
# other AS and come back.
traffic() {
	local assigned

	within 180 established || fail "there is no tunnel"
	assigned=$(snaptun show snap0 | sed -n 's/^ *assigned address: //p')
	/var/local/snap/scion-echo send snap0 --src "$(sed -n 's/^path \([^ ]*\) .*/\1/p' /run/snap/log),$assigned" \
		--dst "$(sed -n 's/^echo //p' /run/snap/log)" \
		--path "$(sed -n 's/^path .* //p' /run/snap/log)" --count 200 --window 20 ||
		fail "packets are lost"
}

# healthy: all that systemd was to start runs.
healthy() {
	[[ -z $(systemctl --failed --no-legend) ]] || fail "a unit has failed"
}

# configure LINE…: what /etc/snaptun/snap0.conf says from now on.
configure() {
	mkdir -p /etc/snaptun
	printf '%s\n' 'endhost-api = http://192.0.2.2:7000' 'token-file = /run/snap/token' "$@" \
		>/etc/snaptun/snap0.conf
}

# files: all that is on the disk, but for what changes by itself, what belongs to a
# package, and what packages make for others: copies of kernels, lists of modules,
# alternatives, catalogues.
files() {
	local owned

	owned=$(cat /var/lib/dpkg/info/*.list | sed -E 's,^/(bin|sbin|lib|lib64)/,/usr/\1/,' | sort -u)
	find / -xdev \( -path /tmp -o -path /var/cache -o -path /var/lib/apt -o -path /var/lib/dpkg \
		-o -path /var/lib/systemd -o -path /var/local/snap -o -path /var/log -o -path /var/tmp \
		\) -prune -o ! -lname '/etc/alternatives/*' -print |
		grep -vE '^/boot/[A-Za-z.]+-|^/usr/lib/modules/[^/]*/modules\.|^/etc/alternatives/|/\.updated$' |
		grep -vE '^(/etc|/var/lib|/usr/local/share)/(sgml|xml)(/|$|-)' |
		sort | comm -23 - <(printf '%s\n' "$owned")
}
