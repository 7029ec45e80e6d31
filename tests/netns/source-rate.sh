#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# One source may send so many handshake messages, and then has to bring cookies; that
# takes nothing from other sources, nor from an address that has a tunnel, even where
# somebody forges it.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
ip -n client addr add 192.0.2.77/24 dev veth0
record first client 'udp and dst port 5000 and udp[8] == 1'
connect
stop first || true
server snaptun set snap0 --handshake-rate 1000000 --source-rate 2 --source-burst 5
expect "the rates" "$(look server '."handshake-rate", ."source-rate", ."source-burst"' | tr '\n' ' ')" \
	"1000000 2 5 "

# flood FROM: an initiation that was seen is sent 200 times in 10 s; tells how many of
# them were looked at, and how many were answered by a cookie.
flood() {
	local looked cookies

	looked=$(counter server rx-replayed-handshake)
	cookies=$(counter server cookies-sent)
	client replay udp "$WORK/first.pcap" "$1" "$SERVER" --repeat 200 --every 50 >/dev/null
	sleep 1
	looked=$(($(counter server rx-replayed-handshake) - looked))
	cookies=$(($(counter server cookies-sent) - cookies))
	echo "$looked $cookies"
}

step "one source"
read -r looked cookies <<<"$(flood 192.0.2.77:4000)"
# The burst, and 2 a second.
between "initiations looked at" "$looked" 24 27
expect "all of them" $((looked + cookies)) 200

step "the tunnel of the address that is forged, and another source, are as before"
# From the address of the client, which has port 6000 of it.
background flood client replay udp "$WORK/first.pcap" 192.0.2.1:4000 "$SERVER" --repeat 4000 --every 50
sleep 5
client snaptun set snap0 --remove-private-key
client snaptun set snap0 --private-key-file "$WORK/client.key"
within 10 established client || fail "no session"
expect "cookies that the client needed" "$(counter client cookies-received)" 0

# join DEVICE PORT ADDRESS: a device of the client has a tunnel from there, soon.
join() {
	ip -n client link add "$1" type snaptun
	client snaptun set "$1" --private-key-file "$WORK/client.key"
	ip -n client route replace 192.0.2.2/32 dev veth0 src "$3"
	client snaptun tunnel add "$1" --remote-key "$(key server)" --endpoint "$SERVER" \
		--local-port "$2" >/dev/null
	ip -n client link set "$1" up
	within 20 joined "$1" || fail "no session for $3:$2"
}
joined() { [[ $(client snaptun show "$1" --json | jq '.[0].established') == 1 ]]; }
cookies() { client snaptun show "$1" --json | jq '.[0].counters."cookies-received"'; }
join snap1 6001 192.0.2.77
expect "cookies that another source needed" "$(cookies snap1)" 0
running flood || fail "the flood ended too early"

step "who shares the address of the flood brings a cookie"
join snap2 6002 192.0.2.1
(($(cookies snap2) > 0)) || fail "it needed no cookie"
stop flood || true
