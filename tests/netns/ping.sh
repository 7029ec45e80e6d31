#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug debian-6.1
# Two hosts ping each other through a tunnel, with small and large packets; each
# side shows the tunnel as it is.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
client ping -q -c 20 -i 0.05 -W 2 10.7.0.2 || fail "pings were lost"
# Packets of 84 bytes; the tunnels count messages, which have 32 bytes more, and keepalives,
# which are nothing else and come at any time.
bytes() { ip -n "$1" -j -s link show snap0 | jq -r '.[0].stats64 | "\(.tx.bytes) \(.rx.bytes)"'; }
expect "bytes of the client's device" "$(bytes client)" "1680 1680"
expect "bytes of the server's device" "$(bytes server)" "1680 1680"
# messages NS: bytes of its tunnel, less keepalives, sent and received. Devices and tunnels
# are asked for one after the other, and a keepalive may be sent in between.
# shellcheck disable=SC2016 # jq's variables
messages() {
	look "$1" '. as {$counters, tunnels: [$tunnel]} |
		"\($tunnel."tx-bytes" - 32 * $counters."keepalives-sent") " +
		"\($tunnel."rx-bytes" - 32 * $counters."keepalives-received")"'
}
are() { [[ $(messages "$1") == "$2" ]]; }
for ns in client server; do
	within 2 are "$ns" "$((20 * 116)) $((20 * 116))" || fail "bytes of the $ns's tunnel: $(messages "$ns")"
done
(($(counter client keepalives-sent) > 0)) || fail "no keepalive began the session"
server ping -q -c 20 -i 0.05 -W 2 10.7.0.1 || fail "pings were lost"
client ping -q -c 5 -i 0.05 -W 2 -s 1392 -M "do" 10.7.0.2 || fail "packets as large as the MTU were lost"
expect "address that the server reports" "$(assigned client)" 192.0.2.1:6000
expect "sessions of the client" "$(counter client sessions)" 1
expect "handshakes of the client" "$(counter client handshakes-initiated)" 1
expect "answers of the server" "$(counter server handshakes-answered)" 1
expect "tunnels of the server" "$(tunnels server)" 1
(($(tunnel server rx-packets) >= 45)) || fail "the server counted too little"
