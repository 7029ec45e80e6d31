#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# Allowed IPs: the longest prefix decides which tunnel carries a packet, and from
# which one its source is taken; what fits none goes to the default tunnel, and comes
# from it alone. Prefixes move, and what nobody is there for is dropped.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

#	client ---- server		10.7.0.2, 10.1.0.2, 10.2.0.2 and fd07::2, fd01::2
#		\--- other		10.2.0.2, 10.3.0.2 and fd01::2
topology
ip netns add other
ip -n other link set lo up
make_key other
ip link add veth1 netns client type veth peer name veth0 netns other
ip -n client addr add 198.51.100.1/24 dev veth1
ip -n other addr add 198.51.100.2/24 dev veth0
ip -n client link set veth1 up
ip -n other link set veth0 up
SHOWN+=(other)
other() { ip netns exec other "$@"; }

# far NS ADDRESS…: that host's device has these addresses.
far() {
	local ns=$1 address

	shift
	for address; do
		ip -n "$ns" addr add "$address" dev snap0
	done
}

responder
ip -n other link add snap0 type snaptun
other snaptun set snap0 --private-key-file "$WORK/other.key" --listen-port 5000
other snaptun identity add snap0 --key "$(key client)"
ip -n other link set snap0 up
far server 10.1.0.2/32 10.2.0.2/32 fd01::2/128
far other 10.2.0.2/32 10.3.0.2/32 fd01::2/128
for ns in server other; do
	ip -n "$ns" route replace 10.7.0.1 dev snap0
	ip -n "$ns" route replace fd07::1 dev snap0
done

initiator --default
first=$(client snaptun show snap0 --json | jq '.[0].tunnels[0].id')
second=$(client snaptun tunnel add snap0 --remote-key "$(key other)" --endpoint 198.51.100.2:5000 \
	--local-port 6001 --allowed-ips 10.2.0.0/16,10.3.0.0/16,fd01::/16)
for route in 10.1.0.0/16 10.2.0.0/16 10.3.0.0/16 fd01::/16; do
	ip -n client route add "$route" dev snap0
done
both() { [[ $(look client .established) == 2 ]]; }
within 10 both || fail "not two sessions"

# who ADDRESS: the host that answers.
who() {
	local ns

	for ns in server other; do
		heard[$ns]=$(delivered "$ns")
	done
	reaches client "$1" || { echo nobody; return; }
	for ns in server other; do
		[[ $(delivered "$ns") == "${heard[$ns]}" ]] || echo "$ns"
	done
}
declare -A heard

step "destinations"
expect "who has 10.7.0.2" "$(who 10.7.0.2)" server
expect "who has 10.1.0.2" "$(who 10.1.0.2)" server
expect "who has 10.2.0.2" "$(who 10.2.0.2)" other
expect "who has 10.3.0.2" "$(who 10.3.0.2)" other
expect "who has fd01::2" "$(who fd01::2)" other
expect "who has fd07::2" "$(who fd07::2)" server

step "a longer prefix"
client snaptun tunnel set snap0 "$first" --allowed-ips 10.2.0.2/32,fd01::2/128
expect "who has 10.2.0.2" "$(who 10.2.0.2)" server
expect "who has fd01::2" "$(who fd01::2)" server
expect "who has 10.3.0.2" "$(who 10.3.0.2)" other

step "sources"
dropped=$(counter client rx-not-allowed)
# The other host answers, but in the name of what is the first one's.
! other ping -q -c 3 -i 0.1 -W 1 -I 10.2.0.2 10.7.0.1 || fail "a foreign source was taken"
! other ping -q -c 3 -i 0.1 -W 1 -I fd01::2 fd07::1 || fail "a foreign source was taken"
expect "packets refused" $(($(counter client rx-not-allowed) - dropped)) 6
other ping -q -c 1 -W 2 -I 10.3.0.2 10.7.0.1 >/dev/null || fail "its own source is refused"
# What fits no prefix comes from the default tunnel alone.
ip -n other addr add 10.9.9.9/32 dev snap0
dropped=$(counter client rx-not-allowed)
! other ping -q -c 2 -i 0.1 -W 1 -I 10.9.9.9 10.7.0.1 || fail "a source of nobody was taken"
expect "packets refused" $(($(counter client rx-not-allowed) - dropped)) 2

step "a prefix moves"
# With a third tunnel the second one is not the only one later, and so no default.
client snaptun tunnel add snap0 --remote-key "$(key other)" --endpoint 198.51.100.9:5000 >/dev/null
client snaptun tunnel set snap0 "$first" --allowed-ips 10.3.0.0/16
expect "prefixes of the second" \
	"$(client snaptun show snap0 --json | jq -c ".[0].tunnels[] | select(.id == $second) | .\"allowed-ips\"")" \
	'["10.2.0.0/16","fd01::/16"]'
! reaches client 10.3.0.2 || fail "the first host has no such address"
client snaptun tunnel del snap0 "$first"
! reaches client 10.7.0.2 || fail "there is no default any more"
started=$(counter client tx-no-tunnel)
! reaches client 10.3.0.2 || fail "the prefix went with its tunnel"
counted client tx-no-tunnel $((started + 1)) || fail "it was not counted"
expect "who has 10.2.0.2" "$(who 10.2.0.2)" other
