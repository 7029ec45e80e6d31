#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# A route to the endpoint that leads back into the device: packets do not nest, each
# attempt is counted, and the device works once the route is right.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder
initiator --keepalive off
ip -n client route add 192.0.2.2/32 dev snap0
! client ping -q -c 20 -i 0.01 -W 1 10.7.0.2 || fail "the packets found a way"
counted client tx-loop 1 || fail "the loop was not counted"
expect "sessions" "$(counter client sessions)" 0
! reaches client 192.0.2.2 || fail "the endpoint itself can be reached"

step "the route is right"
ip -n client route del 192.0.2.2/32 dev snap0
within 10 established client || fail "no session"
reaches client 10.7.0.2 || fail "no answer"

step "the route becomes wrong while a session lives"
loops=$(counter client tx-loop)
ip -n client route add 192.0.2.2/32 dev snap0
! client ping -q -c 20 -i 0.01 -W 1 10.7.0.2 || fail "the packets found a way"
counted client tx-loop $((loops + 20)) || fail "the loops were not counted"
ip -n client route del 192.0.2.2/32 dev snap0
within 10 reaches client 10.7.0.2 || fail "no answer"
