# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Calls of control planes by hand, from the namespace us.
#
# Sourced.
SERVICE=/anapaya.snap.v1.SnapControl

# exchange ADDR:PORT: sends stdin there, a whole request. Status and headers of the answer are
# then in answer.head, what it carries in answer.body. Fails unless the status is 200.
exchange() {
	local status

	# The server must not take the end of the request for that of the connection.
	us socat -t 30 -,ignoreeof "TCP:$1" >"$WORK/answer"
	sed '/^\r$/q' "$WORK/answer" >"$WORK/answer.head"
	tail -c "+$(($(wc -c <"$WORK/answer.head") + 1))" "$WORK/answer" >"$WORK/answer.body"
	read -r _ status _ <"$WORK/answer.head" && [[ $status == 200 ]]
}

# request ADDR:PORT METHOD PATH [HEADER…]: the same with stdin as the body.
request() {
	local body=$WORK/call.body

	cat >"$body"
	{
		printf '%s\r\n' "$2 $3 HTTP/1.1" "Host: $1" 'Connection: close' "${@:4}" \
			"Content-Length: $(wc -c <"$body")" ''
		cat "$body"
	} | exchange "$1"
}

# call ADDR:PORT METHOD TOKEN: stdin is what that method of a SNAP is asked.
call() {
	request "$1" POST "$SERVICE/$2" 'Content-Type: application/proto' "Authorization: Bearer $3"
}

# answered: the status of the last answer.
answered() {
	local status=none

	read -r _ status _ <"$WORK/answer.head" || true
	echo "$status"
}

# field NUMBER: of the last answer, in hex; all fields there are short strings.
field() {
	local hex len

	hex=$(od -An -v -tx1 "$WORK/answer.body" | tr -d ' \n')
	while [[ -n $hex ]]; do
		len=$((16#${hex:2:2} * 2))
		if ((16#${hex:0:2} == ($1 << 3 | 2))); then
			echo "${hex:4:len}"
			return 0
		fi
		hex=${hex:4+len}
	done
	return 1
}

# unhex: hex on stdin, the bytes on stdout.
unhex() { printf '%b' "$(sed 's/../\\x&/g')"; }

# find_data_plane ADDR:PORT TOKEN: asks that SNAP for its data plane's address and key,
# DATA_PLANE and DATA_KEY, and REGISTRY, where that takes registrations.
find_data_plane() {
	call "$1" GetSnapDataPlaneAddress "$2" </dev/null || return
	DATA_PLANE=$(field 1 | unhex)
	REGISTRY=$(field 2 | unhex)
	DATA_KEY=$(field 3 | unhex | base64)
}

# register ADDR:PORT TOKEN NAME: that key of ours, there.
register() {
	{
		printf '\x0a\x20'
		key "$3" | base64 -d
		printf '\x12\x20'
		head -c 32 /dev/zero
	} | call "$1" RegisterSnapTunIdentity "$2"
}

