#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# A key whose authorisation has ended does not keep its address: another one that is
# authorised gets a tunnel there at once. While it is authorised, nobody else does.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
make_key other
responder --lifetime 60
server snaptun identity add snap0 --key "$(key other)"
initiator --local-port 5001
within 10 established client || fail "no session"

step "another key at the same address, while the first one is authorised"
client snaptun set snap0 --private-key-file "$WORK/other.key"
within 10 counted server rx-foreign-key 1 || fail "not refused"
! established client || fail "a second key has the address"

step "the end of the first"
sleep 60
within 20 established client || fail "the address is kept by a key that has ended"
expect "tunnels" "$(tunnels server)" 1
