# SPDX-License-Identifier: GPL-2.0-or-later
# Makes rows of measured values, and of these a table for people.
#
# A value is {figure, path, value}. A path whose name ends in -rps was steered; of a
# path that was measured both ways, the better median counts.

def figures: [
	{figure: "tcp-1", name: "TCP, 1 flow", unit: "Mbit/s", better: "higher", goal: 1},
	{figure: "tcp-4", name: "TCP, 4 flows", unit: "Mbit/s", better: "higher", goal: 1},
	{figure: "cpu-1", name: "CPU time, TCP, 1 flow", unit: "s/GB", better: "lower", goal: null},
	{figure: "cpu-4", name: "CPU time, TCP, 4 flows", unit: "s/GB", better: "lower", goal: null},
	{figure: "udp-64", name: "UDP, 64 bytes", unit: "packets/s", better: "higher", goal: 1},
	{figure: "udp-64-goodput", name: "UDP goodput, 64 bytes", unit: "Mbit/s", better: "higher",
		goal: null},
	{figure: "udp-1350", name: "UDP, 1350 bytes", unit: "packets/s", better: "higher", goal: 1},
	{figure: "udp-1350-goodput", name: "UDP goodput, 1350 bytes", unit: "Mbit/s",
		better: "higher", goal: null},
	{figure: "ping", name: "ping, nothing else", unit: "ms", better: "lower", goal: 1},
	{figure: "handshakes", name: "handshakes", unit: "1/s", better: "higher", goal: null}
];

def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;

# The values of a path: {median, min, max}, or null where nothing was measured.
def summary($figure; $path):
	map(select(.figure == $figure.figure and (.path | rtrimstr("-rps")) == $path))
	| group_by(.path)
	| map(map(.value) | {median: median, min: min, max: max})
	| if $figure.better == "higher" then max_by(.median) else min_by(.median) end;

# Three digits that count.
def digits:
	if . >= 100 then round
	elif . >= 10 then . * 10 | round / 10
	elif . >= 1 then . * 100 | round / 100
	else . * 1000 | round / 1000 end
	| tostring;

def measured:
	if . then "\(.median | digits) [\(.min | digits)–\(.max | digits)]" else "" end;

def table:
	map([.name, .unit, (.summary | (.snaptun, .wireguard | measured)), (.ratio | digits),
		(if .goal then (if .better == "higher" then "> " else "< " end) + "\(.goal)" else "" end),
		(.summary.veth | measured)])
	| [["", "", "snaptun", "wireguard.ko", "ratio", "goal", "(bare veth)"]] + .
	| . as $lines
	| [transpose[] | map(length) | max] as $widths
	| $lines[]
	| [., $widths] | transpose | map(.[0] + " " * (.[1] - (.[0] | length))) | join("  ")
	| sub(" +$"; "");

. as $values
| figures
| map(. as $figure
	| ["snaptun", "wireguard", "veth"]
	| map({key: ., value: (. as $path | $values | summary($figure; $path))})
	| from_entries as $summary
	| $figure + {$summary, ratio: ($summary.snaptun.median / $summary.wireguard.median)})
| if $json then map({name, unit, snaptun: .summary.snaptun.median,
		peer: .summary.wireguard.median, ratio, goal, better})
	else table end
