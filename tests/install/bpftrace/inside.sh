#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lets the bpftrace scripts watch a handshake that has to be tried again, and its session
# to the end.
#
#	client, tunnel 1 ---- 127.0.0.1 ---- 127.0.0.1:5000, server, tunnel 1
# shellcheck source-path=SCRIPTDIR source=../../lib.sh disable=SC2119
. "$(dirname "$0")/../../lib.sh"

work_folder
for name in client server; do
	make_key "$name"
	ip link add "$name" type snaptun
	snaptun set "$name" --private-key-file "$WORK/$name.key"
	ip link set "$name" up
done
snaptun set server --listen-port 5000

# watch NAME SCRIPT [ARGUMENT…]: that script runs beside the test from now on. What it says
# first is read when all is attached.
watch() {
	background "$1" "$ROOT/tools/bpftrace/$2.bt" "${@:3}"
	within 100 logged "$1" '^(TIME|.*Ctrl-C ends)' || fail "$1.bt does not start"
}
# told NAME REGEX: it has such a line.
told() { logged "$1" "$2" || fail "$1.bt does not tell \"$2\""; }
# values NAME MAP: its keys and values in the end, in their order.
values() { sed -nE "s/^@$2(\[.*\]: .*)/\1/p" "$WORK/$1.log" | LC_ALL=C sort; }
# buckets NAME MAP KEY: where a histogram has something, and how much.
buckets() { sed -nE "/^@$2\[$3\]:/,/^\$/s/^(\[[^)]*\)) +([1-9][0-9]*) .*/\1 \2/p" "$WORK/$1.log"; }
counter() { snaptun show "$1" --json | jq ".[0].counters.\"$2\""; }
expect() { [[ $2 == "$3" ]] || fail "$1: $2, not $3"; }

for script in drops handshakes states sessions; do
	watch "$script" "$script"
done
watch every drops 1

step "a stranger's initiation is dropped, a friend's is not"
snaptun tunnel add client --remote-key "$(key server)" --endpoint 127.0.0.1:5000 --keepalive 10 >/dev/null
unknown() { (($(counter server rx-unknown-identity) > 0)); }
within 30 unknown || fail "no initiation"
snaptun identity add server --key "$(key client)"
established() { [[ $(snaptun show server --json | jq -r '.[0].tunnels[0].state') == established ]]; }
within 60 established || fail "no session"
for _ in 1 2 3; do
	printf '\7\0\0\0' | socat -u - UDP4-SENDTO:127.0.0.1:5000
done
malformed() { (($(counter server rx-malformed) == 3)); }
within 10 malformed || fail "nothing is malformed"
within 30 logged every '^@packets\[server, rx-malformed\]: ' || fail "drops.bt tells nothing meanwhile"
tries=$(counter client handshakes-initiated) unknown=$(counter server rx-unknown-identity)
snaptun tunnel del client 1
for name in drops handshakes states sessions every; do
	kill -INT "${RUNNING[$name]}"
	finished "$name" || fail "$name.bt does not end well"
done

step "drops"
expect "reasons" "$(values drops packets)" "[server, rx-malformed]: 3
[server, rx-unknown-identity]: $unknown"

step "handshakes"
expect "initiations of the client" "$(buckets handshakes initiations client)" "[$tries, $((tries + 1))) 1"
expect "handshakes of the client" "$(buckets handshakes initiator_us client | sed 's/.* //')" 1
expect "handshakes of the server" "$(buckets handshakes responder_us server | sed 's/.* //')" 1
expect "others" "$(grep -c '^@' "$WORK/handshakes.log")" 3

step "states"
expect "states in the end" "$(values states now)" "[client, 1]: idle
[server, 1]: established"
expect "states that the client left" "$(values states spent_us | sed -nE 's/^(.client, .*): .*/\1/p')" "[client, 1, connecting]
[client, 1, established]
[client, 1, idle]"
# Nobody tries again within 5 s.
connecting=$(values states spent_us | sed -n 's/.*, connecting\]: //p')
((connecting >= 5000000)) || fail "the client was connecting for $connecting us"

step "sessions"
told sessions '^[0-9:]{8} client +1 [0-9a-f]{8} - +ended$'
for line in 'client +1 [0-9a-f]{8} initiator made' 'server +1 [0-9a-f]{8} responder made' \
	'server +1 [0-9a-f]{8} responder proven' 'client +1 [0-9a-f]{8} initiator ended after [0-9]+ ms'; do
	told sessions "^[0-9:]{8} $line\$"
done
made=$(sed -nE 's/.* client +1 ([0-9a-f]*) initiator made/\1/p' "$WORK/sessions.log")
told sessions " $made initiator ended"
expect "events" "$(grep -cE '^[0-9:]{8} ' "$WORK/sessions.log")" $((tries - 1 + 4))
