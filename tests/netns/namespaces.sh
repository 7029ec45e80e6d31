#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1 uml-debug
# A device lives in one network namespace and its underlay in another: packets pass;
# when the underlay's namespace goes the device stays and says so, and when the
# device's goes the port is free.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder

# A device that was made in the client's namespace and moved to another one.
moved() {
	ip netns add inner
	initiator
	ip -n client link set snap0 netns inner
	ip -n inner addr add 10.7.0.1/24 dev snap0
	ip -n inner link set snap0 up
}
inner() { ip netns exec inner "$@"; }
works() { inner ping -q -c 1 -W 2 10.7.0.2 >/dev/null; }

step "the device's namespace goes"
moved
within 20 works || fail "no answer"
inner ping -q -c 10 -i 0.05 -W 2 10.7.0.2 || fail "pings were lost"
listening client udp 6000 || fail "the port is not in the namespace of the underlay"
! listening inner udp 6000 || fail "the port is in the namespace of the device"
background flood inner ping -q -f -c 1000000 10.7.0.2
sleep 0.5
stop flood || true
ip netns del inner
closed() { ! listening client udp 6000; }
within 10 closed || fail "the port is still open"

step "the underlay's namespace goes"
# The server knows the old address; from another one a client is in at once.
ip -n client addr add 192.0.2.3/24 dev veth0
ip -n client route add 192.0.2.2/32 dev veth0 src 192.0.2.3
moved
within 20 works || fail "no answer"
background flood inner ping -q -f -c 1000000 10.7.0.2
sleep 0.5
ip netns del client
gone() { [[ $(inner snaptun show snap0 --json | jq '.[0].tunnels | length') == 0 ]]; }
within 20 gone || fail "the tunnel is still there"
stop flood || true
! inner ping -q -c 1 -W 1 10.7.0.2 || fail "somebody answers"
! inner snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" 2>"$WORK/refusal.log" ||
	fail "a tunnel without an underlay"
logged refusal 'namespace' || fail "the refusal does not say why: $(cat "$WORK/refusal.log")"
ip -n inner link del snap0
ip netns del inner
