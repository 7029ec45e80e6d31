#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# The interface is dormant while no tunnel is established, and up while one is; a
# dormant one takes packets, which start a handshake, of IPv6 too.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

operstate() { ip -n "$1" -j link show snap0 | jq -r '.[0].operstate'; }
is() { [[ $(operstate "$1") == "$2" ]]; }
becomes() { within 5 is "$1" "$2" || fail "$1 is $(operstate "$1"), not $2"; }

topology
device client
ip -n client link set snap0 up
becomes client DORMANT
[[ $(ip -n client -j link show snap0 | jq -c '.[0].flags') == *LOWER_UP* ]] || fail "there is no carrier"
ip -n client link del snap0

responder --answer-keepalives off
becomes server DORMANT
initiator --keepalive off --answer-keepalives off
becomes client DORMANT
# The stack sends although the link is dormant, and so it is no longer.
client ping -q -c 3 -i 0.2 -W 8 fd07::2 || fail "no answer over IPv6"
becomes client UP
becomes server UP

step "the session ends"
sleep 170
is client UP || fail "it is $(operstate client) while the session lives"
sleep 15
becomes client DORMANT
becomes server DORMANT
expect "state" "$(tunnel client state)" idle
client ping -q -c 1 -W 8 10.7.0.2 || fail "no answer"
becomes client UP

step "of two tunnels one is established"
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.9:5000 >/dev/null
sleep 20
expect "states" "$(look client '[.tunnels[].state] | join(" ")')" "established connecting"
becomes client UP
expect "established" "$(look client .established)" 1

step "down, and up again"
ip -n client link set snap0 down
becomes client DOWN
ip -n client link set snap0 up
becomes client DORMANT
expect "established" "$(look client .established)" 0
