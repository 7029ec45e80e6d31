# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2119
# What the tests of assigned addresses share: a client with two tunnels, to two devices
# of the server, that are both told the address 192.0.2.254:40000. Sourced.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Behind a NAT, port 40000 of one address may stand for two local ports towards two
# servers.
topology_with_shared_address() {
	topology_with_nat
	masquerade 40000 '{ 6000, 6001 }'
	responder
	ip -n server link add snap1 type snaptun
	server snaptun set snap1 --private-key-file "$WORK/server.key" --listen-port 5001
	server snaptun identity add snap1 --key "$(key client)"
	ip -n server link set snap1 up
}

# is TUNNEL STATE: whether the client's tunnel is in it.
is() { [[ $(look client ".tunnels[] | select(.id == $1) | .state") == "$2" ]]; }

# add_tunnel PORT LOCAL-PORT: one of the client's tunnels; tells its id.
add_tunnel() {
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "192.0.2.2:$1" --local-port "$2"
}

# two_tunnels: both of the client's tunnels, $first and $second, with a session; events
# go to events.log.
two_tunnels() {
	device client
	ip -n client link set snap0 up
	background events client snaptun monitor snap0 --json
	within 10 logged events listening || fail "monitor does not listen"
	first=$(add_tunnel 5000 6000)
	within 10 is "$first" established || fail "no session"
	second=$(add_tunnel 5001 6001)
	within 10 is "$second" established || fail "no session"
	expect "assigned addresses" \
		"$(look client '[.tunnels[].assigned | "\(.ipv4):\(.port)"] | join(" ")')" \
		"192.0.2.254:40000 192.0.2.254:40000"
}

# another_tunnel: none of both is the only one, and so the default, then.
another_tunnel() {
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.9:5000 >/dev/null
}

# happened EVENT TUNNEL: how often monitor told of it.
happened() { jq -s "[.[] | select(.event == \"$1\" and .id == $2)] | length" "$WORK/events.log"; }
once() { [[ $(happened "$@") == 1 ]]; }

# carries TUNNEL: whether SCION packets from the address go through it.
sent() { look client ".tunnels[] | select(.id == $1) | .\"tx-packets\""; }
carries() {
	local before

	before=$(sent "$1")
	client scion-echo send snap0 --src 192.0.2.254:40000 --dst 192.0.2.2:5000 --timeout 1 --count 3 >/dev/null || true
	(($(sent "$1") >= before + 3))
}
