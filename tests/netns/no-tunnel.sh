#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Packets that no tunnel is for are counted, and their sender hears of it at once.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
device client
ip -n client link set snap0 up
started=$(counter client tx-no-tunnel)
client ping -c 1 -W 5 10.7.0.2 >"$WORK/ping.log" 2>&1 && fail "somebody answers"
# The error comes from the send itself, or as an ICMP message.
logged ping 'Required key not available|Unreachable' || fail "the sender hears nothing"
expect "packets counted" $(($(counter client tx-no-tunnel) - started)) 1
client ping -c 1 -W 5 fd07::2 >"$WORK/ping6.log" 2>&1 && fail "somebody answers"
logged ping6 'Required key not available|[Uu]nreachable' || fail "the sender hears nothing"

step "two tunnels, and none of them the default one"
responder
for port in 6000 6001; do
	client snaptun set snap0 --private-key-file "$WORK/client.key"
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --local-port "$port"
done
started=$(counter client tx-no-tunnel)
! reaches client 10.7.0.2 || fail "the packet found a tunnel"
expect "packets counted" $(($(counter client tx-no-tunnel) - started)) 1
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --local-port 6002 --default
within 10 reaches client 10.7.0.2 || fail "the default tunnel takes no packets"
