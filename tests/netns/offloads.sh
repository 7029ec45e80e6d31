#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Whatever the devices below and above take over from the stack, and whatever they leave to
# it, what arrives is what was sent: super-packets cut below the tunnel, merged by the NAPI
# of the receiver, not made or not merged in the tunnel.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
head -c 1500000 /dev/urandom >"$WORK/file"

# copy FROM TO ADDRESS: the file goes through TCP and is the same on the other side.
copy() {
	background sink ip netns exec "$2" socat -u TCP4-LISTEN:7000,reuseaddr "CREATE:$WORK/copy"
	within 10 listening "$2" tcp 7000 || fail "nobody listens"
	ip netns exec "$1" socat -u "FILE:$WORK/file" "TCP4:$3:7000" || fail "it cannot be sent"
	finished sink || fail "it was not received"
	cmp "$WORK/file" "$WORK/copy" || fail "another file arrived"
	rm "$WORK/copy"
}

# datagrams_of SIZE SEGMENTS: 90 of them arrive in order and whole.
datagrams_of() {
	background receive server udp-gso receive 10.7.0.2 7000 --count 90 --size "$1" --timeout 60
	within 10 listening server udp 7000 || fail "nobody listens"
	client udp-gso send 10.7.0.2 7000 --count 90 --size "$1" --segments "$2" --every 2000 ||
		fail "the sender failed"
	finished receive || fail "$(cat "$WORK/receive.log")"
}

# with NS DEVICE OFFLOAD on|off…: one more setting, and traffic.
with() {
	step "$*"
	ip netns exec "$1" ethtool -K "${@:2}" >/dev/null || fail "cannot be set"
	copy client server 10.7.0.2
	copy server client 10.7.0.1
	datagrams_of 1000 9
}

with client veth0 tx-udp-segmentation off
with server veth0 gro on
with client veth0 gso off
with server snap0 gro off
with client snap0 tso off gso off
with client snap0 tx-checksumming off
