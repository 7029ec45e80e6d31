#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-debug
# timeout: 900
# long
# Many `connect` and `disconnect` at once, to four SNAPs, of which any may be killed at any
# moment: once all have ended, each control plane counts the tunnels that name it, none is
# stuck in registering, nothing provisional is left, and after `disconnect` nothing at all.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# So many processes begin together, then there are so many at a time, for so many seconds.
FIRST=${SNAPTUN_STRESS_FIRST:-100} AT_ONCE=${SNAPTUN_STRESS:-24} SECONDS_LONG=60

# storm: runs in our namespace, to be spared to enter it for each of them.
storm() {
	local pids=() pid begun=0 killed=0 ended=0 status signal end n signals=(INT TERM KILL)

	# one_more [GATE]: one more of them, at random; it waits at that pipe first.
	one_more() {
		local url=http://192.0.2.2:$((7001 + RANDOM % 4)) command=(disconnect snap0)

		if ((RANDOM % 5)); then
			command=(connect snap0 --snap "$url" --token-file "$WORK/token" --quiet
				--timeout 100 --request-timeout 100)
		elif ((RANDOM % 2)); then
			command+=(--snap "$url")
		fi
		(
			(($# == 0)) || read -r _ <"$1" || true
			exec snaptun "${command[@]}" >/dev/null 2>>"$WORK/${command[0]}.log"
		) &
		pids+=($!)
		begun=$((begun + 1))
	}
	mkfifo "$WORK/gate"
	for ((n = 0; n < FIRST; n++)); do
		one_more "$WORK/gate"
	done
	# All that have come so far go on.
	sleep 1
	: >"$WORK/gate"
	end=$((SECONDS + SECONDS_LONG))
	while ((SECONDS < end)); do
		for n in "${!pids[@]}"; do
			kill -0 "${pids[n]}" 2>/dev/null && continue
			status=0
			wait "${pids[n]}" || status=$?
			((status)) || ended=$((ended + 1))
			unset "pids[n]"
		done
		pids=("${pids[@]}")
		while ((${#pids[@]} < AT_ONCE)); do
			one_more
		done
		for pid in "${pids[@]}"; do
			((RANDOM % 4 == 0)) || continue
			signal=${signals[RANDOM % 3]}
			kill "-$signal" "$pid" 2>/dev/null && killed=$((killed + 1))
		done
		sleep "0.$((RANDOM % 5))"
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || true
	done
	echo "$begun processes, $FIRST of them at once, $killed signals, $ended done before the end"
}

# counts: of each control plane, what it counts less what names it.
counts() {
	us snaptun show snap0 --json | jq -r '.[0] | .tunnels as $tunnels | .["control-planes"][] |
		.id as $id | .tunnels - ($tunnels | map(select(.["control-plane"] == $id)) | length)'
}
unstuck() { ! plane_states | grep -q registering; }

scene 4

step "a storm"
export WORK FIRST AT_ONCE SECONDS_LONG
us bash -c "$(declare -f storm); storm" 2>"$WORK/storm.log" || fail "status $?"

step "afterwards"
# What a process had goes a moment after it.
within 10 unstuck || fail "stuck: $(plane_states)"
echo "control planes: $(plane_states | paste -sd ,), tunnels: $(tunnels | wc -l)"
[[ $(counts | sort -u) =~ ^0?$ ]] || fail "counts: $(counts)"
expect "provisional tunnels" "$(us snaptun show snap0 --json | jq '[.[0].tunnels[] | select(.provisional)] | length')" 0
us snaptun disconnect snap0
expect "left" "$(tunnels)$(plane_states)" ""

step "each SNAP takes another one"
for snap in 1 2 3 4; do
	us snaptun connect snap0 --snap "http://$(control_plane "$snap")" --token-file "$WORK/token" \
		--timeout 100 >/dev/null || fail "SNAP $snap: status $?"
done
expect "control planes" "$(plane_states | sort | uniq -c | tr -s ' ')" " 4 registered 1"
us snaptun disconnect snap0
expect "left" "$(tunnels)$(plane_states)" ""
