#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# SCION packets go through the tunnel, and packet sockets see them as EtherType
# 0x88B5; what is no packet of any kind is refused where it is sent.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
background seen server tcpdump --immediate-mode -lne -i any
within 10 logged seen '^listening' || fail "tcpdump does not start"
scion_echo server
client scion-echo send snap0 --src 192.0.2.1:6000 --dst 192.0.2.2:5000 --count 200 \
	--sizes 36,44,100,1000,1420 || fail "packets were lost"
stop seen || true
logged seen '^.*snap0 +In .*ethertype Unknown \(0x88b5\)' || fail "they have another EtherType"
expect "packets refused by the client" "$(counter client rx-bad-payload)" 0
expect "packets refused by the server" "$(counter server rx-bad-payload)" 0
reaches client 10.7.0.2 || fail "IP does not go through any more"
