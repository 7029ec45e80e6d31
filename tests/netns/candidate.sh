#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# An address is taken only by the first transport message from there: an initiation
# whose response never arrives leaves a candidate, which is gone after 5 s.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder
block client "udp sport 5000"
initiator --keepalive off
! reaches client 10.7.0.2 || fail "nothing is blocked"
expect "tunnels of the server" "$(tunnels server)" 1
expect "state of the server's tunnel" "$(tunnel server state)" candidate
client snaptun tunnel del snap0 1
sleep 4
expect "tunnels of the server after 5.7 s and less" "$(tunnels server)" 0
expect "sessions that the server counts" "$(tunnel server state)" none
