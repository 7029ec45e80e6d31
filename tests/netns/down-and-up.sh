#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# The client's device goes down and up while packets run: nothing is sent while it is
# down, and it connects again by itself.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
iperf3_server
for round in 1 2 3; do
	background stream client iperf3 -c 10.7.0.2 -t 60
	background flood client ping -q -f -c 1000000 10.7.0.2
	moving() { (($(tunnel client rx-packets) > 100 * round)); }
	within 20 moving || fail "there is no traffic"
	ip -n client link set snap0 down
	stop stream || true
	stop flood || true
	expect "state of the client's tunnel" "$(tunnel client state)" idle
	capture down client
	! server ping -q -c 3 -i 0.1 -W 1 10.7.0.1 || fail "somebody answers"
	expect "datagrams from the client" "$(datagrams down 192.0.2.1.6000)" 0
	stop down || true
	# An initiation must keep its distance to the last one.
	ip -n client link set snap0 up
	ip -n client route replace 10.7.0.0/24 dev snap0
	within 10 established client || fail "no session"
	within 10 reaches client 10.7.0.2 || fail "no answer"
done
