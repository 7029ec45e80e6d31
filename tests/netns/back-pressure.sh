#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# On a slow link with a deep queue, who sends through the tunnel is slowed by that queue,
# as without the tunnel: it never holds more than the sockets may, and loses nothing. All
# that is made of a socket's packets counts as that socket's.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# What the queue has room for, and the most that is to be in it, bytes.
ROOM=20000000 MOST=3000000

topology
connect
client tc qdisc add dev veth0 root tbf rate 5mbit burst 100kb limit "$ROOM" ||
	skip "the kernel has no token bucket filter"
queue() { client tc -s -j qdisc show dev veth0 | jq ".[0].$1"; }

# watch: the most that was in the queue, as long as the sender, named like its log, runs.
watch() {
	local backlog

	most=0
	while ! logged sender '^done'; do
		backlog=$(queue backlog)
		((backlog <= most)) || most=$backlog
	done
	finished sender || fail "the sender failed"
	between "bytes in the queue" "$most" 1 "$MOST"
	expect "packets that the queue dropped" "$(queue drops)" 0
}

iperf3_server
for limit in 9216 65493; do
	step "TCP, batches of $limit"
	client snaptun tunnel set snap0 1 --burst-limit "$limit"
	background sender bash -c "ip netns exec client iperf3 -c 10.7.0.2 -P 4 -t 6 && echo done"
	watch
done

step "UDP"
# Slower than a send for each datagram in a kernel that looks at everything.
client tc qdisc change dev veth0 root tbf rate 2mbit burst 100kb limit "$ROOM"
background receiver server flood receive 0.0.0.0:7001
within 10 listening server udp 7001 || fail "nobody listens"
for segments in 1 40; do
	background sender bash -c "ip netns exec client flood send 10.7.0.2:7001 --seconds 4 \
		--size 1350 --segments $segments && echo done"
	watch
done

step "whose packets those are"
client tc qdisc del dev veth0 root
client snaptun tunnel set snap0 1 --burst-limit 9216
client sysctl -qw net.ipv4.tcp_min_tso_segs=40
client nft -f - <<-'EOF'
	table ip count {
		counter batches { }
		counter owned { }
		chain output {
			type filter hook output priority 0;
			oifname "veth0" udp sport 6000 udp length > 2000 counter name batches
			oifname "veth0" udp sport 6000 udp length > 2000 meta skuid 0 counter name owned
		}
	}
EOF
client iperf3 -c 10.7.0.2 -n 3M || fail "no TCP"
count() { client nft -j list counter ip count "$1" | jq '.nftables[] | .counter? // empty | .packets'; }
(($(count batches) >= 300)) || fail "only $(count batches) batches were counted"
expect "batches that a socket paid for" "$(count owned)" "$(count batches)"
