#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Recorded messages of every kind, played again, change nothing: they are counted,
# and that is all.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
record to_server client 'udp and dst port 5000'
record to_client server 'udp and src port 5000'
connect
client ping -q -c 20 -i 0.02 -W 2 10.7.0.2 || fail "pings were lost"
server ping -q -c 20 -i 0.02 -W 2 10.7.0.1 || fail "pings were lost"
stop to_server || true
stop to_client || true
ip -n client addr add 192.0.2.77/24 dev veth0

# state NS: what must not change.
state() {
	look "$1" '[.tunnels[] | {id, state, endpoint, assigned, "local-port"}],
		.counters.sessions, .counters."handshakes-answered", .counters."handshakes-initiated"'
}
server_before=$(state server)
client_before=$(state client)
unchanged() {
	expect "state of the server" "$(state server)" "$server_before"
	expect "state of the client" "$(state client)" "$client_before"
}

step "data"
count=$(client replay frames "$WORK/to_server.pcap" veth0 --type 4)
within 5 counted server rx-replay "$count" || fail "the server did not count $count replays"
expect "replays that the server counted" "$(counter server rx-replay)" "$count"
count=$(server replay frames "$WORK/to_client.pcap" veth0 --type 4)
within 5 counted client rx-replay "$count" || fail "the client did not count $count replays"
expect "replays that the client counted" "$(counter client rx-replay)" "$count"
unchanged

step "the initiation, from where it came and from elsewhere"
capture answers server 'udp and src port 5000 and udp[8] == 2'
count=$(client replay frames "$WORK/to_server.pcap" veth0 --type 1)
expect "initiations in the record" "$count" 1
within 5 counted server rx-replayed-handshake 1 || fail "the replayed initiation was not counted"
client replay udp "$WORK/to_server.pcap" 192.0.2.1:6001 "$SERVER" --type 1
within 5 counted server rx-replayed-handshake 2 || fail "one from another port was not counted"
client replay udp "$WORK/to_server.pcap" 192.0.2.77:6077 "$SERVER" --type 1
within 5 counted server rx-replayed-handshake 3 || fail "one from another host was not counted"
expect "responses" "$(datagrams answers 192.0.2.2.5000)" 0
unchanged

step "the response"
bad=$(counter client rx-bad-handshake)
server replay frames "$WORK/to_client.pcap" veth0 --type 2
within 5 counted client rx-bad-handshake $((bad + 1)) || fail "the replayed response was not counted"
unchanged

step "the tunnel works, and its packets are new"
replays=$(counter server rx-replay),$(counter client rx-replay)
client ping -q -c 10 -i 0.02 -W 2 10.7.0.2 || fail "pings were lost"
expect "replays counted" "$(counter server rx-replay),$(counter client rx-replay)" "$replays"
