#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Two tunnels that are told the same assigned address: the first one keeps it while it
# is established, the other is reported, and has it when the first one is gone.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# Behind a NAT, port 40000 of one address may stand for two local ports towards two
# servers.
topology_with_nat
router nft -f - <<-EOF
	table ip nat
	delete table ip nat
	table ip nat {
		chain postrouting {
			type nat hook postrouting priority 100;
			oifname "outside" udp sport { 6000, 6001 } masquerade to :40000
		}
	}
EOF
responder
ip -n server link add snap1 type snaptun
server snaptun set snap1 --private-key-file "$WORK/server.key" --listen-port 5001
server snaptun identity add snap1 --key "$(key client)"
ip -n server link set snap1 up

device client
ip -n client link set snap0 up
background events client snaptun monitor snap0 --json
within 10 logged events listening || fail "monitor does not listen"
first=$(client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:5000 --local-port 6000)
is() { [[ $(look client ".tunnels[] | select(.id == $1) | .state") == "$2" ]]; }
within 10 is "$first" established || fail "no session"
second=$(client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:5001 --local-port 6001)
within 10 is "$second" established || fail "no session"
expect "assigned addresses" \
	"$(look client '[.tunnels[].assigned | "\(.ipv4):\(.port)"] | join(" ")')" \
	"192.0.2.254:40000 192.0.2.254:40000"

# happened EVENT TUNNEL: how often monitor told of it.
happened() { jq -s "[.[] | select(.event == \"$1\" and .id == $2)] | length" "$WORK/events.log"; }
once() { [[ $(happened "$@") == 1 ]]; }
within 5 once address-conflict "$second" || fail "the conflict is not told: $(cat "$WORK/events.log")"
expect "conflicts of the first" "$(happened address-conflict "$first")" 0

# carries ID: the tunnel that a SCION packet from the address goes through.
sent() { look client ".tunnels[] | select(.id == $1) | .\"tx-packets\""; }
carries() {
	local before

	before=$(sent "$1")
	client scion-echo send snap0 --src 192.0.2.254:40000 --dst 192.0.2.2:5000 --timeout 1 --count 3 >/dev/null || true
	(($(sent "$1") >= before + 3))
}
step "the first one has it"
carries "$first" || fail "the first tunnel does not carry"
! carries "$second" || fail "the second one does"

step "the first one goes"
# So that the second is not the only one, and so the default, then.
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.9:5000 >/dev/null
client snaptun tunnel del snap0 "$first"
carries "$second" || fail "the second tunnel does not carry"
