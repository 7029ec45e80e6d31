#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Short datagrams that come merged wait in a socket that nobody reads, as many as it has
# room for, and hold none of the packet buffers, in which there would be room for far more.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
in_use() { server snaptun show snap0 --json | jq '.[0].pool."in-use"'; }

# Its buffer takes hundreds of them.
background reader ip netns exec server socat -u UDP4-RECV:7000,rcvbuf=400000 OPEN:/dev/null
within 10 listening server udp 7000 || fail "nobody listens"
pid=$(server ss -Hulnp 'sport = :7000' | sed -nE 's/.*pid=([0-9]+).*/\1/p')
kill -STOP "$pid"
before=$(delivered server)
client udp-gso send 10.7.0.2 7000 --count 400 --size 60 --segments 2 --every 1000 ||
	fail "the sender failed"
came() { (($(delivered server) >= before + 400)); }
within 10 came || fail "only $(($(delivered server) - before)) packets came"
between "bytes that wait" "$(server ss -Huln 'sport = :7000' | awk '{ print $2 }')" 100000 900000
between "buffers in use" "$(in_use)" 0 8
kill -KILL "$pid"
