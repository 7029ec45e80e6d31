#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A tunnel that nobody uses: a session is not used after 180 s, its keys are gone
# 540 s after it was made, the server forgets the tunnel; the next packet brings all
# of it back.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder --answer-keepalives off
initiator --keepalive off --answer-keepalives off
capture wire client
record old server 'udp and src port 5000'
reaches client 10.7.0.2 || fail "no answer"
stop old || true
sleep 538
expect "tunnels of the server after 538 s" "$(tunnels server)" 1
between "age of the client's session" "$(tunnel client handshake-age)" 530000 540000
# The timer wheel may be late by an eighth.
sleep 72
expect "tunnels of the server after 610 s" "$(tunnels server)" 0
expect "state of the client" "$(tunnel client state)" idle
expect "age of the client's session" "$(tunnel client handshake-age)" null
expect "handshakes meanwhile" "$(counter client handshakes-initiated)" 1
expect "handshakes of the server meanwhile" "$(counter server handshakes-initiated)" 0

step "a message of the session whose keys are gone"
before=$(counter client rx-no-session)
count=$(server replay frames "$WORK/old.pcap" veth0 --type 4) || fail "nothing was recorded"
within 5 counted client rx-no-session $((before + count)) || fail "its index is still known"

step "the next packet"
reaches client 10.7.0.2 || fail "no answer"
expect "handshakes" "$(counter client handshakes-initiated)" 2
expect "sessions" "$(counter client sessions)" 2
