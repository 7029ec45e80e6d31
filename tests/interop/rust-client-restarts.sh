#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# The Rust client ends and comes again, from the same address, later from another:
# each time it has its tunnel at once.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
our_responder
"${RUST_CLIENT[@]}" --count 50
step "again, at once"
"${RUST_CLIENT[@]}" --count 50 --timeout 2
step "again, after the session has run out"
sleep 200
"${RUST_CLIENT[@]}" --count 50 --timeout 2
step "again, after the tunnel was forgotten"
sleep 600
[[ -z $(tunnels) ]] || fail "the tunnel is still there: $(tunnels)"
"${RUST_CLIENT[@]}" --count 50 --timeout 2
step "again, from another port"
"${RUST_CLIENT[@]}" --local "192.0.2.2:$((THEIR_PORT + 7))" --count 50 --timeout 2
