# SPDX-License-Identifier: GPL-2.0-or-later
# Counts samples by symbol, and these by stage.
#
# usage: awk -v path=NAME -f profile.awk STAGES SYMBOLS ADDRESSES
#
# STAGES has lines `STAGE REGEX…`, where the first that fits wins; of SYMBOLS, `ADDRESS NAME
# OWNER`, and ADDRESSES each is sorted, with 16 digits. Prints `path stage STAGE SAMPLES` and
# `path symbol NAME OWNER STAGE SAMPLES`.

function hex(text,	i, n) {
	n = 0
	for (i = 1; i <= 16; i++)
		n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return n
}

function stage_of(name, owner,	i) {
	for (i = 1; i <= stages; i++)
		if ((name " " owner) ~ regex[i])
			return stage[i]
	return "other-kernel"
}

FILENAME != last_file { file++; last_file = FILENAME }

file == 1 && /^[a-z]/ {
	for (i = 2; i <= NF; i++) {
		stage[++stages] = $1
		regex[stages] = $i
	}
}

file == 2 { address[++symbols] = $1; name[symbols] = $2; owner[symbols] = $3 }

file == 3 {
	while (at < symbols && address[at + 1] <= $1)
		at++
	# The host's own addresses begin with ones; no function is as long as that.
	if ($1 ~ /^ffff/)
		count["host host"]++
	else if (at && hex($1) - hex(address[at]) < 65536)
		count[name[at] " " owner[at]]++
	else
		count["program program"]++
}

END {
	for (key in count) {
		split(key, word, " ")
		kind = stage_of(word[1], word[2])
		if (word[2] == "host")
			kind = "host-kernel"
		else if (word[2] == "program")
			kind = "programs"
		sum[kind] += count[key]
		print path, "symbol", word[1], word[2], kind, count[key]
	}
	for (kind in sum)
		print path, "stage", kind, sum[kind]
}
