#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# An address that has a tunnel stays with that tunnel's key: another key, though
# authorised, gets no answer from there, and the tunnel lives. From another port it
# gets one of its own.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
make_key other
server snaptun identity add snap0 --key "$(key other)"
id=$(tunnel server id)
capture wire server 'udp and src port 5000 and udp[8] == 2'

step "from the same port"
client snaptun set snap0 --private-key-file "$WORK/other.key"
within 10 counted server rx-foreign-key 1 || fail "the server did not count the initiation"
expect "responses" "$(datagrams wire 192.0.2.2.5000)" 0
expect "tunnels of the server" "$(look server '[.tunnels[].id] | join(" ")')" "$id"
! established client || fail "the client has a session"

step "from another one"
client snaptun tunnel del snap0 1
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --local-port 6001
within 10 established client || fail "no session"
expect "tunnels of the server" "$(tunnels server)" 2
