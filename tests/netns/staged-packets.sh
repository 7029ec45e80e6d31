#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# Packets that are sent before there is a session wait for it, up to 256 of them or
# 256 KiB; the oldest make room, and are counted. All that waited arrives in order.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
device server
server snaptun set snap0 --listen-port 5000
server snaptun identity add snap0 --key "$(key client)"
initiator --keepalive off

# waiting COUNT SIZE KEPT: so many are sent, the last KEPT of them arrive.
waiting() {
	local lost

	ip -n server link set snap0 down
	ip -n client link set snap0 down
	ip -n client link set snap0 up
	lost=$(counter client tx-staged-overflow)
	client udp-gso send 10.7.0.2 7000 --count "$1" --size "$2" || fail "the sender is held up"
	expect "packets that wait" "$(tunnel client staged)" "$3"
	expect "packets that made room" $(($(counter client tx-staged-overflow) - lost)) $(($1 - $3))
	background receive server udp-gso receive 0.0.0.0 7000 --count "$3" --size "$2" --timeout 20
	within 10 listening server udp 7000 || fail "nobody listens"
	ip -n server link set snap0 up
	finished receive || fail "$(cat "$WORK/receive.log")"
	expect "what arrived" "$(cat "$WORK/receive.log")" \
		"received $3, first $(($1 - $3)), last $(($1 - 1)), out of order 0, damaged 0"
	expect "packets that still wait" "$(tunnel client staged)" 0
}

step "few"
waiting 10 500 10
step "too many"
waiting 300 100 256
step "too much: 256 KiB are 184 packets of 1420 bytes"
waiting 200 1392 184
