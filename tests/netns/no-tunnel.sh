#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
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

step "a host behind NAT hears of it from the right address"
ip netns add lan
SHOWN+=(lan)
ip link add veth1 netns client type veth peer name veth0 netns lan
ip -n lan addr add 198.51.100.1/24 dev veth0
ip -n lan link set veth0 up
ip -n client addr add 198.51.100.254/24 dev veth1
ip -n client link set veth1 up
ip -n lan route add default via 198.51.100.254
client sysctl -qw net.ipv4.ip_forward=1
client nft -f - <<-EOF
	table ip nat {
		chain postrouting {
			type nat hook postrouting priority 100;
			oifname "snap0" masquerade
		}
	}
EOF
ip netns exec lan ping -c 1 -W 5 10.7.0.2 >"$WORK/lan.log" 2>&1 && fail "somebody answers"
logged lan 'From 198.51.100.254 .*Unreachable' || fail "the host hears nothing: $(cat "$WORK/lan.log")"

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
