#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Our client is there before the Rust server is: it keeps trying, and its tunnel
# is there soon after the server.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
our_client
sleep 120
established 0 || fail "a session without a server"
start_server
# An attempt gives up after 90 s; the next begins after a pause of 5 s.
within 20 established 1 || fail "no handshake: $(tunnels)"
"${OUR_ECHOES[@]}" --count 50
