#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A client vanishes: the server notices that nothing answers its keepalive, tries a
# handshake for 90 s, and forgets the tunnel.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
sleep 60
capture wire server
ip -n client link del snap0
gone=$(now)
# It sent its last keepalive up to 10 s before, or owes one up to 10 s later; it takes
# silence for 15 s, and tries for 90 s.
sleep 90
expect "tunnels of the server after 90 s" "$(tunnels server)" 1
sleep 29
expect "tunnels of the server after 119 s" "$(tunnels server)" 0
stop wire || true
mapfile -t initiations < <(times wire 192.0.2.2.5000 "$INITIATION")
between "milliseconds to the server's handshake" $((initiations[0] - gone)) 4000 $((25000 + 3 * WHEEL))
between "initiations" "${#initiations[@]}" 15 18

step "the client is back, from the same address"
initiator
within 10 established client || fail "no session"
reaches client 10.7.0.2 || fail "no answer"
expect "tunnels of the server" "$(tunnels server)" 1
