#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Data in one direction only: whoever just receives says so 10 s after the first
# packet, and once for all that came in between.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder --answer-keepalives off
initiator --keepalive off --answer-keepalives off
reaches client 10.7.0.2 || fail "no answer"
# Let pass what the ping caused.
sleep 15
capture wire server
background sink server udp-gso receive 10.7.0.2 7000 --count 61 --size 100 --timeout 10
within 10 listening server udp 7000 || fail "nobody listens"
client udp-gso send 10.7.0.2 7000 --count 61 --size 100 --every 500000
finished sink || fail "$(cat "$WORK/sink.log")"
sleep 15
stop wire || true

# The payload, an IP and a UDP header, and a message's own 32 bytes.
mapfile -t data < <(times wire 192.0.2.1.6000 160)
mapfile -t answers < <(times wire 192.0.2.2.5000)
expect "packets" "${#data[@]}" 61
expect "answers that are keepalives" "$(datagrams wire 192.0.2.2.5000 "$KEEPALIVE")" "${#answers[@]}"
expect "the client's keepalives" "$(datagrams wire 192.0.2.1.6000 "$KEEPALIVE")" 0
between "answers in 30 s" "${#answers[@]}" 3 3
owed=${data[0]}
for answer in "${answers[@]}"; do
	between "milliseconds to the answer" $((answer - owed)) 10000 $((10000 + WHEEL))
	for owed in "${data[@]}"; do
		((owed <= answer)) || break
	done
done
expect "handshakes" "$(counter client handshakes-initiated)" 1
