# SPDX-License-Identifier: GPL-2.0-or-later
# Rows, as tests/bench/report.jq has them, of what tests/bench/scale told about one number
# of tunnels: $count of them, with keepalives every $keepalive seconds or 0.
include "table";

def of($figure): map(select(.figure == $figure)) | first | .value;
def spread: if . == null then null else {median: ., min: ., max: .} end;

. as $values
| (map(select(.machine != null)) | first | {kernel, release, cpus, mtu}) as $boot
| def row($what; $unit; $snaptun; $against; $peer; $goal):
	{name: "\($count) \(if $keepalive > 0 then "tunnels, keepalives every \($keepalive) s" else "idle tunnels" end): \($what)",
	$unit, $snaptun, $peer, ratio: (if $peer then $snaptun / $peer else null end), $goal,
	better: "lower", figure: "scale-\($count)", $against, bursts: null,
	range: {snaptun: ($snaptun | spread), peer: ($peer | spread)},
	veth: null, limit: null, machine: $boot, $commit};
if $keepalive > 0 then
	row("CPU in 300 s"; "s"; of("idle-tunnels") * 3;
		"plain UDP and X25519"; (of("idle-packets") * of("plain-packet") +
			of("idle-handshakes") * exchanges * of("price-x25519")) / 1e9; 1.5)
else
	row("CPU"; "%"; of("idle-tunnels"); "1 % of one"; 1; 1),
	row("CPU, as their sessions end"; "%"; of("idle-endings"); "1 % of one"; 1; 1),
	row("CPU, before there are any"; "%"; of("idle-nobody"); null; null; null),
	# Where they are few the memory is that of devices and hosts, and of whatever else changes.
	if $count >= 10000 then
		row("memory beside sockets"; "bytes"; of("memory-all") - of("memory-sockets");
			"4 KiB at each end"; 8192; 1)
	else empty end,
	("tunnels-\($count)" as $figure
		| summary($values; $figure; "snaptun") as $snaptun | summary($values; $figure; "wireguard") as $peer
		| row("TCP, 1 flow of another"; "Mbit/s"; $snaptun.median; "wireguard.ko, as many peers"; $peer.median; null)
		| . + {better: "higher", $figure, range: {$snaptun, $peer}, veth: summary($values; $figure; "veth").median})
end
