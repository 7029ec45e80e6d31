#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a stock kernel that has nothing loaded, the script behind `make load` brings in
# the modules that ours depends on and inserts it, and a device can be made.
# kernels: stock
set -euo pipefail

# The kernel writes a dash in a module's name as an underscore.
loaded() { [[ -d /sys/module/${1//-/_} ]]; }

module=$SNAPTUN_MODULE
IFS=, read -ra depends <<<"$(modinfo -F depends "$module")"
((${#depends[@]} > 0))

# Back to where a machine starts: neither ours nor what it depends on.
rmmod snaptun
# Some of them need each other, and are not listed in that order.
for _ in "${depends[@]}"; do
	for name in "${depends[@]}"; do
		! loaded "$name" || modprobe -r "$name" 2>/dev/null || true
	done
done
for name in snaptun "${depends[@]}"; do
	! loaded "$name" || { echo "$name is still loaded"; exit 1; }
done

# Without its dependencies the module does not go in: the script has work to do.
! insmod "$module" 2>/dev/null || { echo "insmod alone loads it"; exit 1; }
scripts/load "$module"
for name in snaptun "${depends[@]}"; do
	loaded "$name" || { echo "$name is not loaded"; exit 1; }
done
ip link add snap0 type snaptun
ip link show snap0

# The second time there is nothing to do, and the device stays.
[[ $(scripts/load "$module") == *'loaded already'* ]]
ip link show snap0 >/dev/null

# What cannot work says so.
for arguments in '' /nonexistent.ko; do
	# shellcheck disable=SC2086 # none, or one
	if scripts/load $arguments 2>/dev/null; then
		echo "scripts/load $arguments: status 0"
		exit 1
	fi
done
