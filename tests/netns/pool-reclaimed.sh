#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packet buffers that a burst took go back when memory is short, but for a few, with
# which packets go on.
#
# kernels: uml uml-debug
# own-boot
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# pool NAME: a counter of the packet buffers.
pool() { look client ".pool.\"$1\""; }
has_grown() { (($(pool allocated) >= 32)); }
# But for what each device keeps on each CPU for datagrams to come.
is_free() { (($(pool in-use) <= 2 * $(nproc))); }

# Packets that fill most of a buffer, and a link on which they wait for long.
topology
introduce
for ns in client server; do
	ip -n "$ns" link set veth0 mtu 65535
done
connect
for ns in client server; do
	ip -n "$ns" link set snap0 mtu 64000
done
client ping -q -c 1 -W 5 -s 60000 10.7.0.2 || fail "no answer"
expect "buffers at first, a CPU" $(($(pool allocated) / $(nproc))) 8

step "a burst"
client tc qdisc add dev veth0 root netem delay 200s limit 10000
for ((i = 0; i < 40; i++)); do
	background "ping$i" client ping -q -c 1 -W 5 -s 60000 10.7.0.2
done
within 10 has_grown || fail "$(pool allocated) buffers are there, $(pool missed) times there was none"
# Nobody is answered.
client tc qdisc del dev veth0 root
for ((i = 0; i < 40; i++)); do
	stop "ping$i" || true
done
within 10 is_free || fail "$(pool in-use) buffers are in use"

step "memory is short"
echo 2 >/proc/sys/vm/drop_caches
between "buffers" "$(pool allocated)" 1 $((6 * $(nproc)))
between "buffers given back" "$(pool reclaimed)" 16 1000
missed=$(pool missed)
client ping -q -c 20 -i 0.02 -W 5 -s 60000 10.7.0.2 || fail "packets are lost"
expect "times there was none" "$(pool missed)" "$missed"
