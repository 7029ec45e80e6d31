#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Four control planes, each with a data plane of its own, and 2, 1, 1 and 1 tunnels on one
# device. Whatever happens, each counts the tunnels that there are; another token is told
# to each of them once, at once; those that fail do not disturb the others; and no packet
# is lost.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

# facts N: how its answers differ.
facts() { echo "{data_plane: \"$HOST:$((5000 + $1))\", key: \"$(hex_key "plane$1")\"}"; }

# behaves [N ANSWER]…: these registrations go otherwise.
behaves() {
	local n members=()
	local -A answers=([1]='{}' [2]='{}' [3]='{}' [4]='{}')

	while (($#)); do
		answers[$1]=$2
		shift 2
	done
	for n in 1 2 3 4; do
		members+=("\"p$n/$LOCATE\": [{answer: $(facts "$n")}]"
			"\"p$n/$REGISTER\": [${answers[$n]}]")
	done
	local IFS=,
	script "{behave: {${members[*]}}}"
}

# registrations: how many each was asked for.
registrations() {
	local n

	for n in 1 2 3 4; do
		count "$REGISTER" "$n"
	done | paste -sd ' '
}

# states [STATE…]: all control planes are so, with their tunnels, and these are right.
states() {
	local n=0 wanted='' state
	local counts=(2 1 1 1)

	for state in "$@"; do
		wanted+="$(url $((n + 1)))/ $state ${counts[n++]}"$'\n'
	done
	expect "control planes" "$(planes)"$'\n' "$wanted"
	counts_agree || fail "counts: $(planes)"
}
well() { states registered registered registered registered; }

topology
for n in 1 2 3 4; do
	make_key "plane$n"
	ip -n them link add "plane$n" type snaptun
	ip -n them link set "plane$n" addrgenmode none
	them snaptun set "plane$n" --private-key-file "$WORK/plane$n.key" --listen-port $((5000 + n))
	them snaptun identity add "plane$n" --key "$(key us)"
	ip -n them link set "plane$n" up
	background "echo$n" them scion-echo serve "plane$n"
done
behaves
control 4

step "they are connected, one after the other"
for n in 1 2 3 4; do
	"${connect[@]}" --quiet --snap "$(url "$n")" --tunnels $((n == 1 ? 2 : 1)) >/dev/null ||
		fail "control plane $n: status $?"
	counts_agree || fail "counts: $(planes)"
done
well
established 5 || fail "tunnels: $(tunnels)"
expect "registrations" "$(registrations)" "1 1 1 1"

step "from now on each tunnel has a packet every second"
mapfile -t ways < <(look '.tunnels[] | "\(.assigned.port) \(.endpoint.port)"')
for way in "${ways[@]}"; do
	background "way${way% *}" us scion-echo send snap0 --src "192.0.2.1:${way% *}" \
		--dst "$HOST:${way#* }" --every 1 --seconds 240
done

step "the daemon begins: nothing is to be done"
forget
start_daemon --snap "$(url 1)" --snap "$(url 2)" --snap "$(url 3)" --snap "$(url 4)"
sleep 10
well
expect "registrations" "$(registrations)" "0 0 0 0"

step "another token: each is asked once, within a second"
new_token
sleep 1
expect "registrations" "$(registrations)" "1 1 1 1"
sleep 20
expect "registrations" "$(registrations)" "1 1 1 1"
well

step "one cannot, one refuses: 10 attempts, 1, and the others are not disturbed"
behaves 3 '{status: 503}' 4 '{status: 403, json: {code: "permission_denied", message: "no"}}'
forget
new_token
sleep 1
between "registrations of the third" "$(count "$REGISTER" 3)" 1 2
sleep 34
expect "registrations" "$(registrations)" "1 1 10 1"
states registered registered failed failed

step "the daemon is killed meanwhile"
kill_daemon
sleep 2
states registered registered failed failed

step "it comes back, and so do they: what had failed is registered, and nothing else"
behaves
forget
start_daemon --snap "$(url 1)" --snap "$(url 2)" --snap "$(url 3)" --snap "$(url 4)"
sleep 20
expect "registrations" "$(registrations)" "0 0 1 1"
well

step "a connect that is killed before its handshakes leaves no trace"
# Initiations are lost.
them nft -f - <<-END
	table inet filter {
		chain input {
			type filter hook input priority 0;
			udp dport 5002 udp length 156 drop
		}
	}
END
background connect "${connect[@]}" --snap "$(url 2)" --tunnels 3
sleep 2
expect "tunnels meanwhile" "$(plane tunnels 2)" 3
counts_agree || fail "counts: $(planes)"
kill -9 "${RUNNING[connect]}"
finished connect || true
them nft delete table inet filter
sleep 1
well

step "no packet was lost"
for way in "${ways[@]}"; do
	finished "way${way% *}" || fail "from port ${way% *}"
	grep -q 'packet' "$WORK/way${way% *}.log" || fail "nothing was sent from port ${way% *}"
done

step "they are disconnected, one after the other"
stop daemon || fail "the daemon does not end well"
for n in 3 1 4 2; do
	us snaptun disconnect snap0 --snap "$(url "$n")"
	counts_agree || fail "counts: $(planes)"
	expect "the control plane" "$(plane state "$n")" none
done
nothing_left
