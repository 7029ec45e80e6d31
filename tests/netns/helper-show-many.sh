#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A thousand tunnels, some with more prefixes than fit into a netlink message, are
# shown completely, each once: to programs, and to people in a line each.
#
# kernels: uml uml-debug
# long on: uml-debug
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

count=400
# Where each of them takes many times as long.
[[ ${SNAPTUN_KERNEL:-} != uml-debug* ]] || count=200
middle=$((count / 2))
last=192.168.$((count / 256)).$((count % 256))
# The most that a tunnel can have; so many of IPv6 fill several messages.
most=1024

# prefixes FORMAT COUNT: a list of that many.
prefixes() {
	local i

	for ((i = 0; i < $2; i++)); do
		# shellcheck disable=SC2059 # the format is an argument
		printf "$1" $((i / 256)) $((i % 256))
	done | paste -sd,
}

# wants FILTER: jq finds that it is true of what was shown.
wants() { jq -e "$1" "$work/out" >/dev/null || fail "it is not true that $1"; }

six=$(prefixes '2001:db8:%x%02x::/48\n' "$most")
four=$(prefixes '10.%d.%d.0/24\n' "$most")
owned=$(prefixes '2001:db8:0:%x%02x::/64\n' "$most")

ip link add snap0 type snaptun
for ((i = 1; i <= count; i++)); do
	allowed=192.168.$((i / 256)).$((i % 256))
	((i != 1)) || allowed=$six
	((i != middle)) || allowed=$four
	accept tunnel add snap0 --remote-key "$bob_public" --endpoint "192.0.2.1:$i" --allowed-ips "$allowed"
	[[ $(<"$work/out") == "$i" ]] || fail "tunnel $i has another id"
done
# Many of these are added likewise in helper-many.
for ((i = 1; i <= 20; i++)); do
	printf -v key '%042d0=' "$i"
	allowed=172.16.0.$i
	((i != 1)) || allowed=$owned
	accept identity add snap0 --key "$key" --allowed-ips "$allowed"
done

# all FILE: whether everything is there once and in order.
all() {
	jq -e --arg four "$four" "
		.[0] | [.tunnels[].id] == [range(1; $count + 1)] and
		[.tunnels[].endpoint.port] == [range(1; $count + 1)] and
		(.tunnels[0].\"allowed-ips\" | length == $most and (unique | length) == $most) and
		.tunnels[$middle - 1].\"allowed-ips\" == (\$four | split(\",\")) and
		([.tunnels[].\"allowed-ips\" | length] | add) == $count - 2 + 2 * $most and
		([.tunnels[], .identities[] | .\"allowed-ips\"[]] | unique | length) ==
			$count - 2 + 19 + 3 * $most and
		(.identities | length) == 20 and
		(.identities[0].\"allowed-ips\" | length == $most)" "$1" >/dev/null
}

accept show snap0 --json
all "$work/out" || fail "something is missing, out of order or twice"
wants ".[0].tunnels[0].\"allowed-ips\"[:2] == [\"2001:db8::/48\", \"2001:db8:1::/48\"]"
wants ".[0].tunnels[-1] | .\"allowed-ips\" == [\"$last/32\"] and .\"burst-limit\" == 9216"
cp "$work/out" "$work/all"
for id in 1 "$middle" "$count"; do
	accept show snap0 "$id" --json
	diff <(jq -c '.[]' "$work/out") <(jq -c ".[0].tunnels[$id - 1]" "$work/all") ||
		fail "tunnel $id alone is shown otherwise"
done

# For people: a line each, below one another.
accept show snap0
[[ $(grep -cE '^ +[0-9]+  idle   192\.0\.2\.1:[0-9]+ +- +- +0 B   0 B  -$' "$work/out") == "$count" ]] ||
	fail "not every tunnel has its line"
[[ $(awk '$2 == "idle" { print $1 }' "$work/out" | uniq | wc -l) == "$count" ]] || fail "a tunnel has two lines"
[[ $(awk '$2 == "idle" { print length() }' "$work/out" | sort -u | wc -l) == 1 ]] || fail "lines are not aligned"
[[ $(wc -l <"$work/out") -lt $((count + 60)) ]] || fail "there are many more lines than tunnels"
grep -qE '^  [0-9]{42}0=        0  2001:db8::/64 and 1023 more  -$' "$work/out" || fail "no line for an identity"
accept show snap0 --details
[[ $(grep -c '^  tunnel [0-9]*: idle$' "$work/out") == "$count" ]] || fail "not every tunnel at length"
grep -qF 'and 1016 more' "$work/out" || fail "all prefixes are told at length"

# Prefixes that are moved about interrupt dumps; others are shown once all the same.
(
	while [[ ! -e $work/enough ]]; do
		"$snaptun" tunnel set snap0 "$count" --allowed-ips "$last,198.51.100.0/24" 2>/dev/null
		"$snaptun" tunnel set snap0 "$count" --allowed-ips "$last" 2>/dev/null
	done
) &
for i in {1..5}; do
	call show snap0 --json
	((status == 0)) || fail "round $i: status $status"
	jq '.[0].tunnels[-1]."allowed-ips" |= map(select(startswith("192")))' "$work/out" >"$work/still"
	all "$work/still" || fail "round $i: something is missing or twice"
done
touch "$work/enough"
wait
