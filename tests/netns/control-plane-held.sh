#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A tunnel whose control plane was never registered sends nothing and answers nothing;
# whoever wants to send through it is told. Once the device is registered, the tunnel
# begins by itself. With another private key it waits again.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# arrived: how many datagrams came to the server from the tunnel's port.
arrived() { server nft -j list chain inet count prerouting | jq '[.. | .counter? // empty | .packets][0]'; }

# silent: nothing is sent, whatever asks for it.
silent() {
	local before lost

	before=$(arrived) lost=$(counter client tx-unregistered)
	client ping -c 3 -i 0.2 -W 1 10.7.0.2 >"$WORK/ping.log" 2>&1 && fail "somebody answers"
	logged ping 'Required key not available|Unreachable' || fail "the sender hears nothing"
	expect "packets refused" "$(counter client tx-unregistered)" $((lost + 3))
	expect "packets that wait" "$(tunnel client staged)" 0
	sleep 100
	expect "datagrams" "$(arrived)" "$before"
	expect "state" "$(tunnel client state)" idle
	expect "handshakes" "$(tunnel client handshake-age)" null
}

topology
server nft -f - <<-EOF
	table inet count {
		chain prerouting {
			type filter hook prerouting priority -400;
			udp sport 6000 counter
		}
	}
EOF
responder
initiator --control-plane https://a --keepalive 10
registrar one client

step "never registered"
silent
ip -n client link set snap0 down
ip -n client link set snap0 up
client snaptun tunnel set snap0 1 --keepalive 5
silent
expect "one begins" "$(say one registering snap0 1 1000000)" ok
silent
expect "one fails" "$(say one failed snap0 1)" ok
silent

step "the other side begins"
server snaptun identity del snap0 --key "$(key client)"
server snaptun set snap0 --listen-port 0
# Not even a cookie comes back where there are so many that others get one.
client snaptun set snap0 --handshake-rate 1
for initiation in 1 2 3 4; do
	[[ $(tunnel server id) == none ]] || server snaptun tunnel del snap0 "$(tunnel server id)"
	server snaptun tunnel add snap0 --remote-key "$(key client)" --endpoint 192.0.2.1:6000 \
		--local-port 5000 >/dev/null
	within 10 counted client rx-down "$initiation" || fail "the initiation is not counted"
done
client snaptun set snap0 --handshake-rate 20
expect "datagrams" "$(arrived)" 0
expect "state at the server" "$(tunnel server state)" connecting

step "registered"
expect "one begins" "$(say one registering snap0 1 10000)" ok
expect "one is done" "$(say one registered snap0 1 100000000)" ok
within 10 established client || fail "it does not begin"
within 10 reaches client 10.7.0.2 || fail "no answer"

step "another tunnel with the same control plane"
id=$(client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:9 --control-plane https://a)
connecting() { [[ $(look client ".tunnels[] | select(.id == $id) | .state") == "$1" ]]; }
within 10 connecting connecting || fail "it waits, though the device is registered"
client snaptun tunnel set snap0 "$id" --control-plane https://b
expect "state with another control plane" \
	"$(look client ".tunnels[] | select(.id == $id) | .state")" idle
client snaptun tunnel set snap0 "$id" --control-plane none
within 10 connecting connecting || fail "it waits, and for nothing"
client snaptun tunnel del snap0 "$id"

step "another private key"
make_key other
client snaptun set snap0 --private-key-file "$WORK/other.key"
expect "state of the control plane" "$(plane client 1 state)" idle
expect "lifetime" "$(plane client 1 lifetime)" none
silent
id=$(client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:9 --control-plane https://a)
sleep 10
connecting idle || fail "a new tunnel does not wait"
client snaptun tunnel del snap0 "$id"
expect "one begins" "$(say one registering snap0 1 10000)" ok
client snaptun set snap0 --private-key-file "$WORK/client.key"
expect "one is done, with the other key" "$(say one registered snap0 1 1000)" \
	'ESTALE this socket does not register, or its time was up'
silent
expect "one begins" "$(say one registering snap0 1 10000)" ok
client snaptun set snap0 --private-key-file "$WORK/client.key"
expect "one is done, with the same key" "$(say one registered snap0 1 1000000)" ok
within 10 established client || fail "it does not begin"
within 10 reaches client 10.7.0.2 || fail "no answer"
