#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many tunnels and identities, more than fit into one netlink message, are shown
# completely, each once; and showing works while devices and tunnels come and go.
#
# kernels: uml uml-debug
# long on: uml-debug
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

count=120
ip link add snap0 type snaptun
for ((i = 1; i <= count; i++)); do
	accept tunnel add snap0 --remote-key "$bob_public" --endpoint "192.0.2.1:$i"
	# Digits are base64, too, and most 32 bytes are a public key.
	printf -v key '%042d0=' "$i"
	accept identity add snap0 --key "$key"
done
accept show snap0 --json
jq -e ".[0] | [.tunnels[].id] == [range(1; $count + 1)] and
	[.tunnels[].endpoint.port] == [range(1; $count + 1)] and
	([.identities[].key] | unique | length) == $count" "$work/out" >/dev/null ||
	fail "tunnels or identities are missing, out of order or twice"
accept show snap0 --details
[[ $(grep -c '^  tunnel ' "$work/out") == "$count" ]] || fail "not all tunnels for people"
[[ $(grep -c '^  identity: ' "$work/out") == "$count" ]] || fail "not all identities for people"

# Others change everything meanwhile, so that dumps are interrupted; what was there
# all the time stays in sight, with a warning at most.
printf 'link add idle%d type snaptun\n' {1..40} | ip -batch -
(
	while [[ ! -e $work/enough ]]; do
		ip link add snap1 type snaptun
		"$snaptun" tunnel add snap1 --remote-key "$bob_public" --endpoint 192.0.2.1:1 >/dev/null
		"$snaptun" tunnel del snap0 \
			"$("$snaptun" tunnel add snap0 --remote-key "$bob_public" --endpoint 192.0.2.2:1)"
		ip link del snap1
	done
) &
for i in {1..10}; do
	call show --json
	((status == 0)) || fail "round $i: status $status"
	jq -e '[.[] | select(.ifname | startswith("idle"))] | length == 40' "$work/out" >/dev/null ||
		fail "round $i: a device is missing"
	jq -e "[.[] | select(.ifname == \"snap0\") | .tunnels[].id] | map(select(. <= $count)) == [range(1; $count + 1)]" \
		"$work/out" >/dev/null || fail "round $i: a tunnel is missing"
done
touch "$work/enough"
wait
