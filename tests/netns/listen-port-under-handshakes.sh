#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# The listen port closes while initiations for it are under way: what came to a port that is
# closed when its answer is to be computed is dropped, and later ones succeed.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# As many as an identity may have candidates.
COUNT=64 ROUNDS=40 HITS=10

topology
device client
ip -n client link set snap0 up
client tunnels new snap0 "$COUNT" "$(hex_key server)" 192.0.2.2 5000 0
record initiations client 'udp and dst port 5000'
client tunnels set snap0 "$COUNT" 25
within 10 counted client handshakes-initiated "$COUNT" || fail "not all initiations were sent"
recorded() { (($(tcpdump -r "$WORK/initiations.pcap" 2>/dev/null | wc -l) >= COUNT)); }
within 10 recorded || fail "not all initiations were recorded"
stop initiations || true
ip -n client link del snap0

responder
# So many from one address, and that would be a load.
server snaptun set snap0 --handshake-rate 1000000 --source-rate 1000000 --source-burst 1000000

# The port closes when some of them were answered, and some were not: either it waits for
# them, or they wait for it, milliseconds. The way to there is longer on a slow machine.
wait=0 hits=0 step=5
# later SIGN: the port closes that much later, or earlier.
later() {
	step=$(($1 * step > 0 ? 2 * step : -step / 2))
	((step)) || step=$1
	wait=$((wait + step))
}
for ((round = 1; round <= ROUNDS && hits < HITS; round++)); do
	server snaptun set snap0 --listen-port 5000
	server snaptun identity del snap0 --key "$(key client)"
	server snaptun identity add snap0 --key "$(key client)"
	before=$(counter server handshakes-answered)
	background closing server bash -euc "
		sleep $(printf '0.%03d' $((wait > 0 ? wait : 0)))
		snaptun set snap0 --listen-port 0"
	sleep "$(printf '0.%03d' $((wait < 0 ? -wait : 0)))"
	client replay frames "$WORK/initiations.pcap" veth0 >/dev/null
	finished closing || fail "the port cannot be closed"
	count=$(($(counter server handshakes-answered) - before))
	step "round $round: $count of $COUNT were answered before"
	if ((!count)); then
		later 1
	elif ((count >= COUNT)); then
		later -1
	else
		hits=$((hits + 1))
	fi
done
((hits)) || fail "the port never closed in between"

server snaptun set snap0 --listen-port 5000
initiator
within 10 reaches client 10.7.0.2 || fail "no answer afterwards"
