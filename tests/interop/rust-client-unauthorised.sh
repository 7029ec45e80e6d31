#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# A Rust client whose key is not authorised gets not one datagram from us.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
make_key stranger
our_responder
count_datagrams them answers "udp sport $OUR_PORT"

status=0
"${RUST_CLIENT[@]}" --private-key-file "$WORK/stranger.key" --timeout 8 \
	>"$WORK/stranger.log" 2>&1 || status=$?
((status == 1)) || fail "the stranger's client ended with $status"
logged stranger "no answer to the handshake" || fail "the stranger's client failed otherwise"
(($(counted them answers) == 0)) || fail "the stranger was answered"
[[ -z $(tunnels) ]] || fail "the stranger has a tunnel: $(tunnels)"

step "the same with a key that is authorised"
"${RUST_CLIENT[@]}" --count 10
(($(counted them answers) > 1)) || fail "the count does not count"
