#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# Our client is deleted and made again, with the same key and port: it has its
# tunnel to the Rust server again at once.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
start_server
our_client
within 20 established 1 || fail "no handshake"
"${OUR_ECHOES[@]}" --count 50

ip -n us link del snap0
our_client
within 2 established 1 || fail "no handshake after the restart"
"${OUR_ECHOES[@]}" --count 50

step "again, after the server has forgotten the tunnel"
ip -n us link del snap0
sleep 600
our_client
within 2 established 1 || fail "no handshake after a long pause"
"${OUR_ECHOES[@]}" --count 50
