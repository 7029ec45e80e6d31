#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# The server's device goes down and comes up, then disappears and is made anew: the
# client is back each time, without help.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
reaches client 10.7.0.2 || fail "no answer"

step "down and up"
ip -n server link set snap0 down
expect "tunnels of the server" "$(tunnels server)" 0
sleep 3
ip -n server link set snap0 up
within 32 reaches client 10.7.0.2 || fail "the tunnel does not come back"
reaches server 10.7.0.1 || fail "the server has no tunnel"

step "made anew"
ip -n server link del snap0
sleep 200
responder
within 60 reaches client 10.7.0.2 || fail "the tunnel does not come back"
reaches server 10.7.0.1 || fail "the server has no tunnel"
