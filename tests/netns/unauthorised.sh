#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# A key that nobody authorised gets no answer and leaves nothing behind; once it is
# authorised it connects by itself, and when that is taken back its tunnel ends at
# once.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
device server
server snaptun set snap0 --listen-port 5000
ip -n server link set snap0 up
capture wire server 'udp and src port 5000'
initiator
within 10 counted server rx-unknown-identity 1 || fail "the server did not count the initiation"
expect "datagrams from the server" "$(datagrams wire 192.0.2.2.5000)" 0
expect "tunnels of the server" "$(tunnels server)" 0
expect "state of the client" "$(tunnel client state)" connecting

step "authorised"
server snaptun identity add snap0 --key "$(key client)"
within 10 established client || fail "no session"
reaches client 10.7.0.2 || fail "no answer"

step "no more"
server snaptun identity del snap0 --key "$(key client)"
expect "tunnels of the server" "$(tunnels server)" 0
! reaches client 10.7.0.2 || fail "its packets still arrive"
within 5 counted server rx-no-session 1 || fail "the server did not count the packet"
