#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# Which of its addresses a host sends from: a responder from the one that it was
# addressed by, whatever interface has it; an initiator from the one that its routes say,
# and when that one changes it is a new tunnel to the responder, soon.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
ip -n server addr add 192.0.2.22/24 dev veth0
ip -n server addr add 2001:db8::22/64 dev veth0 nodad
ip -n server link add other type dummy
ip -n server addr add 198.51.100.7/32 dev other
ip -n server link set other up
ip -n client route add 198.51.100.7/32 via 192.0.2.2

for endpoint in 192.0.2.22:5000 '[2001:db8::22]:5000' 198.51.100.7:5000 "$SERVER"; do
	step "a responder that is $endpoint"
	client snaptun tunnel del snap0 "$(tunnel client id)"
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$endpoint" \
		--local-port 6000 >/dev/null
	# Answers from elsewhere would not be taken.
	within 10 reaches client 10.7.0.2 || fail "no answer"
	expect "what the client refused" "$(counter client rx-wrong-source)" 0
done

# moved ADDRESS: the client is there, soon: when the server's silence is noticed.
moved() {
	background traffic client ping -q -i 0.5 10.7.0.2
	seen() { look server '.tunnels[].endpoint.ipv4' | grep -qxF "$1"; }
	within 40 seen "$1" || fail "the server does not see the client at $1"
	within 10 reaches client 10.7.0.2 || fail "no answer"
	expect "assigned address" "$(assigned client)" "$1:6000"
	stop traffic || true
}

step "the initiator's address goes, and there is another"
# It is not the interface's last one: that would take its routes away.
client sysctl -qw net.ipv4.conf.veth0.promote_secondaries=1
ip -n client addr add 192.0.2.11/24 dev veth0
ip -n client addr del 192.0.2.1/24 dev veth0
moved 192.0.2.11

step "a better route has another source"
ip -n client addr add 192.0.2.12/24 dev veth0
ip -n client route add 192.0.2.2/32 dev veth0 src 192.0.2.12
moved 192.0.2.12

step "the initiator takes another link"
ip link add veth1 netns client type veth peer name veth1 netns server
ip -n client addr add 192.0.2.13/32 dev veth1
ip -n server addr add 192.0.2.3/32 dev veth1
ip -n client link set veth1 up
ip -n server link set veth1 up
ip -n server route add 192.0.2.13/32 dev veth1
ip -n client route replace 192.0.2.2/32 dev veth1 src 192.0.2.13
moved 192.0.2.13
