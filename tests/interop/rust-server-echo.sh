#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Our client reaches the Rust server: it learns its address, and SCION packets of
# every size go there and back whole.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
start_server
our_client
within 20 established 1 || fail "no handshake"
tunnels | grep -q " 192\.0\.2\.1:$OUR_PORT\$" || fail "another address was assigned: $(tunnels)"

step "2000 packets of 36 to 1420 bytes"
"${OUR_ECHOES[@]}" --count 2000 --min 36 --max 1420

step "200 packets of 9000 bytes, no more at once than a socket of default size takes"
"${OUR_ECHOES[@]}" --count 200 --sizes 9000 --window 8

step "500 packets of one size, many under way at once"
"${OUR_ECHOES[@]}" --count 500 --sizes 1200 --window 64

stop server
logged server "^client 192\.0\.2\.1:$OUR_PORT echoed 2700\$" || fail "echoes went elsewhere"
