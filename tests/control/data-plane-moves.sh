#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A control plane that names another data plane, or another key of it, has the daemon's
# tunnels follow: as many as before, and none of the old ones. A registration that fails
# meanwhile does not take away what works.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

# data_plane NAME PORT: another one over there.
data_plane() {
	make_key "$1"
	ip -n them link add "$1" type snaptun
	ip -n them link set "$1" addrgenmode none
	them snaptun set "$1" --private-key-file "$WORK/$1.key" --listen-port "$2"
	them snaptun identity add "$1" --key "$(key us)"
	ip -n them link set "$1" up
}

# ends: where tunnels lead to, and how they are, one a line.
ends() { look '.tunnels[] | "\(.endpoint.port) \(.["remote-key"]) \(.state)"' | sort | uniq -c | xargs; }

topology
data_plane second 5001
data_plane third 5001 2>/dev/null || data_plane third 5002
control
start_daemon --snap "$(url 1)" --tunnels 2
within 20 established 2 || fail "tunnels: $(tunnels)"
expect "tunnels" "$(ends)" "2 5000 $(key them) established"

step "it moves, and the daemon asks with the next token: the tunnels follow"
script "{data_plane: \"$HOST:5001\", key: \"$(hex_key second)\"}"
forget
new_token
sleep 10
expect "tunnels" "$(ends)" "2 5001 $(key second) established"
expect "control planes" "$(planes)" "$(url 1)/ registered 2"
expect "registrations" "$(count "$REGISTER")" 1
counts_agree || fail "counts: $(planes)"
grep -q 'has moved' "$WORK/daemon.log" || fail "it does not say so"

step "it moves without a word: found out when there are no answers any more"
ip -n them link del second
data_plane fourth 5004
script "{data_plane: \"$HOST:5004\", key: \"$(hex_key fourth)\"}"
sleep 300
expect "tunnels" "$(ends)" "2 5004 $(key fourth) established"
expect "control planes" "$(planes)" "$(url 1)/ registered 2"

step "the same address, another key"
ip -n them link del fourth
data_plane fourth 5004
script "{data_plane: \"$HOST:5004\", key: \"$(hex_key fourth)\"}"
new_token
sleep 10
expect "tunnels" "$(ends)" "2 5004 $(key fourth) established"

step "it moves to where nobody registers us: later it does, and all is well"
script "{data_plane: \"$DATA_PLANE\", key: \"$(hex_key them)\",
	behave: {\"p1/$REGISTER\": [{status: 503}]}}"
new_token
sleep 40
expect "how many tunnels" "$(tunnels | wc -l)" 2
counts_agree || fail "counts: $(planes)"
script "{data_plane: \"$DATA_PLANE\", key: \"$(hex_key them)\"}"
sleep 80
expect "tunnels" "$(ends)" "2 5000 $(key them) established"
expect "control planes" "$(planes)" "$(url 1)/ registered 2"

step "with a port of our own"
stop daemon || fail "the daemon does not end well"
us snaptun disconnect snap0
start_daemon --snap "$(url 1)" --local-port 6000
within 20 established 1 || fail "tunnels: $(tunnels)"
script "{data_plane: \"$HOST:5004\", key: \"$(hex_key fourth)\"}"
new_token
sleep 10
expect "tunnels" "$(ends)" "1 5004 $(key fourth) established"
expect "port" "$(look '.tunnels[0].assigned.port')" 6000

step "a tunnel that somebody removes is made again"
us snaptun tunnel del snap0 "$(tunnels | cut -d' ' -f1)"
sleep 80
expect "tunnels" "$(ends)" "1 5004 $(key fourth) established"
