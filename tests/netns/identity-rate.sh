#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A key has as many tunnels as its host has ports, and yet not as many times what one
# source is granted: all its tunnels together have eight times that.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

PORTS=({6101..6112})

topology
record first client 'udp and dst port 5000 and udp[8] == 1'
connect
stop first || true
for port in "${PORTS[@]}"; do
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" \
		--local-port "$port" >/dev/null
done
all_there() { [[ $(look server .established) == $((${#PORTS[@]} + 1)) ]]; }
within 20 all_there || fail "no sessions"
ip -n client link del snap0
server snaptun set snap0 --handshake-rate 1000000 --source-rate 1 --source-burst 5
sleep 2

looked=$(counter server rx-replayed-handshake)
cookies=$(counter server cookies-sent)
for port in "${PORTS[@]}"; do
	client replay udp "$WORK/first.pcap" "192.0.2.1:$port" "$SERVER" --repeat 10 >/dev/null
done
sleep 1
looked=$(($(counter server rx-replayed-handshake) - looked))
cookies=$(($(counter server cookies-sent) - cookies))
# Eight times five, and what comes back meanwhile; twelve times five alone would be 60.
between "initiations looked at" "$looked" 40 48
expect "all of them" $((looked + cookies)) $((10 * ${#PORTS[@]}))
