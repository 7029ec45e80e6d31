#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# The listen port changes and closes: the tunnels that it had end, the old port is
# closed, the new one answers; a port that is taken is refused and changes nothing.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
listening server udp 5000 || fail "nobody listens on the port"

step "a port that is taken"
background squatter server socat -u UDP4-RECVFROM:5001,fork "CREATE:$WORK/squatter"
within 10 listening server udp 5001 || fail "socat does not start"
! server snaptun set snap0 --listen-port 5001 || fail "the port is taken by two"
expect "listen port" "$(look server '."listen-port"')" 5000
reaches client 10.7.0.2 || fail "a refused change ended the tunnel"

step "another one"
server snaptun set snap0 --listen-port 5002
! listening server udp 5000 || fail "the old port is still open"
listening server udp 5002 || fail "nobody listens on the new port"
expect "tunnels of the server" "$(tunnels server)" 0
! reaches client 10.7.0.2 || fail "the old tunnel still works"
client snaptun tunnel del snap0 1
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:5002 --local-port 6000
within 10 reaches client 10.7.0.2 || fail "no answer on the new port"

step "none"
server snaptun set snap0 --listen-port 0
! listening server udp 5002 || fail "the port is still open"
expect "tunnels of the server" "$(tunnels server)" 0
! reaches client 10.7.0.2 || fail "somebody answers"
