#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packet buffers that a burst took go back when nobody needs them for some minutes.
#
# kernels: uml-time
# own-boot
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# pool NAME: a counter of the packet buffers.
pool() { look client ".pool.\"$1\""; }
has_grown() { (($(pool allocated) >= 32)); }

topology
for ns in client server; do
	ip -n "$ns" link set veth0 mtu 65535
done
connect
for ns in client server; do
	ip -n "$ns" link set snap0 mtu 64000
done
client tc qdisc add dev veth0 root netem delay 4s limit 10000
for ((i = 0; i < 40; i++)); do
	background "ping$i" client ping -q -c 1 -W 5 -s 60000 10.7.0.2
done
within 10 has_grown || fail "$(pool allocated) buffers are there, $(pool missed) times there was none"
# Each sees all answers, for which some have no room.
for ((i = 0; i < 40; i++)); do
	finished "ping$i" || true
done
has_grown || fail "$(pool allocated) buffers are left at once"
sleep 600
expect "buffers" "$(pool allocated)" 8
