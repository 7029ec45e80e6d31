#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A script cannot write to the machine's files, and can where tests need it.
#
# kernels: uml uml-debug uml-time debian-6.1
# no-load
set -euo pipefail

for file in /file /etc/file /usr/file /root/file "$PWD/file" "$0"; do
	if (: >>"$file") 2>/dev/null; then
		echo "$file: a write succeeded"
		exit 1
	fi
	[[ $(LC_ALL=C bash -c ': >>"$1"' - "$file" 2>&1) == *"Read-only file system"* ]] ||
		{ echo "$file: refused for another reason than a read-only file system"; exit 1; }
done
mkdir /made 2>/dev/null && { echo "/: mkdir succeeded"; exit 1; }

for folder in /tmp /run /dev/shm "$HOME"; do
	echo data >"$folder/file"
	[[ $(<"$folder/file") == data ]]
done
[[ -x $0 && $SNAPTUN_KERNEL ]]
ip netns add one
ip netns exec one ip link set lo up
ping -c 1 -w 2 127.0.0.1 >/dev/null
