#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# The server gets another private key: its old sessions and its old key are worth
# nothing any more; with the new one a tunnel comes up.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
reaches client 10.7.0.2 || fail "no answer"
make_key new
server snaptun set snap0 --private-key-file "$WORK/new.key"
expect "public key of the server" "$(look server '."public-key"')" "$(key new)"
expect "tunnels of the server" "$(tunnels server)" 0
! reaches client 10.7.0.2 || fail "the old session still works"
counted server rx-no-session 1 || fail "the server did not count the packet"

step "the old key"
client snaptun tunnel del snap0 1
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --local-port 6000
within 10 counted server rx-bad-mac1 1 || fail "the server did not count the initiation"
! established client || fail "the client has a session"

step "the new key"
client snaptun tunnel del snap0 2
client snaptun tunnel add snap0 --remote-key "$(key new)" --endpoint "$SERVER" --local-port 6000
within 10 established client || fail "no session"
reaches client 10.7.0.2 || fail "no answer"

step "no key"
server snaptun set snap0 --remove-private-key
! reaches client 10.7.0.2 || fail "the server works without a key"
