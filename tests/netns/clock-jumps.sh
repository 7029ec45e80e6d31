#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# own-boot
# The wall clock is set forth and back by hours while a tunnel lives: sessions go
# on, the next handshakes are taken, and nothing is lost.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect

# jumps SECONDS: the clock is set, and the session after the next rekey is a new one.
jumps() {
	local sessions

	step "by $1 s"
	sessions=$(counter client sessions)
	date -s "@$(($(date +%s) + $1))" >/dev/null
	background receive server udp-gso receive 10.7.0.2 7000 --count 130 --size 100
	within 10 listening server udp 7000 || fail "nobody listens"
	client udp-gso send 10.7.0.2 7000 --count 130 --size 100 --every 1000000
	finished receive || fail "packets are lost: $(cat "$WORK/receive.log")"
	expect "sessions" $(($(counter client sessions) - sessions)) 1
}

jumps 36000
jumps -72000
jumps -10
jumps 36000
expect "initiations refused" "$(counter server rx-replayed-handshake)" 0
expect "tunnels" "$(tunnels server)" 1

step "a client made anew while the clock is behind"
date -s "@$(($(date +%s) - 7200))" >/dev/null
ip -n client link del snap0
ip -n server link del snap0
responder
initiator
within 10 established client || fail "no session"
