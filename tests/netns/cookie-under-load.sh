#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A flood of handshake messages: the server demands cookies, and answers the flood
# with nothing else; a client that brings one gets in. When the flood is over, none
# is demanded.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
ip -n client addr add 192.0.2.77/24 dev veth0
record flood client 'udp and dst port 5000'
connect
stop flood || true
sleep 5
ip -n client link del snap0
ip -n server link del snap0
responder
capture wire server "udp and udp[8] == 3"
background replay client replay udp "$WORK/flood.pcap" 192.0.2.77:4000 "$SERVER" \
	--type 1 --repeat 4000 --every 10
sleep 3
counted server cookies-sent 100 || fail "the server demands no cookies"
answered=$(counter server handshakes-answered)

step "a client under load"
initiator
# The first try brings the cookie, the second one goes with it.
within 8 established client || fail "no session"
expect "cookies of the client" "$(counter client cookies-received)" 1
expect "initiations of the client" "$(counter client handshakes-initiated)" 2
reaches client 10.7.0.2 || fail "no answer"
running replay || fail "the flood ended too early"
expect "handshakes answered" $(($(counter server handshakes-answered) - answered)) 1
(($(datagrams wire 192.0.2.2.5000 "$COOKIE") > 100)) || fail "no cookies on the wire"

step "the flood is over"
stop replay || true
sleep 5
ip -n client link del snap0
initiator --local-port 6001
within 3 established client || fail "no session"
expect "initiations of the client" "$(counter client handshakes-initiated)" 1
expect "cookies of the client" "$(counter client cookies-received)" 0
