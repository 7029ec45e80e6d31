#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A helper that lets its deadline pass counts as lost, and what it says later does not
# count. When a registration has ended, an event says so, and tunnels go on.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# happened EVENT STATE: that was the last event.
happened() {
	within 5 eval "[[ \$(last_event) == 'control-plane-$1 $2' ]]" || fail "the last event is $(last_event)"
}
last_event() { grep control-plane- "$WORK/events.log" | tail -n 1 | jq -r '"\(.event) \(.state)"'; }
how_many() { jq -s "map(select(.event == \"control-plane-$1\")) | length" "$WORK/events.log"; }
is() { expect "state" "$(plane client 1 state)" "$1"; }

topology
responder
initiator --control-plane https://a
background events client snaptun monitor snap0 --json
within 10 logged events listening || fail "monitor does not listen"
registrar one client
registrar two client

step "a deadline without a registration"
expect "one begins" "$(say one registering snap0 1 60000)" ok
sleep 55
is registering
expect "two begins" "$(say two registering snap0 1 1000)" 'EBUSY another helper is registering'
sleep 6
is idle
happened lost idle
expect "one is done" "$(say one registered snap0 1 1000000)" 'ESTALE this socket does not register, or its time was up'
expect "state of the tunnel" "$(tunnel client state)" idle

step "each beginning sets it anew"
for _ in 1 2 3; do
	expect "one begins" "$(say one registering snap0 1 60000)" ok
	sleep 40
	is registering
done
expect "what was told" "$(how_many state) $(how_many lost)" '2 1'
expect "one is done" "$(say one registered snap0 1 600000)" ok
happened state registered
within 10 established client || fail "no session"
reaches client 10.7.0.2 || fail "no answer"

step "a deadline with a registration"
expect "two begins" "$(say two registering snap0 1 30000)" ok
sleep 31
is registered
happened lost registered
between "lifetime" "$(plane client 1 lifetime)" 500000 569000
expect "two is done" "$(say two registered snap0 1 1000000)" 'ESTALE this socket does not register, or its time was up'
between "lifetime" "$(plane client 1 lifetime)" 500000 569000

step "a registration ends"
sleep 560
expect "what was told" "$(how_many state) $(how_many lost)" '4 2'
is registered
sleep 20
is idle
happened state idle
expect "lifetime" "$(plane client 1 lifetime)" none
expect "what was told" "$(how_many state) $(how_many lost)" '5 2'
lost=$(counter client tx-unregistered)
reaches client 10.7.0.2 || fail "no answer"
sessions=$(counter client sessions)
sleep 200
reaches client 10.7.0.2 || fail "no answer"
(($(counter client sessions) > sessions)) || fail "no handshake any more"
expect "packets refused" "$(counter client tx-unregistered)" "$lost"

step "it ends while somebody registers, and after somebody failed"
expect "one begins" "$(say one registering snap0 1 1000000)" ok
expect "one is done" "$(say one registered snap0 1 10000)" ok
expect "one begins" "$(say one registering snap0 1 1000000)" ok
told=$(how_many state)
sleep 12
is registering
expect "lifetime" "$(plane client 1 lifetime)" none
happened state registering
expect "what was told" "$(how_many state)" $((told + 1))
expect "one fails" "$(say one failed snap0 1)" ok
expect "one begins" "$(say one registering snap0 1 1000000)" ok
expect "one is done" "$(say one registered snap0 1 20000)" ok
expect "one begins" "$(say one registering snap0 1 15000)" ok
expect "one fails" "$(say one failed snap0 1)" ok
is failed
between "lifetime" "$(plane client 1 lifetime)" 1 20000
sleep 21
is failed
expect "lifetime" "$(plane client 1 lifetime)" none
expect "helpers that were lost" "$(how_many lost)" 2
