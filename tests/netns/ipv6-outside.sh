#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# A tunnel over IPv6, to a global address and to one of the link.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder

# works ADDRESS: a tunnel to there, as seen from ADDRESS.
works() {
	client ping -q -c 10 -i 0.05 -W 2 10.7.0.2 || fail "pings were lost"
	client ping -q -c 5 -i 0.05 -W 2 -s 1392 -M "do" 10.7.0.2 || fail "large pings were lost"
	client ping -q -c 5 -i 0.05 -W 2 fd07::2 || fail "pings over IPv6 were lost"
	expect "address that the server reports" "$(assigned client)" "$1:6000"
	client iperf3 -c 10.7.0.2 -t 1 || fail "no TCP"
	client iperf3 -c 10.7.0.2 -t 1 -R || fail "no TCP the other way"
}

iperf3_server
step "to a global address"
initiator --endpoint '[2001:db8::2]:5000'
within 10 established client || fail "no session"
works 2001:db8::1

# link_local NS: the address of its veth0.
link_local() { ip -n "$1" -6 -o addr show dev veth0 scope link | awk '{ sub("/.*", "", $4); print $4 }'; }

step "to an address of the link"
ip -n client link del snap0
within 10 reaches client "$(link_local server)%veth0" || fail "the link itself does not work"
initiator --endpoint "[$(link_local server)%veth0]:5000"
within 10 established client || fail "no session"
works "$(link_local client)"
