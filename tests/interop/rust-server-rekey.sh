#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Ten minutes with the Rust server, busy and idle: not a packet is lost over our
# rekeys, and there are no more handshakes than rekeys.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
start_server
our_client
within 20 established 1 || fail "no handshake"

step "busy, a packet a second"
"${OUR_ECHOES[@]}" --every 1 --seconds 600 >"$WORK/client.log" || fail "packets were lost"
tail -n 1 "$WORK/client.log"
count=$(count_logged server "handshake answered")
((count >= 5 && count <= 6)) || fail "$count handshakes in 600 s, not one each 120 s"

step "idle, a packet now and then"
"${OUR_ECHOES[@]}" --every 50 --seconds 600 >"$WORK/client.log" || fail "packets were lost"
tail -n 1 "$WORK/client.log"
count=$(($(count_logged server "handshake answered") - count))
((count >= 4 && count <= 6)) || fail "$count handshakes in 600 s, not one each 120 s"
(($(count_logged server "handshake started") == 0)) || fail "the server heard nothing for 15 s"
