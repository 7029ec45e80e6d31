#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# Nobody answers: the initiation is repeated every 5 s and up to a third more, each
# a fresh one; after 90 s the attempt ends and what waited for it is dropped.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
capture wire client
initiator --keepalive off
began=$(now)
for _ in 1 2 3; do
	! reaches client 10.7.0.2 || fail "somebody answered"
done
sleep 30
expect "state while it tries" "$(tunnel client state)" connecting
expect "packets that wait" "$(tunnel client staged)" 3
# The pings took some of the 88 s, too.
sleep $((88 - ($(now) - began) / 1000))
expect "state after 88 s" "$(tunnel client state)" connecting
sleep $((92 - ($(now) - began) / 1000))
expect "state after 92 s" "$(tunnel client state)" expired
expect "packets that wait after it gave up" "$(tunnel client staged)" 0
expect "packets dropped" "$(counter client tx-no-session)" 3
stop wire || true

mapfile -t initiations < <(times wire 192.0.2.1.6000 "$INITIATION")
between "milliseconds to the first" $((initiations[0] - began)) 0 "$WHEEL"
for ((i = 1; i < ${#initiations[@]}; i++)); do
	between "milliseconds to the next" $((initiations[i] - initiations[i - 1])) \
		5000 $((5000 + JITTER + WHEEL))
done
between "initiations in 90 s" "${#initiations[@]}" 15 18
between "milliseconds to the last" $((initiations[-1] - initiations[0])) 80000 90000
jitter=$(for ((i = 1; i < ${#initiations[@]}; i++)); do
	echo $(((initiations[i] - initiations[i - 1]) / 10))
done | sort -u | wc -l)
((jitter > 3)) || fail "initiations are sent by the clock, without jitter"
