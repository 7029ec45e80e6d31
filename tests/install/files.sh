#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make install` puts the helper, its manuals, completions, units and hooks, and the module
# where DESTDIR and PREFIX say, for old kernels and new ones, or its sources for DKMS, and
# `make uninstall` takes all of it away.
# kernels: host
# needs: debian-6.1 uml
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$(dirname "$0")/../testbed/lib.sh"

cd "$TB_ROOT"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# installed_in ROOT FILE…: these files and no others are there, none executable but
# the helper and hooks. A kernel's build tree may make the lists of its modules.
installed_in() {
	local root=$1

	shift
	diff <(printf '%s\n' "$@" | sort) <(cd "$root" && find . -type f \
		! -path './lib/modules/*/modules.*' | sed 's,^\./,,' | sort)
	diff <(printf '%s\n' "$@" | grep -E 'sbin/|/if-' | sort) <(cd "$root" && find . -type f -perm /111 | sed 's,^\./,,' | sort)
}

# The module for one kernel, where there is no DKMS.
path=/usr/sbin:/usr/bin:/sbin:/bin
if command -v dkms >/dev/null; then
	mkdir "$work/bin"
	ln -s /usr/bin/* /usr/sbin/* /bin/* /sbin/* "$work/bin/" 2>/dev/null || true
	rm "$work/bin/dkms"
	path=$work/bin
fi

# common PREFIX: what is installed wherever the module goes, without a slash before it.
common() {
	local file

	printf 'etc/network/%s/snaptun\n' if-pre-up.d if-post-down.d
	printf "$1/%s\n" sbin/snaptun{,-control} share/bash-completion/completions/snaptun \
		share/fish/vendor_completions.d/snaptun.fish share/zsh/site-functions/_snaptun \
		lib/systemd/system/snaptun{@,-serve}.service
	for file in Documentation/man/*.[1-8]; do
		printf '%s/share/man/man%s/%s\n' "$1" "${file##*.}" "${file##*/}"
	done
}

prefix=opt
for kernel in uml debian-6.1; do
	kernel_vars "$kernel"
	rm -rf "$work/plain"
	PATH=$path ARCH=$KERNEL_ARCH make install DESTDIR="$work/plain" PREFIX="/$prefix" \
		KDIR="$KERNEL_BUILD" >"$work/log" 2>&1 ||
		{ cat "$work/log"; exit 1; }
	module=lib/modules/$KERNEL_RELEASE/extra/snaptun.ko
	readarray -t files < <(common $prefix)
	installed_in "$work/plain" "${files[@]}" "$module"
	[[ $(modinfo -F vermagic "$work/plain/$module") == "$KERNEL_RELEASE "* ]]
	# Services find the programs.
	for unit in "$work/plain/$prefix"/lib/systemd/system/*; do
		[[ $(sed -nE 's,^Exec[A-Z].*=(/.*)/snaptun .*,\1,p' "$unit" | sort -u) == "/${prefix}/sbin" ]]
	done
done

# The sources, for DKMS.
make install DESTDIR="$work/dkms" PREFIX=/usr MODULE=dkms >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
version=$(modinfo -F version "$work/plain/$module")
sources=usr/src/snaptun-$version
readarray -t files < <(common usr; printf "$sources/%s\n" Kbuild dkms.conf COPYING kernel/*.[ch] \
	include/uapi/linux/*.h)
installed_in "$work/dkms" "${files[@]}"
for unit in packaging/systemd/*; do
	cmp "$unit" "$work/dkms/usr/lib/systemd/system/${unit##*/}"
done

# Away with it, and with the command alone.
PATH=$path make uninstall DESTDIR="$work/plain" PREFIX="/$prefix" >"$work/log" 2>&1
[[ -z $(find "$work/plain" -type f ! -path '*/modules.*') ]]
make uninstall DESTDIR="$work/dkms" PREFIX=/usr MODULE=dkms >"$work/log" 2>&1
[[ -z $(find "$work/dkms" -type f) ]]
make install DESTDIR="$work/none" MODULE=none >"$work/log" 2>&1
readarray -t files < <(common usr/local)
installed_in "$work/none" "${files[@]}"
