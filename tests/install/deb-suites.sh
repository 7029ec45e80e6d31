#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages that were built here install on Debian 12 and 13 with what these have; built again
# they are the same to the byte. Purged they leave nothing, what was configured or made in
# between included.
# kernels: host
# long
# timeout: 1800
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$(dirname "$0")/../testbed/lib.sh"

need mmdebstrap
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for n in 1 2; do "$TB_ROOT/scripts/deb" "$work/$n"; done
for file in "$work"/1/*.deb "$work"/1/*.tar.xz; do
	cmp "$file" "$work/2/${file##*/}"
done

# Runs in each root. Folders that others use, too, and logs of the packaging tools are not ours.
cat >"$work/inside" <<'END'
#!/bin/bash
set -euo pipefail

# everything: all files but those that installing any package changes.
everything() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/cache \
		-o -path /var/log -o -path /var/lib/apt -o -path /var/lib/dpkg \) -prune -o -print | sort
}
export DEBIAN_FRONTEND=noninteractive
apt-get -y --no-install-recommends install procps dkms >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
everything >/tmp/before
apt-get -y --no-install-recommends install /tmp/snaptun*.deb >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
snaptun --version
snaptun connect --help >/tmp/log
snaptun serve --help >/tmp/log
# Nothing begins at boot before somebody says so.
[[ -z $(find /etc/systemd -name '*snaptun*') ]]
for program in snaptun snaptun-control; do
	if ldd "/usr/sbin/$program" | grep 'not found'; then exit 1; fi
done
[[ $(stat -c %a /etc/snaptun) == 700 ]]
dkms status snaptun | grep added
printf 'snap = https://snap.example\n' >/etc/snaptun/snap0.conf
printf 'device = snap1\n' >/etc/snaptun-serve.conf
mkdir -p /var/lib/snaptun /etc/systemd/system/multi-user.target.wants
snaptun genkey >/var/lib/snaptun/snap0.key
ln -s /usr/lib/systemd/system/snaptun@.service \
	/etc/systemd/system/multi-user.target.wants/snaptun@snap0.service
ln -s /usr/lib/systemd/system/snaptun-serve.service \
	/etc/systemd/system/multi-user.target.wants/snaptun-serve.service
apt-get -y remove snaptun snaptun-dkms >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
[[ -e /etc/snaptun/snap0.conf && -e /etc/snaptun-serve.conf && -e /var/lib/snaptun/snap0.key ]]
# Libraries that came with them go, too, whatever suggests them.
apt-get -y -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false \
	--purge autoremove snaptun snaptun-dkms >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
diff /tmp/before <(everything)
END
chmod +x "$work/inside"
for suite in bookworm trixie; do
	sources "$suite" >"$work/$suite.list"
	say "installing in $suite"
	mmdebstrap --variant=apt --format=null --include=systemd \
		--customize-hook="copy-in $work/inside $work/1/$(cd "$work/1" && echo snaptun_*.deb) /tmp" \
		--customize-hook="copy-in $work/1/$(cd "$work/1" && echo snaptun-dkms_*.deb) /tmp" \
		--customize-hook="chroot \"\$1\" /tmp/inside" "$suite" "$work/null" "$work/$suite.list" \
		>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
	grep -E '^snaptun [0-9.]+$' "$work/log"
done
