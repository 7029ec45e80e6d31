#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A session is not used when it is 180 s old: the next packet waits for a new one
# and is not lost; what the other side sends on an old one is refused.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder --answer-keepalives off
initiator --keepalive off --answer-keepalives off
reaches client 10.7.0.2 || fail "no answer"
expect "handshakes" "$(counter client handshakes-initiated)" 1
sleep 185
capture wire client
reaches client 10.7.0.2 || fail "no answer after 185 s"
stop wire || true
expect "handshakes" "$(counter client handshakes-initiated)" 2
# First a handshake, with the packet only then.
mapfile -t lengths < <(events wire | cut -d' ' -f3)
expect "first three datagrams" "${lengths[0]} ${lengths[1]} ${lengths[2]}" "$INITIATION $RESPONSE $KEEPALIVE"

step "a session that is refused"
record old client 'udp and dst port 5000'
block server "udp dport 5000"
! reaches client 10.7.0.2 || fail "nothing is blocked"
stop old || true
unblock server
# An answer, before the silence makes either side begin a session: the recorded
# message's stays the current one.
reaches client 10.7.0.2 || fail "no answer after the block"
expect "handshakes" "$(counter client handshakes-initiated)" 2
sleep 185
before=$(counter server rx-expired)
received=$(tunnel server rx-packets)
count=$(client replay frames "$WORK/old.pcap" veth0 --type 4) || fail "nothing was recorded"
within 5 counted server rx-expired $((before + count)) || fail "a message of an old session was not refused"
expect "messages that the server took" "$(tunnel server rx-packets)" "$received"
