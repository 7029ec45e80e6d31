#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Scripts that share a boot see nothing of one another, and each one's output, status
# and time are its own. What the kernel complains of is blamed on the script that did
# it, and ends the batch.
#
# kernels: host
# long
# needs: uml uml-debug debian-6.1
# timeout: 600
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/batch"
limit=100

# script NAME, and its lines on stdin.
script() {
	{ printf '#!/bin/bash\necho this is %s\n' "$1"; cat; } >"$work/$1"
	chmod +x "$work/$1"
}

# expect KERNEL NAME=STATUS…: runs these as a batch; without a status it must not run.
expect() {
	local kernel=$1 n wanted status ms names=()

	shift
	for wanted; do names+=("$work/${wanted%=*}"); done
	rm -f "$work"/batch/*
	"$here/testbed/run" --timeout "$limit" --log "$work/log" --batch "$work/batch" "$kernel" \
		"${names[@]}" >"$work/out" 2>&1 </dev/null
	for ((n = 0; $# > 0; n++)); do
		status='' ms=''
		[[ ! -e $work/batch/$n.status ]] || read -r status ms <"$work/batch/$n.status"
		if [[ $status != "${1#*=}" || ($status && $(head -n 1 "$work/batch/$n.out") != "this is ${1%=*}") ]]; then
			printf '%s: %s has the status %s; the batch:\n' "$kernel" "$1" "${status:-of none}"
			tail -n +1 "$work"/batch/*
			exit 1
		fi
		[[ ! $status =~ ^(0|3|77)$ || $ms =~ ^[1-9][0-9]*$ ]] || { echo "${1%=*} took '$ms' ms"; exit 1; }
		shift
	done
}

script messy <<'END'
set -e
for folder in /tmp /run /dev/shm "$HOME"; do : >"$folder/mess"; done
ip netns add mess
ip link add mess type snaptun
ip link set mess up
nft add table ip mess
sysctl -qw net.ipv4.ip_forward=1
echo mess >/proc/sys/kernel/hostname
sleep 1000 &
END
script tidy <<'END'
set -e
gone() {
	! "$@" >/dev/null 2>&1 || { echo "not gone: $*"; exit 1; }
}
for folder in /tmp /run /dev/shm "$HOME"; do gone ls "$folder/mess"; done
gone ip netns exec mess true
gone ip link show mess
gone ls /sys/class/net/mess
gone nft list table ip mess
gone pgrep sleep
[[ $(sysctl -n net.ipv4.ip_forward) == 0 && $(hostname) == testbed ]]
# What there is in every machine.
[[ -d /sys/module/snaptun && -x $0 ]]
ip -br link show up | grep '^lo '
mountpoint -q /sys/kernel/debug
mountpoint -q /sys/fs/cgroup
END
script fails <<'END'
rmmod snaptun
exit 3
END
script skips <<<'exit 77'
script complains <<'END'
echo "WARNING: made up" >/dev/kmsg
END
script panics <<'END'
echo c >/proc/sysrq-trigger
END
script takes-6-s <<<'sleep 6'
script hangs <<<'sleep 1000'

expect uml messy=0 tidy=0 fails=3 tidy=0 skips=77 tidy=0
expect uml tidy=0 complains=70 tidy=
grep -q 'WARNING: made up' "$work/batch/1.out"
grep -q 'WARNING: made up' "$work/batch/1.kernel"
grep -q 'made up' "$work/batch/0.kernel" && exit 1
expect uml skips=77 panics=70 tidy=
# Each has the time that one alone would have.
limit=10
expect uml takes-6-s=0 takes-6-s=0 hangs=124 tidy=
limit=100
grep -q 'the time is over (10 s)' "$work/batch/2.out"

# Under QEMU, too.
expect debian-6.1 messy=0 tidy=0 fails=3 complains=70 tidy=
grep -q 'WARNING: made up' "$work/batch/3.out"
expect debian-6.1 tidy=0 panics=70 tidy=

# A leak is found in the end, and who made it is known all the same. Meanwhile the
# module came and went.
folder=$("$here/testbed/kernel" uml-debug)
# shellcheck source=/dev/null
. "$folder/vars"
cp -r "$here/testbed/splat" "$work/splat"
make -s -C "$KERNEL_BUILD" ARCH="$KERNEL_ARCH" M="$work/splat" modules >"$work/build" 2>&1 ||
	{ cat "$work/build"; exit 1; }
script leaks <<END
insmod $work/splat/splat.ko kind=leak
true
END
expect uml-debug tidy=0 leaks=70 messy=0 tidy=0
grep -q 'leaked: unreferenced object' "$work/batch/1.out"
