#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# On the side that listens an identity has allowed IPs: its newest tunnel carries
# what is sent there, all its tunnels may be the source, and no other identity's.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
make_key second
device server
server snaptun set snap0 --listen-port 5000
server snaptun identity add snap0 --key "$(key client)" --allowed-ips 10.7.0.1/32,fd07::1/128
server snaptun identity add snap0 --key "$(key second)" --allowed-ips 10.8.0.0/24
ip -n server link set snap0 up
ip -n server route add 10.8.0.0/24 dev snap0
initiator
ip -n client link add snap1 type snaptun
client snaptun set snap1 --private-key-file "$WORK/second.key"
client snaptun tunnel add snap1 --remote-key "$(key server)" --endpoint "$SERVER" --local-port 6001 >/dev/null
# In a namespace of its own: what it sends is to leave through it.
ip netns add second
SHOWN+=(second)
second() { ip netns exec second "$@"; }
ip -n client link set snap1 netns second
ip -n second addr add 10.8.0.1/32 dev snap1
ip -n second addr add 10.7.0.1/32 dev snap1
ip -n second link set snap1 up
ip -n second route add 10.7.0.2/32 dev snap1 src 10.8.0.1
within 10 established client || fail "no session"
within 10 established server || fail "the server has no session"

step "each identity has its own"
client ping -q -c 1 -W 5 10.7.0.2 >/dev/null || fail "no answer"
server ping -q -c 1 -W 2 10.7.0.1 >/dev/null || fail "no answer the other way"
server ping -q -c 1 -W 2 fd07::1 >/dev/null || fail "no answer over IPv6"
server ping -q -c 1 -W 2 10.8.0.1 >/dev/null || fail "no answer of the second"
dropped=$(counter server rx-not-allowed)
! second ping -q -c 2 -i 0.1 -W 1 -I 10.7.0.1 10.7.0.2 || fail "one identity speaks for another"
expect "packets refused" $(($(counter server rx-not-allowed) - dropped)) 2

step "the newest tunnel of an identity carries, the older may still be the source"
ip -n client link add snap2 type snaptun
client snaptun set snap2 --private-key-file "$WORK/client.key"
client snaptun tunnel add snap2 --remote-key "$(key server)" --endpoint "$SERVER" --local-port 6002 >/dev/null
ip -n client link set snap2 up
three() { [[ $(look server .established) == 3 ]]; }
within 10 three || fail "not three sessions"
sent() { look server '.tunnels[] | select(.endpoint.port == 6002) | ."tx-packets"'; }
older=$(delivered client) newer=$(sent)
server ping -q -c 3 -i 0.1 -W 1 10.7.0.1 >/dev/null || true
# Its keepalives are none of the device.
expect "packets by the older one" "$(delivered client)" "$older"
(($(sent) >= newer + 3)) || fail "the newer one carries nothing"
dropped=$(counter server rx-not-allowed)
client ping -q -c 2 -i 0.1 -W 1 -I snap0 10.7.0.2 >/dev/null || true
expect "packets refused" "$(counter server rx-not-allowed)" "$dropped"

step "the newest tunnel goes"
ip -n client link del snap2
id=$(look server '.tunnels[] | select(.endpoint.port == 6002) | .id')
server snaptun tunnel del snap0 "$id"
server ping -q -c 1 -W 2 10.7.0.1 >/dev/null || fail "the older one does not carry again"

step "others"
server snaptun identity set snap0 --key "$(key client)" --allowed-ips 10.7.0.1/32
! server ping -q -c 1 -W 1 fd07::1 >/dev/null || fail "a prefix was taken away, and still carries"
# The last identity left has the default tunnel, which is not to answer for the other.
ip -n second addr del 10.7.0.1/32 dev snap1
server snaptun identity del snap0 --key "$(key client)"
! server ping -q -c 1 -W 1 10.7.0.1 >/dev/null || fail "the identity is gone, and still carries"
server ping -q -c 1 -W 2 10.8.0.1 >/dev/null || fail "the other identity lost its own"
