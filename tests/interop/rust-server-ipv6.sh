#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# Our client reaches the Rust server over IPv6.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
SERVER="[2001:db8::2]:$THEIR_PORT"
start_server
our_client
within 20 established 1 || fail "no handshake"
tunnels | grep -qF " [2001:db8::1]:$OUR_PORT" || fail "another address was assigned: $(tunnels)"
"${OUR_ECHOES[@]}" --src "[2001:db8::1]:$OUR_PORT" --dst "$SERVER" \
	--count 500 --min 60 --max 1420
