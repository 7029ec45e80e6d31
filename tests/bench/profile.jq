# SPDX-License-Identifier: GPL-2.0-or-later
# Makes the profile, an array with an object for each row and path, of lines that
# profile.awk counted, of what was measured meanwhile ($values), and the rows and paths in
# their order, words in $rows and $paths. perf took 2000 samples in each of $seconds, of a
# machine with $processors.
#
# What a stage costs is CPU time for what arrived: seconds for 10⁹ bytes, or microseconds
# for a packet.

def counts_packets: IN("udp-1350", "udp-1350-loop", "udp-64", "scion");

split("\n")
| map(select(. != "") | split(" "))
| . as $lines
| [($rows | split(" "))[] as $row | ($paths | split(" "))[] as $path
	| ($lines | map(select(.[0] == "\($row).\($path)"))) as $lines
	| select($lines != [])
	| ($values | map(select(.figure == $row and .path == $path)) | first.value) as $rate
	| (if $row | counts_packets then $rate / 1e6 else $rate / 8000 end) as $arrived
	| ($lines | map(select(.[1] == "stage") | .[3] | tonumber) | add) as $all
	| def costs: {samples, share: (.samples / $all * 100), cost: (.samples / 2000 / $seconds / $arrived)};
	{$row, $path, $rate, unit: (if $row | counts_packets then "packets/s" else "Mbit/s" end),
	cost: (if $row | counts_packets then "microseconds for a packet" else "seconds for a GB" end),
	cpus: ($all / 2000 / $seconds), $processors, $commit,
	stages: ($lines | map(select(.[1] == "stage") | {stage: .[2], samples: (.[3] | tonumber)} | . + costs)
		| sort_by(-.samples)),
	symbols: ($lines | map(select(.[1] == "symbol") | {symbol: .[2], owner: .[3], stage: .[4],
		samples: (.[5] | tonumber)} | . + costs) | sort_by(-.samples) | .[:80])}]
