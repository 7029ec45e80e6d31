#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# At an identity's bound a new tunnel makes the one go that was silent longest, with an
# event; at the device's bound there is no new one. Both bounds can be set.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder
server snaptun set snap0 --max-identity-tunnels 3
background events server snaptun monitor snap0 --json
within 10 logged events listening || fail "monitor does not listen"
device client
ip -n client link set snap0 up

ports() { look server '[.tunnels[].endpoint.port] | sort | join(" ")'; }
have() { [[ $(ports) == "$1" ]]; }

# joins PORT: one more tunnel from there.
joins() {
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" \
		--local-port "$1" --keepalive 2 >/dev/null
	sleep 1
}

joins 6000
joins 6001
joins 6002
have "6000 6001 6002" || fail "the server has $(ports)"

step "one too many"
# The second is not heard of any more.
client nft -f - <<-EOF
	table inet silence {
		chain output {
			type filter hook output priority 0;
			udp sport 6001 drop
		}
	}
EOF
sleep 5
joins 6003
within 5 have "6000 6002 6003" || fail "the server has $(ports)"
expect "tunnels evicted" "$(counter server tunnels-evicted)" 1
expect "events of their end" "$(grep -c 'tunnel-del' "$WORK/events.log")" 1
client nft delete table inet silence
sleep 30
# It comes back, and another one goes: all of them are heard of as often.
expect "tunnels" "$(look server '.tunnels | length')" 3

step "a lower bound"
server snaptun set snap0 --max-identity-tunnels 1
expect "tunnels" "$(look server '.tunnels | length')" 1

step "the device's bound"
server snaptun set snap0 --max-identity-tunnels 10 --max-tunnels 2
within 30 counted server rx-tunnel-limit 1 || fail "what was refused is not counted"
expect "tunnels" "$(look server '.tunnels | length')" 2
! server snaptun tunnel add snap0 --remote-key "$(key client)" --endpoint 192.0.2.1:7000 2>"$WORK/refusal.log" ||
	fail "a tunnel too many"
logged refusal 'as many tunnels as it may have' || fail "$(cat "$WORK/refusal.log")"
server snaptun set snap0 --max-tunnels 100
four() { [[ $(look server .established) == 4 ]]; }
within 60 four || fail "the others do not come back: $(look server .established)"
