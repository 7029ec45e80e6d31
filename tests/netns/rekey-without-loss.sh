#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# Ten minutes of packets in both directions: the client rekeys every 120 s, the
# server never, and not a packet is lost or out of order.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
capture wire client "udp and (udp[4:2] == $((INITIATION + 8)) or udp[4:2] == $((RESPONSE + 8)))"
connect
background to_server server udp-gso receive 10.7.0.2 7000 --count 3000 --size 100
background to_client client udp-gso receive 10.7.0.1 7000 --count 860 --size 1300
within 10 listening server udp 7000 || fail "nobody listens"
within 10 listening client udp 7000 || fail "nobody listens"
background from_server server udp-gso send 10.7.0.1 7000 --count 860 --size 1300 --every 700000
client udp-gso send 10.7.0.2 7000 --count 3000 --size 100 --every 200000
finished from_server || fail "the server cannot send"
finished to_server || fail "to the server: $(cat "$WORK/to_server.log")"
finished to_client || fail "to the client: $(cat "$WORK/to_client.log")"
stop wire || true

mapfile -t initiations < <(times wire 192.0.2.1.6000 "$INITIATION")
expect "responses" "$(datagrams wire 192.0.2.2.5000 "$RESPONSE")" "${#initiations[@]}"
expect "the server's initiations" "$(datagrams wire 192.0.2.2.5000 "$INITIATION")" 0
between "handshakes in 600 s" "${#initiations[@]}" 5 6
for ((i = 1; i < ${#initiations[@]}; i++)); do
	# It is the first packet sent after 120 s that begins one.
	between "milliseconds between handshakes" $((initiations[i] - initiations[i - 1])) 120000 120300
done
for reason in rx-no-session rx-expired rx-bad-tag rx-replay tx-no-session; do
	expect "$reason of the client" "$(counter client "$reason")" 0
	expect "$reason of the server" "$(counter server "$reason")" 0
done
