#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Our responder under load demands cookies of a Rust client with several tunnels: it
# brings them, and no packet is lost then, nor by rekeys.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
our_responder
# Two initiations in a second are load.
us snaptun set snap0 --handshake-rate 1
count() { us snaptun show snap0 --json | jq ".[0].counters.\"$1\""; }

"${RUST_CLIENT[@]}" --tunnels 4 --every 1 --seconds 300 >"$WORK/client.log" || fail "packets were lost"
tail -n 4 "$WORK/client.log"
(($(count cookies-sent) >= 3)) || fail "$(count cookies-sent) cookies were demanded, not one of each but the first"
(($(count sessions) == 12)) || fail "$(count sessions) sessions in 300 s, not 3 for each tunnel"
