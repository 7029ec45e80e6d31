#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# The Rust client reaches our responder: it learns its address, and SCION packets
# of every size go there and back whole.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
our_responder

step "2000 packets of 36 to 1420 bytes"
"${RUST_CLIENT[@]}" --count 2000 --min 36 --max 1420 | tee "$WORK/client.log"
logged client "^assigned 192\.0\.2\.2:$THEIR_PORT\$" || fail "another address was assigned"

step "200 packets of 9000 bytes, no more at once than a socket of default size takes"
"${RUST_CLIENT[@]}" --count 200 --sizes 9000 --window 8

step "500 packets of one size, many under way at once"
"${RUST_CLIENT[@]}" --count 500 --sizes 1200 --window 64
