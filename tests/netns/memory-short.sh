#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-debug
# Memory that softirqs ask for is not to be had now and then: packets are dropped and
# counted, nothing else happens, and when there is memory again all is well.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# Allocations that may wait do not fail, nor do those that others make: most of what
# fails is ours and the network stack's.
short_of_memory() { # PERCENT
	local knobs=/sys/kernel/debug/failslab

	echo 1 >"$knobs/ignore-gfp-wait"
	echo 0 >"$knobs/verbose"
	echo -1 >"$knobs/times"
	echo 1 >"$knobs/interval"
	echo "$1" >"$knobs/probability"
}

topology
connect
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug

step "one allocation in ten fails"
short_of_memory 10
background up client ping -q -f -c 3000 -s 1000 10.7.0.2
background down server ping -q -f -c 3000 -s 1000 10.7.0.1
both() { counted client tx-no-buffer 1 && counted server rx-no-buffer 1; }
within 60 both || fail "nothing was dropped for want of memory"
stop up || true
stop down || true

step "so do half of them, while tunnels are made and removed"
short_of_memory 50
for i in 1 2 3 4 5; do
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "192.0.2.2:700$i" >/dev/null || true
	client snaptun set snap0 --private-key-file "$WORK/client.key" || true
	client snaptun tunnel del snap0 $((i + 1)) 2>/dev/null || true
done
short_of_memory 0

step "there is memory again"
within 30 reaches client 10.7.0.2 || fail "no answer"
client ping -q -c 20 -i 0.05 -W 2 10.7.0.2 || fail "packets are lost"
