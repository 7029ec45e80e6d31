#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# Two tunnels of one Rust client with one key: each has its own address and its
# own packets.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
our_responder

"${RUST_CLIENT[@]}" --tunnels 2 --count 1000 --min 44 --max 1420 | tee "$WORK/client.log"
for port in $THEIR_PORT $((THEIR_PORT + 1)); do
	logged client "^assigned 192\.0\.2\.2:$port\$" || fail "port $port was not assigned"
	logged client "^sent 1000 received 1000 \(192\.0\.2\.2:$port\)\$" ||
		fail "packets of port $port are missing"
done
established 2 || fail "not two tunnels: $(tunnels)"
