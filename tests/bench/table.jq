# SPDX-License-Identifier: GPL-2.0-or-later
# Rows for people, and what all that make rows go by.

# A handshake takes eight X25519 of both ends together; the static-static one is cached.
def exchanges: 8;

def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;

# What a path's values are: {median, min, max}, or null where nothing was measured.
def summary($values; $figure; $path; $better):
	$values
	| map(select(.figure == $figure and (.path | rtrimstr("-rps")) == $path))
	| group_by(.path)
	| map(map(.value) | {median: median, min: min, max: max})
	| if $better == "higher" then max_by(.median) else min_by(.median) end;
def summary($values; $figure; $path): summary($values; $figure; $path; "higher");

# Three digits that count.
def digits:
	if . == null then ""
	elif . >= 100 or . <= -100 then round
	elif . >= 10 then . * 10 | round / 10
	elif . >= 1 then . * 100 | round / 100
	else . * 1000 | round / 1000 end
	| tostring;

def measured:
	if . == null then ""
	elif .min == .max then .median | digits
	else "\(.median | digits) [\(.min | digits)–\(.max | digits)]" end;

def met: if .ratio == null or .goal == null then null
	elif .better == "higher" then .ratio >= .goal else .ratio <= .goal end;

def table:
	map([.name + (if .bursts then ", bursts of \(.bursts)" else "" end), .unit,
		(.range.snaptun | measured), .against, (.range.peer | measured), (.ratio | digits),
		(if .goal then (if .better == "higher" then "≥ " else "≤ " end) + "\(.goal)" else "" end),
		({"true": "yes", "false": "no", "null": ""}[met | tostring]),
		(.veth | digits), (.limit | digits)])
	| [["", "", "snaptun", "beside", "", "ratio", "goal", "met", "(bare veth)", "(cryptography)"]] + .
	| . as $lines
	| [transpose[] | map(length) | max] as $widths
	| $lines[]
	| [., $widths] | transpose | map(.[0] + " " * (.[1] - (.[0] | length))) | join("  ")
	| sub(" +$"; "");
