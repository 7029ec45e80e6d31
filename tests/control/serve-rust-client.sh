#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host on the Rust stack takes `snaptun serve` for an endhost API and a SNAP: it finds where
# to register, does so, and SCION/UDP packets go through its tunnel to our device and back.
# Without a good token it gets nowhere, and another key with its token takes its place.
#
# kernels: uml
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# Where clients are told to go, at another address than the endhost API that they know.
TOLD=192.0.2.3:7001

# called: what was asked of whom, in order.
called() {
	awk '$2 == "IP" { to = $5 } sub(/.*POST [^ ]*\//, "") { print to, $1 }' "$WORK/calls.log"
}

# refused OPTION…: whether the host gets nothing because of the token in the file `bad`.
refused() {
	local status=0

	"${RUST_CLIENT[@]}" "$@" >"$WORK/refused.log" 2>&1 || status=$?
	((status == 1)) && logged refused 'code: Unauthenticated' && ! logged refused '^assigned'
}

# known: the keys that may start tunnels.
known() { them snaptun show snap0 --json | jq -r '.[0].identities[].key'; }

# more_lost BEFORE: whether more packets of the host in the background were lost than that.
more_lost() { (($(count_logged client ' lost$') > $1)); }

topology
ip -n them addr add "${TOLD%:*}/24" dev veth0
new_token
start_serve --control-listen 0.0.0.0:7001 --control-url "http://$TOLD"
rust_client "http://$(control_plane 1)" "$SERVED_AS,$(data_plane 1)"
scion_echo them
watch_calls

step "it finds the SNAP and its AS, registers there, and 1000 packets of all sizes come back"
"${RUST_CLIENT[@]}" --count 1000 --min 4 --max 1400 | tee "$WORK/client.log"
logged client "^assigned $SERVED_AS,192\.0\.2\.1:$OUR_PORT\$" || fail "another address was assigned"
expect "calls" "$(called)" "192.0.2.2.7001: ListUnderlays
${TOLD/:/.}: GetSnapDataPlaneAddress
${TOLD/:/.}: RegisterSnapTunIdentity"
first=$(known)
expect "keys" "$(wc -w <<<"$first")" 1

step "a token that is past its time, and one that somebody else signed, get nothing anywhere"
forged=$(snap-network token)
for token in "$(snap-network token --validity -3600)" "${forged%.*}.$(printf 'A%.0s' {1..86})"; do
	printf '%s\n' "$token" >"$WORK/bad"
	refused --token-file "$WORK/bad" || fail "the endhost API: $(<"$WORK/refused.log")"
	refused --snap-token-file "$WORK/bad" || fail "the SNAP: $(<"$WORK/refused.log")"
done
expect "keys" "$(known)" "$first"

step "another key with the same token takes the place of the one before"
background client "${RUST_CLIENT[@]}" --every 1 --count 60
within 10 logged client '^packet 1 back' || fail "no echo"
second=$(known)
expect "keys" "$(wc -w <<<"$second")" 1
[[ $second != "$first" ]] || fail "the first key is still there"
"${RUST_CLIENT[@]}" --local "192.0.2.1:$((OUR_PORT + 1))" --count 100
third=$(known)
expect "keys" "$(wc -w <<<"$third")" 1
[[ $third != "$second" ]] || fail "the second key is still there"
count_datagrams us answers "udp sport 6001 udp dport $OUR_PORT"
for _ in {1..5}; do
	lost=$(count_logged client ' lost$')
	within 10 more_lost "$lost" || fail "the second key is answered"
done
(($(counted us answers) == 0)) || fail "the second key is answered"
stop client || true

stop serve || fail "it does not end well"
