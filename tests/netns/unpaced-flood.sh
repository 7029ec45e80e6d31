#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Somebody sends into the tunnel as fast as it goes, more than can be opened: who receives
# that, a second flow and a ping get their share, and what is dropped is counted.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder
initiator --burst-limit 65493
within 10 established client || fail "no session"
for segments in 1 40; do
	step "$segments datagrams a call"
	background receiver server flood receive 0.0.0.0:7001 --tell 1001
	within 10 listening server udp 7001 || fail "nobody listens"
	background sink server socat -u TCP4-LISTEN:7000,reuseaddr "CREATE:$WORK/copy"
	within 10 listening server tcp 7000 || fail "nobody listens"
	background flood client flood send 10.7.0.2:7001 --seconds 1000 --size 1350 \
		--segments "$segments"
	client ping -q -c 10 -i 0.1 -W 2 10.7.0.2 >"$WORK/ping" || fail "no ping is answered"
	head -c 200000 /dev/urandom >"$WORK/file"
	client socat -u "FILE:$WORK/file" TCP4:10.7.0.2:7000 || fail "the second flow stands still"
	finished sink || fail "the second flow was not received"
	cmp "$WORK/file" "$WORK/copy" || fail "another file arrived"
	rm "$WORK/copy"
	within 10 logged receiver '^1001 came' || fail "the reader does not get more than 1000 datagrams"
	running flood || fail "the flood is over"
	stop flood || fail "the sender failed"
	stop receiver || true
done
within 10 reaches client 10.7.0.2 || fail "no answer afterwards"
