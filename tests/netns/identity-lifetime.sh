#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# When an identity's authorisation ends, nothing goes through its tunnel in either
# direction and no handshake is taken; the tunnel stays, one event tells of it, and
# another authorisation lets the session that there is go on.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

authorise() { server snaptun identity set snap0 --key "$(key client)" --lifetime "$@"; }
ends() { jq -s 'map(select(.event == "identity-ended")) | length' "$WORK/events.log"; }
ended() { (($(ends) == $1)); }
left() { look server '.identities[0].authorisations | map(.lifetime)[0] // "none"'; }

# dead: neither side reaches the other, and it is counted why.
dead() {
	local sent received

	sent=$(counter server tx-unauthorised)
	server ping -c 2 -i 0.2 -W 1 10.7.0.1 >"$WORK/ping.log" 2>&1 && fail "the client answers"
	logged ping 'Required key not available|Unreachable' || fail "the sender hears nothing"
	expect "packets refused" "$(counter server tx-unauthorised)" $((sent + 2))
	received=$(counter server rx-unauthorised)
	! reaches client 10.7.0.2 || fail "the server answers"
	within 5 counted server rx-unauthorised $((received + 1)) || fail "what is dropped is not counted"
}

topology
# Nothing happens but what is sent.
responder --answer-keepalives off --lifetime 60
initiator --answer-keepalives off --keepalive off
background events server snaptun monitor snap0 --json
within 10 logged events listening || fail "monitor does not listen"
reaches client 10.7.0.2 || fail "no answer"
within 10 established server || fail "the server has no session"
between "what is left" "$(left)" 50000 60000
sleep 50
reaches client 10.7.0.2 || fail "no answer before the end"
reaches server 10.7.0.1 || fail "no answer before the end"
# That of nobody else ends.
expect "ends" "$(ends)" 0

step "the end"
sleep 11
within 5 ended 1 || fail "no event"
jq -es --arg key "$(key client)" 'map(select(.event == "identity-ended"))[0] |
	[.ifname, .key, .tunnels] == ["snap0", $key, 1]' "$WORK/events.log" >/dev/null || fail "$(cat "$WORK/events.log")"
expect "what is left" "$(left)" none
server snaptun show snap0 >"$WORK/shown"
grep -qx '    authorised: no longer' "$WORK/shown" || fail "people are not told"
delivered=$(delivered client) handed=$(delivered server)
dead
expect "tunnels" "$(tunnels server)" 1

step "authorised again"
sessions=$(counter client sessions)
authorise 100
reaches client 10.7.0.2 || fail "no answer"
reaches server 10.7.0.1 || fail "no answer the other way"
expect "sessions" "$(counter client sessions)" "$sessions"
expect "tunnels" "$(tunnels server)" 1
server snaptun show snap0 >"$WORK/shown"
grep -qE '^    authorised: for another 1 minute, [0-9]+ seconds?$' "$WORK/shown" || fail "people are not told how long"

step "ended by hand"
authorise 0
within 5 ended 2 || fail "no event"
dead
authorise 0
authorise unlimited
reaches client 10.7.0.2 || fail "no answer"
expect "tunnels" "$(tunnels server)" 1
expect "lifetime" "$(look server '.identities[0].authorisations | tojson')" '[{"tag":""}]'

step "for long"
capture wire server 'udp and src port 5000'
authorise 5
sleep 7
within 5 ended 3 || fail "no event"
delivered=$(delivered client) handed=$(delivered server) answered=$(counter server handshakes-answered)
sent=$(datagrams wire 192.0.2.2.5000) refused=$(counter server rx-unauthorised)
client snaptun tunnel set snap0 1 --keepalive 5
sleep 100
dead
expect "tunnels" "$(tunnels server)" 1
sleep 500
# By now the tunnel went with its session, as any other would.
! reaches server 10.7.0.1 || fail "the client answers"
! reaches client 10.7.0.2 || fail "the server answers"
expect "datagrams of the server" "$(datagrams wire 192.0.2.2.5000)" "$sent"
stop wire || true
expect "packets that arrived at the client" "$(delivered client)" "$delivered"
expect "packets that arrived at the server" "$(delivered server)" "$handed"
expect "handshakes answered" "$(counter server handshakes-answered)" "$answered"
(($(counter server rx-unauthorised) > refused + 50)) || fail "handshakes are not counted"
expect "handshakes that got further" "$(counter server rx-down)" 0
expect "ends" "$(ends)" 3
expect "tunnels at the client" "$(tunnels client)" 1

step "authorised again"
authorise 1000000
within 200 established client || fail "no session"
within 10 reaches client 10.7.0.2 || fail "no answer"
# That end does not come with the identity gone.
authorise 2
server snaptun identity del snap0 --key "$(key client)"
sleep 5
expect "ends" "$(ends)" 3
