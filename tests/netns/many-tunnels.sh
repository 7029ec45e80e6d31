#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# long on: uml-debug
# timeout: 600
# 1,000 tunnels (250 where a kernel checks itself) of one device, made and removed while traffic goes through others: all
# get a session, each with a port of its own, and nothing of what passes is lost.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

COUNT=1000
# Where each of them takes many times as long.
[[ ${SNAPTUN_KERNEL:-} != uml-debug* ]] || COUNT=250
REMOVED=$((COUNT * 3 / 10))

# The tunnels are of one key, the traffic of another that has the addresses.
topology
make_key many
responder --allowed-ips 10.7.0.1/32
server snaptun identity add snap0 --key "$(key many)" --keepalive off
server snaptun set snap0 --handshake-rate 100000 --source-rate 100000 --source-burst 100000
initiator
within 10 established client || fail "no session"
background traffic client ping -i 0.05 -W 2 10.7.0.2
client ip link add snap1 type snaptun
client snaptun set snap1 --private-key-file "$WORK/many.key"
ip -n client link set snap1 up

# many FILTER: what a jq filter says of the device with many tunnels.
many() { client snaptun show snap1 --json | jq -r ".[0] | $1"; }
client_has() {
	# Answers that are asked for are no load, however many there are.
	expect "cookies that the client demanded" "$(many '.counters."cookies-sent"')" 0
	(($(many .established) >= COUNT))
}
server_has() { (($(look server .established) >= COUNT + 1)); }

step "made"
# shellcheck disable=SC2016 # the inner shell's variables
client bash -euc 'for ((i = 0; i < $1; i++)); do
		snaptun tunnel add snap1 --remote-key "$2" --endpoint "$3" --keepalive 20 >/dev/null
	done' - "$COUNT" "$(key server)" "$SERVER"
within 120 client_has || fail "$(many .established) have a session"
within 30 server_has || fail "the server has $(look server .established)"
expect "ports" "$(many '[.tunnels[]."local-port"] | unique | length')" "$COUNT"
expect "addresses" "$(many '[.tunnels[].assigned.port] | unique | length')" "$COUNT"

step "removed, one by one, with their identity, and with their device"
# shellcheck disable=SC2016
client bash -euc 'for ((i = 1; i <= $1; i++)); do snaptun tunnel del snap1 "$i"; done' - "$REMOVED"
expect "tunnels left" "$(many '.tunnels | length')" $((COUNT - REMOVED))
server snaptun identity del snap0 --key "$(key many)"
expect "tunnels of the server" "$(tunnels server)" 1
ip -n client link del snap1
answered() { sed -n 's/.* icmp_seq=\([0-9]*\) ttl=.*/\1/p' "$WORK/traffic.log"; }
before=$(answered | wc -l)
more_answered() { (($(answered | wc -l) > before + 2)); }
within 10 more_answered || fail "no answer afterwards"
kill -INT "${RUNNING[traffic]}"
finished traffic || fail "$(tail -n 3 "$WORK/traffic.log")"
answered >"$WORK/answered"
seq "$(wc -l <"$WORK/answered")" | diff - "$WORK/answered" || fail "pings were lost"
