#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A script that succeeds fails all the same when the kernel complained meanwhile:
# mistakes made on purpose by a small module are each reported, with the log.
#
# kernels: host
# timeout: 600
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The module's load fails after every mistake, so that it is gone again.
cat >"$work/script" <<'END'
#!/bin/bash
insmod "$1" kind="$2"
true
END
chmod +x "$work/script"

build() { # KERNEL
	local folder

	folder=$("$here/testbed/kernel" "$1")
	# shellcheck source=/dev/null
	. "$folder/vars"
	mkdir "$work/$1"
	cp "$here"/testbed/splat/* "$work/$1/"
	make -s -C "$KERNEL_BUILD" ARCH="$KERNEL_ARCH" M="$work/$1" modules >"$work/build" 2>&1 ||
		{ cat "$work/build"; exit 1; }
}

# expect KERNEL KIND STATUS TEXT: status of the run, and what its log must say.
expect() {
	local status=0

	"$here/testbed/run" --no-load --log "$work/log" "$1" "$work/script" "$work/$1/splat.ko" "$2" \
		>"$work/out" 2>&1 </dev/null || status=$?
	if ((status != $3)) || ! grep -qE -- "$4" "$work/out"; then
		echo "$2 on $1: status $status, wanted $3 and /$4/"
		cat "$work/out"
		exit 1
	fi
	echo "$2 on $1: ok"
}

build uml
expect uml nothing 0 ''
expect uml warn 70 'WARNING: .*splat_init'
expect uml wild 70 'Kernel panic - not syncing'
build uml-debug
expect uml-debug nothing 0 ''
expect uml-debug inversion 70 'possible circular locking'
expect uml-debug sleep 70 'sleeping function called'
expect uml-debug use-after-free 70 'KASAN: slab-use-after-free'
expect uml-debug leak 70 'leaked: unreferenced object'
# The same kernel by virtual time: a leak is as old as it must be at once.
build uml-debug-time
expect uml-debug-time nothing 0 ''
expect uml-debug-time leak 70 'leaked: unreferenced object'
