#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# As the daemon connects it, with nothing set, an idle tunnel has something sent every 10
# to 10.7 s, for ten minutes, registrations and rekeys included.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

scene
background wire us tcpdump --immediate-mode -s 128 -lnqtt -Z root -i veth0 "udp src port $OUR_PORT"
within 10 logged wire '^listening' || fail "tcpdump does not start"
start_daemon
within 20 established 1 || fail "no tunnel: $(tunnels)"
sleep 300
new_token
sleep 300
stop wire || true

# A handshake has one sent at once, too: between two ends of it lie no 10 s.
times() { awk '$2 == "IP" && $NF != 148 { printf "%.0f\n", $1 * 1000 }' "$WORK/wire.log"; }
initiations() { awk '$2 == "IP" && $NF == 148 { printf "%.0f\n", $1 * 1000 }' "$WORK/wire.log"; }
declare -A handshake=()
for time in $(initiations); do
	handshake[$time]=1
done
last='' count=0 largest=0
for time in $(times); do
	apart=$((time - ${last:-$time}))
	if [[ -n ${handshake[$time]:-} ]] && ((apart < 100)); then
		last=$time
		continue
	fi
	# The first comes earlier: keepalives of many tunnels are spread over the interval.
	between "milliseconds to keepalive $((++count))" "$apart" $((count > 1 ? 10000 : 1)) 10700
	((apart <= largest)) || largest=$apart
	last=$time
done
between "keepalives" "$count" 55 60
echo "$count keepalives, at most $largest ms apart"
