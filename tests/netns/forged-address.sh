#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# An authorised client that sends handshakes in the name of another's address cannot
# lock it out: not before it has a tunnel, nor while it has one, nor from its rekeys.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# The forger has the client's address on a link of its own; answers go to the client.
topology
make_key forger
ip netns add forger
ip -n forger link set lo up
ip link add veth0 netns forger type veth peer name veth1 netns server
ip -n forger addr add 192.0.2.1/24 dev veth0
ip -n forger link set veth0 up
ip -n server link set veth1 up
SHOWN+=(forger)
forger() { ip netns exec forger "$@"; }
# With a second identity none is the default one.
responder --allowed-ips 10.7.0.1/32
server snaptun identity add snap0 --key "$(key forger)"
ip -n forger link add snap0 type snaptun
forger snaptun set snap0 --private-key-file "$WORK/forger.key"
forger snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --local-port 6000 >/dev/null
ip -n forger link set snap0 up
answered() { counted server handshakes-answered 3; }
within 60 answered || fail "the server does not hear the forger"
expect "what the forger has" "$(tunnel forger state)" connecting
expect "confirmed tunnels of the server" "$(look server .established)" 0

step "a client that comes"
initiator
within 5 established client || fail "no session"
reaches client 10.7.0.2 || fail "no answer"
expect "initiations that it took" "$(counter client handshakes-initiated)" 1

step "a client that is there"
background receive server udp-gso receive 10.7.0.2 7000 --count 600 --size 100
within 10 listening server udp 7000 || fail "nobody listens"
client udp-gso send 10.7.0.2 7000 --count 600 --size 100 --every 500000
finished receive || fail "packets are lost: $(cat "$WORK/receive.log")"
between "sessions in 300 s" "$(counter client sessions)" 3 4
counted server rx-foreign-key 30 || fail "the forger was not refused"
expect "the forger's tunnels" "$(look server ".tunnels[] | select(.\"remote-key\" == \"$(key forger)\") | .id")" ""

step "a client that was away"
ip -n client link set snap0 down
sleep 2
ip -n client link set snap0 up
within 10 established client || fail "no session"
within 10 reaches client 10.7.0.2 || fail "no answer"
