#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Without a persistent keepalive nothing is sent before the first packet. After it,
# where keepalives are answered, the two sides keep the tunnel alive for each other;
# where they are not, the link falls silent.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder
initiator --keepalive off
capture wire client
sleep 60
expect "datagrams before the first packet" "$(datagrams wire 192.0.2.1.6000)" 0
expect "state before the first packet" "$(tunnel client state)" idle
reaches client 10.7.0.2 || fail "no answer to the first packet"
sleep 100
stop wire || true
count=$(datagrams wire 192.0.2.1.6000 "$KEEPALIVE")
# Turn by turn, every 20 s, and the one that ends the handshake.
between "the client's keepalives in 100 s" "$count" 5 11
between "the server's keepalives in 100 s" "$(datagrams wire 192.0.2.2.5000 "$KEEPALIVE")" 4 10
expect "handshakes" "$(counter client handshakes-initiated)" 1

step "not answered"
ip -n client link del snap0
ip -n server link del snap0
responder --answer-keepalives off
initiator --keepalive off --answer-keepalives off
capture silence client
reaches client 10.7.0.2 || fail "no answer to the first packet"
answered=$(now)
sleep 300
stop silence || true
# The client has received data and sent nothing since: that it says, once.
last=$(times silence 192.0.2.1.6000 "$KEEPALIVE" | tail -n 1)
between "milliseconds to the client's keepalive" $((last - answered)) 9900 $((10000 + WHEEL))
expect "the client's keepalives" "$(datagrams silence 192.0.2.1.6000 "$KEEPALIVE")" 2
expect "the server's keepalives" "$(datagrams silence 192.0.2.2.5000 "$KEEPALIVE")" 0
expect "handshakes" "$(counter client handshakes-initiated)" 1
