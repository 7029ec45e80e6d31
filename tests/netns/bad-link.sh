#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# On a link that loses messages, changes their order, doubles and damages them, TCP through
# the tunnel still brings what was sent, and nothing that was damaged gets in.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
head -c 1000000 /dev/urandom >"$WORK/file"
for ns in client server; do
	ip netns exec "$ns" tc qdisc add dev veth0 root netem delay 2ms 1ms loss 0.5% \
		duplicate 2% corrupt 0.5% reorder 25% || skip "the kernel has no netem"
done
for way in "client server 10.7.0.2" "server client 10.7.0.1"; do
	step "$way"
	read -r from to address <<<"$way"
	background sink ip netns exec "$to" socat -u TCP4-LISTEN:7000,reuseaddr "CREATE:$WORK/copy"
	within 10 listening "$to" tcp 7000 || fail "nobody listens"
	ip netns exec "$from" socat -u "FILE:$WORK/file" "TCP4:$address:7000" ||
		fail "it cannot be sent"
	finished sink || fail "it was not received"
	cmp "$WORK/file" "$WORK/copy" || fail "another file arrived"
	rm "$WORK/copy"
done
# What came twice was taken once.
(($(counter server rx-replay) + $(counter client rx-replay) > 0)) || fail "nothing was doubled"
