#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Short datagrams that come merged wait in a socket that nobody reads, and hold none of the
# packet buffers that they came in, each of which others filled up.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder
initiator --burst-limit 65493
within 10 established client || fail "no session"
in_use() { server snaptun show snap0 --json | jq '.[0].pool."in-use"'; }

background reader ip netns exec server socat -u UDP4-RECV:7000,rcvbuf=400000 OPEN:/dev/null
background other server flood receive 0.0.0.0:7009
within 10 listening server udp 7000 || fail "nobody listens"
within 10 listening server udp 7009 || fail "nobody listens"
pid=$(server ss -Hulnp 'sport = :7000' | sed -nE 's/.*pid=([0-9]+).*/\1/p')
kill -STOP "$pid"
before=$(delivered server)
for ((i = 0; i < 60; i++)); do
	client udp-gso send 10.7.0.2 7000 --count 2 --size 60 --segments 2 || fail "the sender failed"
	client udp-gso send 10.7.0.2 7009 --count 40 --size 1350 --segments 40 || fail "the sender failed"
done
came() { (($(delivered server) >= before + 60 * 42)); }
within 10 came || true
waiting=$(server ss -Huln 'sport = :7000' | awk '{ print $2 }') held=$(in_use)
# Who is stopped hears of no end but this.
kill -KILL "$pid"
came || fail "only $(($(delivered server) - before)) packets came"
between "bytes that wait" "$waiting" 30000 400000
between "buffers in use" "$held" 0 16
stop other || true
