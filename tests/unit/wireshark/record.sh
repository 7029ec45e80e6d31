#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Records what two devices send each other, and prints the captures: an archive in base64
# after the line "captures".
#
#	snaptun.pcap     two handshakes, one of them with a cookie, a ping, malformed messages
#	cut.pcap         a ping, no more than 60 bytes of each packet
#	other-port.pcap  a handshake and a ping, to a port that is nobody's
#	wireguard.pcap   a handshake and a ping of WireGuard
# shellcheck source-path=SCRIPTDIR source=../../netns/lib.sh disable=SC2119
. "$(dirname "$0")/../../netns/lib.sh"

ping_through() { client ping -q -c 1 -w 20 "$1" || fail "no answer"; }
# stop_record NAME: what it has not seen yet is lost.
stop_record() {
	sleep 1
	stop "$1" || true
}

topology
record snaptun client
responder
# One initiation needs no cookie; the other one does, and goes again with it.
server snaptun set snap0 --source-rate 1 --source-burst 1
initiator --default
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" \
	--local-port 6001 >/dev/null
both() { [[ $(look client '[.tunnels[].state] | join(" ")') == "established established" ]]; }
within 20 both || fail "no sessions"
ping_through 10.7.0.2
# malformed BYTES: a datagram of these, in the notation of printf, from port 6002.
malformed() {
	printf '%b' "$1" | client socat -u - "UDP4-SENDTO:$SERVER,sourceport=6002" || fail "cannot be sent"
}
malformed '\1\0\2\0'
malformed '\7\0\0\0'
zeros=$(printf '\\0%.0s' {1..28})
malformed "\\4\\0\\0\\0${zeros%??}"
malformed "\\4\\1\\0\\0$zeros"
malformed '\2'
# What may still be owed after the ping.
sleep 12
stop_record snaptun

background cut client tcpdump --immediate-mode -s 60 -Un -Z root -i veth0 -w "$WORK/cut.pcap" \
	'udp and length > 100'
within 10 logged cut '^tcpdump: listening' || fail "tcpdump does not start"
ping_through 10.7.0.2
stop_record cut

client snaptun tunnel del snap0 1
client snaptun tunnel del snap0 2
server snaptun set snap0 --listen-port 30041
record other-port client
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:30041 \
	--local-port 6003 --default >/dev/null
ping_through 10.7.0.2
stop_record other-port

record wireguard client 'udp port 30042'
for ns in client server; do
	ip -n "$ns" link add wg0 type wireguard
	ip netns exec "$ns" wg set wg0 listen-port 30042 private-key "$WORK/$ns.key"
	ip -n "$ns" link set wg0 up
done
ip -n client addr add 10.8.0.1/24 dev wg0
ip -n server addr add 10.8.0.2/24 dev wg0
client wg set wg0 peer "$(key server)" endpoint 192.0.2.2:30042 allowed-ips 10.8.0.0/24
server wg set wg0 peer "$(key client)" allowed-ips 10.8.0.0/24
ping_through 10.8.0.2
stop_record wireguard

echo captures
tar -C "$WORK" -c {snaptun,cut,other-port,wireguard}.pcap | base64
