#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# Two hosts ping each other through a tunnel, with small and large packets; each
# side shows the tunnel as it is.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
client ping -q -c 20 -i 0.05 -W 2 10.7.0.2 || fail "pings were lost"
# No keepalive comes while we look; besides the session's first one there may have been another.
client snaptun tunnel set snap0 1 --keepalive off
for ns in client server; do
	look "$ns" . >"$WORK/$ns.json"
done
# Packets of 84 bytes; the tunnels count messages, which have 32 bytes more, and keepalives,
# which are nothing else.
bytes() { ip -n "$1" -j -s link show snap0 | jq -r '.[0].stats64 | "\(.tx.bytes) \(.rx.bytes)"'; }
expect "bytes of the client's device" "$(bytes client)" "1680 1680"
expect "bytes of the server's device" "$(bytes server)" "1680 1680"
messages() { # NS DIRECTION KEEPALIVES
	expect "bytes of the $1's tunnel, $2" "$(jq ".tunnels[0].\"$2-bytes\"" "$WORK/$1.json")" \
		$((20 * 116 + 32 * $3))
}
keepalives=$(jq '.counters."keepalives-sent"' "$WORK/client.json")
between "keepalives" "$keepalives" 1 2
messages client tx "$keepalives"
messages client rx 0
messages server tx 0
messages server rx "$keepalives"
server ping -q -c 20 -i 0.05 -W 2 10.7.0.1 || fail "pings were lost"
client ping -q -c 5 -i 0.05 -W 2 -s 1392 -M "do" 10.7.0.2 || fail "packets as large as the MTU were lost"
expect "address that the server reports" "$(assigned client)" 192.0.2.1:6000
expect "sessions of the client" "$(counter client sessions)" 1
expect "handshakes of the client" "$(counter client handshakes-initiated)" 1
expect "answers of the server" "$(counter server handshakes-answered)" 1
expect "tunnels of the server" "$(tunnels server)" 1
(($(tunnel server rx-packets) >= 45)) || fail "the server counted too little"
