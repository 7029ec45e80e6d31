#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# Tunnel, identity and device are removed while packets run in both directions, a few
# times each; what is made anew works.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
iperf3_server

traffic() {
	background stream client iperf3 -c 10.7.0.2 -t 60 --bidir
	background flood client ping -q -f -c 1000000 10.7.0.2
	within 20 moving || fail "there is no traffic"
}
moving() { (($(tunnel client rx-packets) > 100)); }
quiet() {
	stop stream || true
	stop flood || true
}

for round in 1 2 3; do
	step "the client's tunnel, round $round"
	traffic
	client snaptun tunnel del snap0 "$(tunnel client id)"
	quiet
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" \
		--local-port $((6000 + round))
	within 10 reaches client 10.7.0.2 || fail "no answer"
done

step "the server's identity"
traffic
server snaptun identity del snap0 --key "$(key client)"
quiet
expect "tunnels of the server" "$(tunnels server)" 0
server snaptun identity add snap0 --key "$(key client)"
ip -n client link del snap0
initiator
within 10 reaches client 10.7.0.2 || fail "no answer"

step "the client's device"
traffic
ip -n client link del snap0
quiet
initiator --local-port 6009
within 10 reaches client 10.7.0.2 || fail "no answer"

step "the server's device"
traffic
ip -n server link del snap0
quiet
responder
ip -n client link set snap0 down
ip -n client link set snap0 up
within 10 reaches client 10.7.0.2 || fail "no answer"
