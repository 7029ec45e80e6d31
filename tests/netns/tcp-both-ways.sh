#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# TCP through the tunnel in both directions, at once too; what arrives is what was
# sent, over IPv4 and IPv6.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
iperf3_server
for options in "-t 1" "-t 1 -R" "-t 1 --bidir" "-t 1 -P 4" "-n 16K -P 50"; do
	step "iperf3 $options"
	# shellcheck disable=SC2086 # they are words
	client iperf3 -c 10.7.0.2 -f m $options | grep -E 'sender|receiver' ||
		fail "no TCP"
done
stop iperf3 || true

# copy FROM TO ADDRESS: the file goes through and is the same on the other side.
copy() {
	local to=TCP4:$3:7000

	[[ $3 != *:* ]] || to=TCP6:[$3]:7000
	background sink ip netns exec "$2" socat -u "TCP${to:3:1}-LISTEN:7000,reuseaddr" \
		"CREATE:$WORK/copy"
	within 10 listening "$2" tcp 7000 || fail "nobody listens"
	ip netns exec "$1" socat -u "FILE:$WORK/file" "$to" || fail "the file cannot be sent"
	finished sink || fail "the file was not received"
	cmp "$WORK/file" "$WORK/copy" || fail "another file arrived"
	rm "$WORK/copy"
}

step "a file of 2 MiB and some bytes"
head -c 2097311 /dev/urandom >"$WORK/file"
copy client server 10.7.0.2
copy server client 10.7.0.1
copy client server fd07::2
copy server client fd07::1
