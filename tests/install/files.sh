#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make install` puts the helper, the manual pages, its completion, and the module where
# DESTDIR and PREFIX say, for old kernels and new ones, and what DKMS gets there builds a
# module for a stock kernel.
# kernels: host
# needs: debian-6.1 uml
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$(dirname "$0")/../testbed/lib.sh"

cd "$TB_ROOT"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# installed_in ROOT FILE…: these files and no others are there, none executable but
# the helper. A kernel's build tree may make the lists of its modules.
installed_in() {
	local root=$1

	shift
	diff <(printf '%s\n' "$@" | sort) <(cd "$root" && find . -type f \
		! -path './lib/modules/*/modules.*' | sed 's,^\./,,' | sort)
	diff <(printf '%s\n' "$@" | grep sbin/ | sort) <(cd "$root" && find . -type f -perm /111 | sed 's,^\./,,' | sort)
}

# The module for one kernel, where there is no DKMS.
path=/usr/sbin:/usr/bin:/sbin:/bin
if command -v dkms >/dev/null; then
	mkdir "$work/bin"
	ln -s /usr/bin/* /usr/sbin/* /bin/* /sbin/* "$work/bin/" 2>/dev/null || true
	rm "$work/bin/dkms"
	path=$work/bin
fi
completion=share/bash-completion/completions/snaptun
manuals=(share/man/man8/snaptun{,-connect,-device,-identity,-keys,-tunnel}.8
	share/man/man5/snaptun.conf.5 share/man/man4/snaptun.4)
for kernel in uml debian-6.1; do
	kernel_vars "$kernel"
	rm -rf "$work/plain"
	PATH=$path ARCH=$KERNEL_ARCH make install DESTDIR="$work/plain" PREFIX=/opt \
		KDIR="$KERNEL_BUILD" >"$work/log" 2>&1 ||
		{ cat "$work/log"; exit 1; }
	module=lib/modules/$KERNEL_RELEASE/extra/snaptun.ko
	installed_in "$work/plain" opt/sbin/snaptun{,-control} "${manuals[@]/#/opt/}" \
		"opt/$completion" "$module"
	[[ $(modinfo -F vermagic "$work/plain/$module") == "$KERNEL_RELEASE "* ]]
done

# The sources, where there is: DKMS as Debian has it, unpacked but not installed.
apt_suites bookworm
make_dkms() { apt_unpack "$1" dkms; }
dkms=$(cached dkms "$(hash_of "$(apt_field dkms Version)")" make_dkms)/usr/sbin
PATH=$dkms:$PATH make install DESTDIR="$work/dkms" PREFIX=/usr >"$work/log" 2>&1 ||
	{ cat "$work/log"; exit 1; }
version=$(modinfo -F version "$work/plain/$module")
sources=usr/src/snaptun-$version
readarray -t files < <(printf "$sources/%s\n" Kbuild dkms.conf COPYING kernel/*.[ch] \
	include/uapi/linux/*.h)
installed_in "$work/dkms" usr/sbin/snaptun{,-control} "${manuals[@]/#/usr/}" \
	"usr/$completion" "${files[@]}"

mkdir "$work/tree"
"$dkms/dkms" build "snaptun/$version" -k "$KERNEL_RELEASE" --arch x86_64 \
	--kernelsourcedir "$KERNEL_BUILD" --dkmstree "$work/tree" \
	--sourcetree "$work/dkms/usr/src" >"$work/log" 2>&1 ||
	{ cat "$work/log" "$work"/tree/snaptun/*/build/make.log; exit 1; }
module=$(find "$work/tree" -path '*/module/snaptun.ko*')
[[ $(modinfo -F vermagic "$module") == "$KERNEL_RELEASE "* ]]
