#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Ten minutes with the Rust client, busy and idle: not a packet is lost over its
# rekeys, and there are no more handshakes than rekeys.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
our_responder
count_datagrams us initiations "udp dport $OUR_PORT udp length 156"
count_datagrams them ours "udp sport $OUR_PORT udp length 156"

step "busy, a packet a second"
"${RUST_CLIENT[@]}" --every 1 --seconds 600 >"$WORK/client.log" || fail "packets were lost"
tail -n 1 "$WORK/client.log"
count=$(counted us initiations)
((count >= 5 && count <= 6)) || fail "$count handshakes in 600 s, not one each 120 s"

step "idle, a packet now and then"
"${RUST_CLIENT[@]}" --every 50 --seconds 600 >"$WORK/client.log" || fail "packets were lost"
tail -n 1 "$WORK/client.log"
count=$(($(counted us initiations) - count))
((count >= 5 && count <= 6)) || fail "$count handshakes in 600 s, not one each 120 s"
(($(counted them ours) == 0)) || fail "our responder started handshakes"
