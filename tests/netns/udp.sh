#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# UDP datagrams of every kind of size arrive once, whole and in order: small, as
# large as the MTU, in fragments of it, and cut by the kernel out of large ones.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect

# through FROM TO ADDRESS OPTION…
through() {
	local from=$1 to=$2 address=$3

	shift 3
	step "$from to $address: $*"
	background receive ip netns exec "$to" udp-gso receive "$address" 7000 --timeout 60 "$@"
	within 10 listening "$to" udp 7000 || fail "nobody listens"
	ip netns exec "$from" udp-gso send "$address" 7000 --every 1000 "$@" ||
		fail "the sender failed"
	finished receive || fail "$(cat "$WORK/receive.log")"
}

for size in 4 100 1391 1392; do
	through client server 10.7.0.2 --count 100 --size "$size"
	through server client 10.7.0.1 --count 100 --size "$size"
done
through client server 10.7.0.2 --count 20 --size 1393
through client server 10.7.0.2 --count 20 --size 20000
through server client 10.7.0.1 --count 20 --size 65507
through server client fd07::1 --count 20 --size 30000

for segments in 2 6 7 45; do
	through client server 10.7.0.2 --count 270 --size 1372 --segments "$segments"
	through server client 10.7.0.1 --count 270 --size 1372 --segments "$segments"
	through client server fd07::2 --count 270 --size 1372 --segments "$segments"
done
through server client 10.7.0.1 --count 640 --size 33 --segments 64
# The last one of each burst is shorter than a burst has room for.
through client server 10.7.0.2 --count 61 --size 1000 --segments 9
