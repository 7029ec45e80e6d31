#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# A persistent keepalive of another interval, and on the server's side.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
capture wire client
responder --keepalive 7 --answer-keepalives off
initiator --keepalive 3 --answer-keepalives off
within 10 established client || fail "no session"
sleep 60
stop wire || true

# regular HOST INTERVAL [LEAST]: the host's keepalives are that many seconds apart, but
# for the first two, which are LEAST apart or more.
regular() {
	local time last='' least=${3:-$2}

	for time in $(times wire "$1" "$KEEPALIVE"); do
		if [[ -n $last ]]; then
			between "milliseconds to the next keepalive" $((time - last)) \
				$((least * 1000)) $(($2 * 1000 + WHEEL))
			least=$2
		fi
		last=$time
	done
	[[ -n $last ]] || fail "no keepalives from $1"
}

# The first keepalive ends the handshake, and the next one may be early, so that tunnels
# that began together do not go on together.
regular 192.0.2.1.6000 3 0
regular 192.0.2.2.5000 7
between "the client's keepalives" "$(datagrams wire 192.0.2.1.6000 "$KEEPALIVE")" 16 22
between "the server's keepalives" "$(datagrams wire 192.0.2.2.5000 "$KEEPALIVE")" 7 9
