#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# One key, two tunnels from two ports to the same server: each has its own address,
# and a SCION packet takes the one that its source address was assigned by.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --local-port 6001
both() { [[ $(look client '[.tunnels[].state] | join(" ")') == "established established" ]]; }
within 10 both || fail "no second session"
expect "addresses" "$(look client '[.tunnels[].assigned | "\(.ipv4):\(.port)"] | join(" ")')" \
	"192.0.2.1:6000 192.0.2.1:6001"
two() { (($(tunnels server) == 2)); }
within 5 two || fail "the server has $(tunnels server) tunnels"
expect "tunnels of the identity" "$(look server '.identities[0].tunnels')" 2

# packets: what the server received from either port, one a line.
packets() { look server '.tunnels | sort_by(.endpoint.port)[] | ."rx-packets"'; }

scion_echo server
for port in 6000 6001; do
	step "by port $port"
	mapfile -t before < <(packets)
	client scion-echo send snap0 --src "192.0.2.1:$port" --dst 192.0.2.2:5000 --count 100 ||
		fail "packets were lost"
	mapfile -t after < <(packets)
	used=$((port - 6000))
	between "packets of the right tunnel" $((after[used] - before[used])) 100 102
	between "packets of the other one" $((after[!used] - before[!used])) 0 2
done

step "one ends, the other stays"
client snaptun tunnel del snap0 1
reaches client 10.7.0.2 || fail "no answer through the second tunnel"
