#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# The other side falls silent: 15 s after the first packet that nothing came back
# for, a new handshake begins, on either side.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder --answer-keepalives off
initiator --keepalive off --answer-keepalives off
reaches client 10.7.0.2 || fail "no answer"
sleep 20

step "the client has no answer"
capture first client
block client "udp sport 5000"
sent=$(now)
! reaches client 10.7.0.2 || fail "nothing blocks the answer"
sleep 17
stop first || true
mapfile -t initiations < <(times first 192.0.2.1.6000 "$INITIATION")
between "initiations" "${#initiations[@]}" 1 1
between "milliseconds to the new handshake" $((initiations[0] - sent)) 15000 $((15000 + WHEEL))
unblock client
within 8 reaches client 10.7.0.2 || fail "the tunnel does not come back"
sleep 20

step "the server has no answer"
capture second server
block server "udp sport 6000"
sent=$(now)
! reaches server 10.7.0.1 || fail "nothing blocks the answer"
sleep 17
stop second || true
mapfile -t initiations < <(times second 192.0.2.2.5000 "$INITIATION")
between "initiations" "${#initiations[@]}" 1 1
between "milliseconds to the new handshake" $((initiations[0] - sent)) 15000 $((15000 + WHEEL))
unblock server
within 8 reaches server 10.7.0.1 || fail "the tunnel does not come back"

step "what the client answered is no address for the server"
expect "address assigned to the client" "$(assigned client)" 192.0.2.1:6000
expect "address assigned to the server" "$(look server '.tunnels[0].assigned')" null
