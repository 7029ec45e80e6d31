#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Our responder is deleted and made again: the Rust client notices and has its
# tunnel back by itself.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
our_responder
background client "${RUST_CLIENT[@]}" --every 1 --seconds 60
within 15 logged client "^9s packet 9 back" || fail "no echo"

stop echo || true
ip -n us link del snap0
sleep 2
our_responder

finished client && fail "nothing was lost: the device was not deleted"
established 1 || fail "no tunnel: $(tunnels)"
# 15 s of silence until a new handshake, and one that may be lost.
back_after client 34 || fail "the tunnel is not back"
