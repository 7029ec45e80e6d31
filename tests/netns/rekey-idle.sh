#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# An idle tunnel stays up for an hour: its keepalives rekey it, and a packet at the
# end finds a session.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
capture wire client
sleep 3600
stop wire || true
mapfile -t initiations < <(times wire 192.0.2.1.6000 "$INITIATION")
expect "the server's initiations" "$(datagrams wire 192.0.2.2.5000 "$INITIATION")" 0
# Keepalives are 10 s apart, so the first one after 120 s is at 130 s at the latest.
between "handshakes in an hour" "${#initiations[@]}" 27 30
for ((i = 1; i < ${#initiations[@]}; i++)); do
	between "milliseconds between handshakes" $((initiations[i] - initiations[i - 1])) \
		120000 $((130000 + WHEEL))
done
before=$(counter client handshakes-initiated)
reaches client 10.7.0.2 || fail "a packet after an hour was lost"
reaches server 10.7.0.1 || fail "a packet after an hour was lost"
expect "handshakes for these packets" $(($(counter client handshakes-initiated) - before)) 0
