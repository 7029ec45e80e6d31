#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A `connect` that a signal ends leaves neither tunnel nor control plane, at whatever
# moment it comes: SIGINT and SIGTERM end it in order, with their own status, SIGKILL at
# once. The next one connects.
#
# kernels: uml
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

scene
connect=(us snaptun connect snap0 --endhost-api "http://$ENDHOST_API"
	--token-file "$WORK/token" --local-port "$OUR_PORT" --timeout 60)

nothing_left() { [[ -z $(left) ]]; }

registered() { [[ $(plane_states) == "registered 1" ]]; }

# What is to go with its socket is gone.
nothing_provisional() {
	us snaptun show snap0 --json | jq -e '[.[0].tunnels[].provisional] | any | not' >/dev/null
}

# end_by SIGNAL: of what runs beside the test; its status in $status.
end_by() {
	status=0
	kill "-$1" "${RUNNING[connect]}" 2>/dev/null || true
	finished connect || status=$?
}

step "while it waits for a handshake that nobody answers"
them nft -f - <<-END
	table inet silent {
		chain input {
			type filter hook input priority 0;
			udp dport 6001 drop
		}
	}
END
for signal in INT TERM; do
	background connect "${connect[@]}"
	within 20 registered || fail "not registered: $(left)"
	end_by "$signal"
	((status == 10)) || fail "SIG$signal: status $status"
	nothing_left || fail "SIG$signal: left: $(left)"
done
background connect "${connect[@]}"
within 20 registered || fail "not registered: $(left)"
end_by KILL
((status == 137)) || fail "SIGKILL: status $status"
# The kernel hears of it when it closes the socket.
within 5 nothing_left || fail "SIGKILL: left: $(left)"
them nft delete table inet silent

step "it connects, which takes longest the first time"
for _ in {1..3}; do
	begun=${EPOCHREALTIME/[.,]/}
	"${connect[@]}" || fail "status $?"
	took=$(((${EPOCHREALTIME/[.,]/} - begun) / 1000))
	us snaptun disconnect snap0
done

step "30 times at any moment of these $took ms"
declare -A ends=()
for ((round = 0; round < 30; round++)); do
	signals=(INT TERM KILL)
	signal=${signals[round % 3]}
	background connect "${connect[@]}"
	moment=$((RANDOM % took))
	sleep "$((moment / 1000)).$(printf %03d $((moment % 1000)))"
	end_by "$signal"
	ends[$signal $status]=$((${ends[$signal $status]:-0} + 1))
	case $signal:$status in
	# It was there first.
	*:0)
		established 1 || fail "SIG$signal after $moment ms: it is done, and there is: $(left)"
		;;
	# Before it began, a signal is what it is to any program.
	INT:10 | INT:130 | TERM:10 | TERM:143)
		nothing_left || fail "SIG$signal after $moment ms: left: $(left)"
		;;
	# Killed between the end of its work and its own, it has done it.
	KILL:137)
		within 5 nothing_provisional || fail "SIGKILL after $moment ms: left: $(left)"
		[[ -z $(left) ]] || established 1 || fail "SIGKILL after $moment ms: left: $(left)"
		;;
	*) fail "SIG$signal after $moment ms: status $status" ;;
	esac
	us snaptun disconnect snap0
	nothing_left || fail "disconnect leaves $(left)"
done
for end in "${!ends[@]}"; do echo "SIG${end% *}, status ${end#* }: ${ends[$end]} times"; done

step "it connects once more"
"${connect[@]}" || fail "status $?"
within 5 established 1 || fail "no tunnel: $(tunnels)"
