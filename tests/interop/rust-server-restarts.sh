#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# The Rust server ends and comes again, without our session: our client notices
# and has its tunnel back by itself.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
start_server
our_client
within 20 established 1 || fail "no handshake"
background client "${OUR_ECHOES[@]}" --every 1 --seconds 60
within 15 logged client "^9s packet 9 back" || fail "no echo"

stop server
sleep 2
start_server

finished client && fail "nothing was lost: the server did not end"
logged server "established" || fail "the new server has no session"
# 15 s of silence until a new handshake, and one that may be lost.
back_after client 34 || fail "the tunnel is not back"
