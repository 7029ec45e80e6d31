#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# A client's batches stay below 9216 bytes of UDP payload, a server's are larger; an
# option changes either. Both carry several messages at once.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
# TCP makes large packets however slow the machine is.
client sysctl -qw net.ipv4.tcp_min_tso_segs=40
server sysctl -qw net.ipv4.tcp_min_tso_segs=40

# largest NS HOST: the most bytes of payload that HOST put into one datagram or batch.
largest() { events "$1" | awk -v host="$2" '$2 == host && $3 > max { max = $3 } END { print max + 0 }'; }

# traffic: TCP both ways, and what it was made of.
traffic() {
	within 10 established client || fail "no session"
	capture out client 'udp and src port 6000'
	client iperf3 -c 10.7.0.2 -n 3M || fail "no TCP"
	stop out || true
	capture in server 'udp and src port 5000'
	client iperf3 -c 10.7.0.2 -n 3M -R || fail "no TCP the other way"
	stop in || true
}

step "by default"
responder
initiator
iperf3_server
traffic
between "the client's largest batch" "$(largest out 192.0.2.1.6000)" 4000 9216
between "the server's largest batch" "$(largest in 192.0.2.2.5000)" 9217 65493

step "by option"
ip -n client link del snap0
server snaptun identity del snap0 --key "$(key client)"
server snaptun identity add snap0 --key "$(key client)" --burst-limit 5000
initiator --burst-limit 65493
traffic
between "the client's largest batch" "$(largest out 192.0.2.1.6000)" 9217 65493
between "the server's largest batch" "$(largest in 192.0.2.2.5000)" 2000 5000
