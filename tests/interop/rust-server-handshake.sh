#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# The Rust server starts a handshake after silence: our client answers it, though
# it has nothing to send and lost its own session.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
start_server
our_client
within 20 established 1 || fail "no handshake"
sleep 25

# Made again without keepalives it sends nothing of itself.
ip -n us link del snap0
our_client --keepalive off
sleep 1
established 0 || fail "the tunnel is not idle: $(tunnels)"
within 100 logged server "handshake started" || fail "the server did not start a handshake"
within 5 established 1 || fail "not answered: $(tunnels)"
"${OUR_ECHOES[@]}" --count 50
