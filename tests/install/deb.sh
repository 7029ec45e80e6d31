#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make deb` builds packages that lintian has nothing to say about, with all that `make
# install` installs in one of them, and the version that dkms.conf tells. A changelog that
# tells another one stops it.
# kernels: host
# timeout: 600
# shellcheck source-path=SCRIPTDIR source=../check/lib.sh
. "$(dirname "$0")/../check/lib.sh"

need lintian
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scripts/deb "$work"
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' dkms.conf)
arch=$(dpkg --print-architecture)
command=$work/snaptun_${version}_$arch.deb
module=$work/snaptun-dkms_${version}_all.deb

# Source and binary packages, and all that lintian can say. It sees no overrides without
# a reason: they are in a file of their own.
lintian --fail-on error,warning,info,pedantic -I --pedantic "$work/snaptun_${version}_$arch.changes"

# files DEB: what is in there, without folders, compression, and what packages alone have.
files() {
	dpkg-deb --fsys-tarfile "$1" | tar -t | grep -v -e '/$' -e '^./usr/share/doc/' -e '^./usr/share/lintian/' |
		sed -e 's,^\./,,' -e '/.share.man./s,\.gz$,,' | sort
}
DESTDIR=$work/tree PREFIX=/usr MODULE=dkms scripts/install
# Debian has other places for the licence and for completions of zsh, and a name for the
# manual of each program.
diff <({ files "$command"; files "$module"; } | sort) <(cd "$work/tree" &&
	{ find . -type f ! -name COPYING; echo ./usr/share/man/man8/snaptun-control.8; } |
	sed -e 's,^\./,,' -e 's,/zsh/site-functions/,/zsh/vendor-completions/,' | sort)
[[ $(dpkg-deb --ctrl-tarfile "$command" | tar -xO ./conffiles | sort) == \
	"$(cd packaging/ifupdown && printf '/etc/network/%s\n' */snaptun | sort)" ]]

# One version everywhere.
for deb in "$command" "$module"; do
	[[ $(dpkg-deb -f "$deb" Version) == "$version" ]]
done
dpkg-deb -x "$command" "$work/command"
[[ $("$work/command/usr/sbin/snaptun" --version) == "snaptun $version" ]]
dpkg-deb -x "$module" "$work/module"
cmp dkms.conf "$work/module/usr/src/snaptun-$version/dkms.conf"
[[ $(dpkg-deb -f "$module" Depends) =~ (^|' ')dkms ]]
[[ $(dpkg-deb -f "$command" Recommends) == *"snaptun-dkms (= $version)"* ]]

# Another one stops the build before anything is compiled.
mkdir "$work/other"
tree_files | tar -c -T - | tar -x -C "$work/other"
sed -i 's/^PACKAGE_VERSION=.*/PACKAGE_VERSION="9.9"/' "$work/other/dkms.conf"
if "$work/other/scripts/deb" "$work/none" >"$work/said" 2>&1; then
	echo "it builds packages of two versions"
	exit 1
fi
grep -q "the version is $version in debian/changelog, and 9.9 in dkms.conf" "$work/said" ||
	{ cat "$work/said"; exit 1; }
[[ -z $(find "$work/none" -name '*.deb') ]]
