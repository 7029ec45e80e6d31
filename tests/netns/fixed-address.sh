#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A tunnel with a fixed address is closed when it would get another one: it sends
# nothing and takes nothing, until it is changed or the device is set down and up.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

is() { [[ $(tunnel client state) == "$1" ]]; }

# rebinds PORT: the NAT gives the client another port, and it notices.
rebinds() {
	masquerade "$1"
	! reaches client 10.7.0.2 || fail "the server takes packets from an address without a tunnel"
}

topology_with_nat
responder
initiator --fixed-address on
within 10 established client || fail "no session"
background events client snaptun monitor snap0 --json
within 10 logged events listening || fail "monitor does not listen"

step "closed"
rebinds 41000
within 40 is closed || fail "it is $(tunnel client state)"
expect "address" "$(assigned client)" 192.0.2.254:40000
logged events '"state": ?"closed"' || fail "no event: $(cat "$WORK/events.log")"
capture wire client 'udp and src port 6000'
lost=$(counter client tx-no-session)
client ping -c 3 -i 0.2 -W 1 10.7.0.2 >"$WORK/ping.log" 2>&1 && fail "somebody answers"
logged ping 'Required key not available|Unreachable' || fail "the sender hears nothing"
(($(counter client tx-no-session) > lost)) || fail "what is dropped is not counted"
expect "packets that wait" "$(tunnel client staged)" 0
# The server tries to reach the client, which does not answer.
server ping -q -c 1 -W 1 10.7.0.1 >/dev/null || true
sleep 200
stop wire || true
expect "datagrams sent" "$(datagrams wire 198.51.100.1.6000)" 0
is closed || fail "it is $(tunnel client state)"
expect "link" "$(ip -n client -j link show snap0 | jq -r '.[0].operstate')" DORMANT

step "changed"
client snaptun tunnel set snap0 1 --keepalive 10
within 10 established client || fail "no session"
expect "address" "$(assigned client)" 192.0.2.254:41000
reaches client 10.7.0.2 || fail "no answer"

step "down and up"
rebinds 42000
within 40 is closed || fail "it is $(tunnel client state)"
ip -n client link set snap0 down
ip -n client link set snap0 up
within 10 established client || fail "no session"
expect "address" "$(assigned client)" 192.0.2.254:42000

step "any address is good enough"
client snaptun tunnel set snap0 1 --fixed-address off
rebinds 43000
at() { [[ $(assigned client) == "192.0.2.254:$1" ]]; }
within 40 at 43000 || fail "the tunnel does not come back"
within 10 reaches client 10.7.0.2 || fail "no answer"
