#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# The Rust client reaches our responder over IPv6.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
our_responder
"${RUST_CLIENT[@]}" --local "[2001:db8::2]:$THEIR_PORT" --server "[2001:db8::1]:$OUR_PORT" \
	--count 500 --min 60 --max 1420 | tee "$WORK/client.log"
logged client "^assigned \[2001:db8::2\]:$THEIR_PORT\$" || fail "another address was assigned"
