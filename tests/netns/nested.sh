#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# A device whose underlay is another one's tunnel: both carry. Two devices whose
# tunnels lead into each other: packets are dropped after a few rounds, and the
# machine lives on.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
make_key inner-client
make_key inner-server
connect
# inner NS NUMBER: that host's second device, its addresses 10.8.0.NUMBER and fd08::NUMBER.
inner() {
	ip -n "$1" link add snap1 type snaptun
	ip netns exec "$1" snaptun set snap1 --private-key-file "$WORK/inner-$1.key"
	ip -n "$1" addr add "10.8.0.$2/24" dev snap1
	ip -n "$1" addr add "fd08::$2/64" dev snap1 nodad
	ip -n "$1" link set snap1 mtu 1340 up
}
inner client 1
inner server 2
server snaptun set snap1 --listen-port 5005
server snaptun identity add snap1 --key "$(key inner-client)"

for endpoint in 10.7.0.2:5005 '[fd07::2]:5005'; do
	step "a tunnel in a tunnel, to $endpoint"
	id=$(client snaptun tunnel add snap1 --remote-key "$(key inner-server)" --endpoint "$endpoint")
	within 10 reaches client 10.8.0.2 || fail "no answer"
	client ping -q -c 20 -i 0.05 -W 2 -s 1312 -M "do" 10.8.0.2 || fail "pings were lost"
	server ping -q -c 5 -i 0.05 -W 2 -s 1292 -M "do" fd08::1 || fail "pings were lost"
	iperf3_server
	client iperf3 -c 10.8.0.2 -n 1M || fail "no TCP"
	client iperf3 -c fd08::2 -n 1M -R || fail "no TCP the other way"
	stop iperf3 || true
	client snaptun tunnel del snap1 "$id"
done

step "tunnels that lead into each other"
client snaptun tunnel add snap1 --remote-key "$(key inner-server)" --endpoint 10.7.0.2:5005 >/dev/null
within 10 reaches client 10.8.0.2 || fail "no answer"
ip -n client route add 192.0.2.2/32 dev snap1
sent() { ip -n client -j -s link show "$1" | jq '.[0].stats64.tx.packets'; }
before=$(sent snap1)
! client ping -q -c 100 -i 0.01 -s 1000 -W 1 10.8.0.2 || fail "the packets found a way"
# Each goes round a few times, and keepalives and handshakes do.
(($(sent snap1) - before < 2000)) || fail "packets went round $(($(sent snap1) - before)) times"
loops() { client snaptun show --json | jq '[.[].counters."tx-loop"] | add'; }
(($(loops) > 0)) || fail "no loop was counted"
ip -n client route del 192.0.2.2/32 dev snap1
within 20 reaches client 10.8.0.2 || fail "no answer when the routes are right again"
