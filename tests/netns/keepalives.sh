#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Keepalives on an idle link, by default: the client sends one whenever it has sent
# nothing for 10 s, the server answers as soon as it has sent nothing for 10 s, and
# no handshake disturbs them.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
# As the server sees it: some come at the very time when an answer goes out.
capture wire server
connect
sleep 100
stop wire || true

expect "initiations" "$(datagrams wire 192.0.2.1.6000 "$INITIATION")" 1
expect "responses" "$(datagrams wire 192.0.2.2.5000 "$RESPONSE")" 1
expect "the client's keepalives" "$(datagrams wire 192.0.2.1.6000 "$KEEPALIVE")" \
	$(($(datagrams wire 192.0.2.1.6000) - 1))
expect "the server's keepalives" "$(datagrams wire 192.0.2.2.5000 "$KEEPALIVE")" \
	$(($(datagrams wire 192.0.2.2.5000) - 1))

step "the client's, by its own clock, but for the first one, which may be early"
last='' least=0
for time in $(times wire 192.0.2.1.6000 "$KEEPALIVE"); do
	if [[ -n $last ]]; then
		between "milliseconds to the next keepalive" $((time - last)) "$least" $((10000 + WHEEL))
		least=10000
	fi
	last=$time
done
between "keepalives in 100 s" "$(datagrams wire 192.0.2.1.6000 "$KEEPALIVE")" 10 12

step "the server's, as answers: when it owes one and has sent nothing for 10 s"
last=$(times wire 192.0.2.1.6000 "$KEEPALIVE" | head -n 1)
for time in $(times wire 192.0.2.2.5000 "$KEEPALIVE"); do
	between "milliseconds to the next answer" $((time - last)) 10000 $((10000 + 2 * WHEEL))
	last=$time
done
between "answers in 100 s" "$(datagrams wire 192.0.2.2.5000 "$KEEPALIVE")" 8 10
