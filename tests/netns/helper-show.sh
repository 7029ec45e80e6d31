#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A tunnel that is up shows what happened on it: the same, to programs and people,
# on both ends.
#
# kernels: uml uml-debug
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

#   client ---- 127.0.0.1:6000 ---- lo ---- 127.0.0.1:5000 ---- server
ip link add client type snaptun
ip link add server type snaptun
accept set client --private-key-file - <<<"$alice_private"
accept set server --private-key-file - --listen-port 5000 <<<"$bob_private"
accept identity add server --key "$alice_public"
accept tunnel add client --remote-key "$bob_public" --endpoint 127.0.0.1:5000 --local-port 6000
ip link set server up
ip link set client up

# both FILTER: whether it is true of the one tunnel of each device.
both() {
	accept show client --json
	jq -e ".[0].tunnels[0] | $1" "$work/out" >"$work/value" || return
	accept show server --json
	jq -e ".[0].tunnels[0] | $1" "$work/out" >"$work/value"
}

for ((tries = 0; tries < 100; tries++)); do
	! both '.state == "established" and ."rx-packets" > 0' || break
	sleep 0.1
done
((tries < 100)) || fail "the tunnel is not up after 10 s"
both '."handshake-age" < 60000 and ."tx-bytes" > 0' || fail "a tunnel that is up shows no traffic"

accept show client --json
jq -e '.[0] | .tunnels[0].responder == false and
	.tunnels[0].assigned == {"ipv4": "127.0.0.1", "port": 6000} and
	.counters.sessions == 1 and .counters."handshakes-initiated" == 1 and
	.established == 1' "$work/out" >/dev/null ||
	fail "the client's tunnel is wrong"
accept show server --json
jq -e '.[0] | .tunnels[0].responder == true and .identities[0].tunnels == 1 and
	.tunnels[0]."remote-key" == .identities[0].key and
	.tunnels[0].endpoint == {"ipv4": "127.0.0.1", "port": 6000} and
	.tunnels[0]."local-port" == 5000 and
	.counters."handshakes-answered" == 1' "$work/out" >/dev/null ||
	fail "the server's tunnel is wrong"

accept show client
for line in '  tunnels: 1, 1 of them established' '  tunnel 1: established' \
	'    assigned address: 127.0.0.1:6000' '    sessions               1'; do
	grep -qxF -- "$line" "$work/out" || fail "no line \"$line\""
done
grep -qxE '    latest handshake: (now|[0-9]+ seconds? ago)' "$work/out" || fail "no time of the handshake"
grep -qxE '    transfer: [1-9][0-9.]* (B|KiB) received, [1-9][0-9.]* (B|KiB) sent' "$work/out" ||
	fail "no transfer"
! grep -qE '^    (rx|tx)-[a-z0-9-]+ +0$' "$work/out" || fail "a counter of zero is shown"
# The same in one line, and the tunnel alone.
accept show client --brief
grep -qE '^ +1  established  127\.0\.0\.1:5000  127\.0\.0\.1:6000 +[0-9]+ s +[1-9][0-9.]* (B|KiB) +[1-9][0-9.]* (B|KiB)  -$' \
	"$work/out" || fail "no line for the tunnel"
accept show client 1
[[ $(head -n 3 "$work/out") == $'device: client\n\n  tunnel 1: established' ]] || fail "the tunnel is not shown alone"
accept show server --brief
grep -qE '^ +1  established  127\.0\.0\.1:6000  - .* responder$' "$work/out" || fail "no line for the responder"
grep -qxE "  $alice_public +1  none +-" "$work/out" || fail "no line for the identity"
accept show server
grep -qE '^  tunnel [0-9]+: established, responder$' "$work/out" || fail "the server shows no responder"
