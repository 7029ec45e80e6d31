#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# A Rust server under load demands a cookie for every handshake: our client brings
# it, for the first handshake and for rekeys.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
start_server --handshakes-per-second 0
our_client
within 20 established 1 || fail "no handshake"
logged server "cookie\$" || fail "no cookie was demanded"
"${OUR_ECHOES[@]}" --every 10 --seconds 400 || fail "packets were lost"
count=$(count_logged server "handshake answered")
((count >= 3 && count <= 5)) || fail "$count handshakes in 400 s, not one each 120 s"
