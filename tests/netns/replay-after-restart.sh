#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# A tunnel that ended does not come back by its recorded messages, neither for the
# server that keeps its identities nor for a client that begins anew.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
record all client 'udp and dst port 5000'
connect
client ping -q -c 5 -i 0.02 -W 2 10.7.0.2 || fail "pings were lost"
stop all || true
ip -n client link del snap0
# The server forgets the tunnel, not the identity.
ip -n server link set snap0 down
ip -n server link set snap0 up
expect "tunnels of the server" "$(tunnels server)" 0

count=$(client replay frames "$WORK/all.pcap" veth0 --type 4)
within 5 counted server rx-no-session "$count" || fail "old data was not refused"
client replay frames "$WORK/all.pcap" veth0 --type 1
within 5 counted server rx-replayed-handshake 1 || fail "the old initiation was not refused"
expect "tunnels of the server" "$(tunnels server)" 0

initiator
within 10 established client || fail "the client does not get in any more"
reaches client 10.7.0.2 || fail "no answer"
