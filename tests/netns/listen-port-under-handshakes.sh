#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# The listen port closes while initiations for it are under way: what came to a port that is
# closed when its answer is to be computed is dropped, and later ones succeed.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

ROUNDS=6 COUNT=40

topology
responder
# So many from one address, and that would be a load.
server snaptun set snap0 --handshake-rate 1000000 --source-rate 1000000 --source-burst 1000000

# tunnels_to_be: the client's device is down, and has tunnels that begin when it goes up.
tunnels_to_be() {
	device client
	# shellcheck disable=SC2016 # the inner shell's variables
	client bash -euc 'for ((i = 0; i < $1; i++)); do
		snaptun tunnel add snap0 --remote-key "$2" --endpoint "$3" --keepalive 25 >/dev/null
	done' - "$COUNT" "$(key server)" "$SERVER"
}

# When the port closes is moved towards where some have been answered, and some have not.
wait=2500
for ((round = 0; round < ROUNDS; round++)); do
	server snaptun set snap0 --listen-port 5000
	tunnels_to_be
	before=$(counter server handshakes-answered)
	background closing server bash -euc "
		sleep $(printf '0.%06d' "$wait")
		snaptun set snap0 --listen-port 0"
	ip -n client link set snap0 up
	finished closing || fail "the port cannot be closed"
	count=$(($(counter server handshakes-answered) - before))
	step "round $round: $count of $COUNT were answered before"
	((count > 0)) || wait=$((wait + 800))
	((count < COUNT || wait < 800)) || wait=$((wait - 800))
	ip -n client link del snap0
done

server snaptun set snap0 --listen-port 5000
initiator
within 10 reaches client 10.7.0.2 || fail "no answer afterwards"
