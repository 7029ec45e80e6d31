#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Two hosts, each with a tunnel to the same server, reach each other through it. What the
# server merges as it comes out of one tunnel it cuts again as it goes into the other.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
ip netns add other
make_key other
ip link add veth0 netns other type veth peer name veth1 netns server
ip -n other addr add 198.51.100.1/24 dev veth0
ip -n server addr add 198.51.100.2/24 dev veth1
ip -n other link set veth0 up
ip -n server link set veth1 up
server sysctl -qw net.ipv4.ip_forward=1

responder --allowed-ips 10.7.0.1/32
server snaptun identity add snap0 --key "$(key other)" --allowed-ips 10.7.0.3/32
initiator --burst-limit 65493
ip -n other link add snap0 type snaptun
ip netns exec other snaptun set snap0 --private-key-file "$WORK/other.key"
ip -n other addr add 10.7.0.3/24 dev snap0
ip netns exec other snaptun tunnel add snap0 --remote-key "$(key server)" \
	--endpoint 198.51.100.2:5000 --burst-limit 65493 >/dev/null
ip -n other link set snap0 up
within 10 reaches client 10.7.0.3 || fail "no answer"

head -c 3000000 /dev/urandom >"$WORK/file"
background sink ip netns exec other socat -u TCP4-LISTEN:7000,reuseaddr "CREATE:$WORK/copy"
within 10 listening other tcp 7000 || fail "nobody listens"
# TCP makes packets no larger than one write where the network is faster than the writer.
client sysctl -qw net.ipv4.tcp_min_tso_segs=40
capture batches other 'udp and src port 5000'
client socat -u -b 300000 "FILE:$WORK/file" TCP4:10.7.0.3:7000 || fail "it cannot be sent"
finished sink || fail "it was not received"
stop batches || true
cmp "$WORK/file" "$WORK/copy" || fail "another file arrived"
# Whole on all its way: many messages at once leave the server, too.
largest=$(events batches | awk '$3 > max { max = $3 } END { print max + 0 }')
between "the server's largest batch" "$largest" 9217 65493
