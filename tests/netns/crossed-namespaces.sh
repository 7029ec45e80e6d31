#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# Two namespaces, each with a device whose underlay is in the other: neither keeps the
# other alive, and when both are deleted, with traffic going through, both are gone.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
# An interface outside that is gone when its other end is, with all of the namespace.
for ns in client server; do
	ip link add "probe-$ns" type veth peer name probe netns "$ns"
done

# Each device goes to the namespace of the other's underlay.
for ns in client server; do
	ip -n "$ns" link add "from-$ns" type snaptun
	ip netns exec "$ns" snaptun set "from-$ns" --private-key-file "$WORK/$ns.key"
done
server snaptun set from-server --listen-port 5000
server snaptun identity add from-server --key "$(key client)"
client snaptun tunnel add from-client --remote-key "$(key server)" --endpoint "$SERVER" >/dev/null
ip -n client link set from-client netns server
ip -n server link set from-server netns client
ip -n server addr add 10.7.0.1/24 dev from-client
ip -n client addr add 10.7.0.2/24 dev from-server
ip -n server link set from-client up
ip -n client link set from-server up
works() { server ping -q -c 1 -W 1 -I from-client 10.7.0.2 >/dev/null; }
within 10 works || fail "no answer"

step "both namespaces go"
background flood server ping -q -f -I from-client 10.7.0.2
ip netns del client
ip netns del server
stop flood || true
for ns in client server; do
	gone() { [[ ! -e /sys/class/net/probe-$ns ]]; }
	within 30 gone || fail "the namespace $ns is still there"
done
