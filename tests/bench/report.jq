# SPDX-License-Identifier: GPL-2.0-or-later
# Makes rows of measured values, and of these a table for people.
#
# A value is {figure, path, value}, and each boot has one object {machine, kernel, release,
# cpus, mtu}; figures of a machine of its own end with it, as in tcp-1@one-cpu. A path whose
# name ends in -rps was steered; of a path that was measured both ways, the better median
# counts.
include "table";

# A row that is measured twice is there with the burst limit at its most and at 9216 bytes.
def twice: ["snaptun", "snaptun-9216"];
def tcp($figure; $name; $goal):
	{$figure, $name, unit: "Mbit/s", better: "higher", goal: $goal, paths: twice, limit: "tcp"};
def rows: [
	tcp("tcp-1"; "TCP, 1 flow"; 2.5),
	tcp("tcp-4"; "TCP, 4 flows"; 2),
	tcp("tcp-1@one-cpu"; "TCP, 1 flow, 1 CPU"; 2),
	tcp("tcp-1@debian-6.1"; "TCP, 1 flow, debian-6.1"; 1.5),
	({figure: "cpu-1", name: "CPU time, TCP, 1 flow"}, {figure: "cpu-4", name: "CPU time, TCP, 4 flows"},
		{figure: "cpu-1@one-cpu", name: "CPU time, TCP, 1 flow, 1 CPU"}
		| . + {unit: "s/GB", better: "lower", paths: twice}
		| (. + {goal: 0.4}), (. + {goal: 1.25, against: "veth, seal, open"})),
	tcp("tcp-no-uso"; "TCP, underlay without USO"; 1.3),
	({figure: "udp-1350", name: "UDP, 1350 bytes, iperf3", share: 0.9},
		{figure: "udp-1350-loop", name: "UDP, 1350 bytes, send loop", share: 0.6}
		| . + {unit: "packets/s", better: "higher", paths: twice, size: 1378}
		| (. + {goal: 2}), (. + {goal: .share, against: "bare veth"})),
	({figure: "udp-gso", name: "UDP, GSO and GRO", unit: "Mbit/s", better: "higher", paths: twice,
		size: 1378, limit: "goodput"}
		| (. + {goal: 3}), (. + {goal: 0.8, against: "best paced"})),
	{figure: "udp-64", name: "UDP, 64 bytes, send loop", unit: "packets/s", better: "higher",
		goal: 2, size: 92},
	{figure: "scion", name: "SCION, 64 bytes of UDP", unit: "packets/s", better: "higher",
		goal: 2, against: "wireguard.ko, UDP", size: 108},
	{figure: "ping", name: "ping, nothing else", unit: "ms", better: "lower", goal: null},
	{figure: "ping", name: "ping, added to bare veth", unit: "ms", better: "lower", goal: 0.15,
		against: "what wireguard.ko adds"},
	{figure: "ping-load", name: "ping beside TCP, 99th percentile", unit: "ms", better: "lower",
		goal: 0.5},
	{figure: "udp-gso-packets", name: "packets of 1378 bytes", unit: "packets/s", better: "higher",
		goal: 10, against: "Rust tunnel", size: 1378},
	{figure: "handshakes", name: "handshakes, both ends", unit: "1/s", better: "higher", goal: null},
	{figure: "handshakes@one-cpu", name: "handshakes, both ends, 1 CPU", unit: "1/s", better: "higher",
		goal: 0.85, against: "X25519 alone"},
	([1, 2, 4, 8, 16, 32][] | tcp("flows-\(.)"; "TCP, flows: \(.)"; null) | .paths = ["snaptun"]),
	([64, 128, 256, 512, 1024, 1350][] | {figure: "size-\(.)", name: "UDP, GSO and GRO, bytes: \(.)",
		unit: "Mbit/s", better: "higher", goal: null, size: (. + 28), limit: "goodput"})
];

def machine: if contains("@") then "@" + (split("@") | last) else "" end;
def on($figure; $name): $name + ($figure | machine);

# Nanoseconds of sealing, or of x25519.
def price($values; $row; $name): summary($values; on($row.figure; "price-" + $name); "kernel").median;
# Both ends' nanoseconds for a packet of that many bytes.
def sealed($values; $row; $size):
	["seal", "open"]
	| map(price($values; $row; . + "_64") as $short | price($values; $row; . + "_1420") as $long
		| $short + ($long - $short) / (1420 - 64) * ($size - 64))
	| add;

# What could be measured if nothing but cryptography took time, on all CPUs.
def limit($values; $row):
	($values | map(select(.machine == ($row.figure | machine))) | first | .cpus) as $cpus
	| if $row.limit == "tcp" then $cpus * 1368 * 8e3 / sealed($values; $row; 1420)
	elif $row.limit == "goodput" then $cpus * ($row.size - 28) * 8e3 / sealed($values; $row; $row.size)
	elif $row.size then $cpus * 1e9 / sealed($values; $row; $row.size)
	elif $row.unit == "s/GB" then sealed($values; $row; 1420) / 1368
	elif $row.unit == "1/s" then $cpus * 1e9 / (exchanges * price($values; $row; "x25519"))
	else null end;

def number: if . then {median: ., min: ., max: .} else null end;

# What the row is held against.
def reference($values; $row; $path):
	if $row.against == null then summary($values; $row.figure; "wireguard"; $row.better)
	elif $row.against == "bare veth" then summary($values; $row.figure; "veth")
	elif $row.against == "veth, seal, open" then
		summary($values; $row.figure; "veth"; "lower")
		| if . then sealed($values; $row; 1420) as $ns | map_values(. + $ns / 1368) else null end
	elif $row.against == "best paced" then
		[30, 45, 60, 75] | map(summary($values; "udp-gso-paced-\(.)"; $path) // empty) | max_by(.median)
	elif $row.against == "wireguard.ko, UDP" then summary($values; on($row.figure; "udp-64"); "wireguard")
	elif $row.against == "what wireguard.ko adds" then
		summary($values; $row.figure; "veth"; "lower").median as $veth
		| summary($values; $row.figure; "wireguard"; "lower")
		| if . and $veth then map_values(. - $veth) else null end
	elif $row.against == "Rust tunnel" then
		["rust-server", "rust-both"] | map(summary($values; .; "rust") // empty) | max_by(.median)
	elif $row.against == "X25519 alone" then limit($values; $row) | number
	else error("\($row.against): nothing is known of that") end;

def ours($values; $row; $path):
	summary($values; $row.figure; $path; $row.better)
	| if . and $row.against == "what wireguard.ko adds" then
		summary($values; $row.figure; "veth"; "lower").median as $veth
		| if $veth then map_values(. - $veth) else null end
	else . end;

def about($values):
	$values | map(select(.machine != null)) | unique_by(.machine)[]
	| . as $boot
	| "\(.kernel) (Linux \(.release)), \(.cpus) CPU\(if .cpus > 1 then "s" else "" end), MTU \(.mtu): " +
		(["seal_1420", "open_1420", "seal_64", "open_64", "x25519"]
		| map(. as $name | summary($values; "price-" + $name + $boot.machine; "kernel") |
			"\($name | sub("_"; " ")) \(.median | digits)") | join(", ")) + " ns";

. as $values
| rows
| map(. as $row | (.paths // ["snaptun"])[] as $path
	| ours($values; $row; $path) as $snaptun
	| select($snaptun)
	| reference($values; $row; $path) as $peer
	| ($values | map(select(.machine == ($row.figure | machine))) | first) as $boot
	| {name: $row.name, unit: $row.unit, snaptun: $snaptun.median, peer: $peer.median,
		ratio: (if $peer and $peer.median > 0 then $snaptun.median / $peer.median else null end),
		goal: (if $peer then $row.goal else null end), better: $row.better,
		figure: $row.figure, against: ($row.against // "wireguard.ko"),
		bursts: (if $path == "snaptun-9216" then 9216 else null end),
		range: {$snaptun, $peer},
		veth: summary($values; $row.figure; "veth"; $row.better).median,
		limit: limit($values; $row),
		machine: ($boot | {kernel, release, cpus, mtu}), $commit})
| if $json then . else about($values), "", table end
