#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# Our client over IPv4 reaches a Rust server that listens on a dual-stack socket
# and so reports an IPv4-mapped address.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
start_server --listen "[::]:$THEIR_PORT"
our_client
within 20 established 1 || fail "no handshake"
tunnels | grep -qE " (192\.0\.2\.1|\[::ffff:192\.0\.2\.1\]):$OUR_PORT\$" ||
	fail "another address was assigned: $(tunnels)"
"${OUR_ECHOES[@]}" --count 500 --min 44 --max 1420
