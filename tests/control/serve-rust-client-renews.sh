#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a host on the Rust stack has registered with `snaptun serve` ends with its token. It
# comes back by itself when there is another token, and loses nothing when that is in time.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# all N HOW: whether just that became of the last N packets.
all() { [[ $(sed -n 's/^packet [0-9]* //p' "$WORK/client.log" | tail -n "$1" | uniq -c) =~ ^\ *$1\ $2$ ]]; }

# keys: how many may start tunnels.
keys() { them snaptun show snap0 --json | jq '.[0].identities | length'; }

topology
start_serve
rust_client "http://$(control_plane 1)" "$SERVED_AS,$(data_plane 1)"
scion_echo them
new_token 10

step "nothing goes either way after the token's end"
background client "${RUST_CLIENT[@]}" --every 1 --count 3600
within 10 all 3 back || fail "no echo"
expect "keys" "$(keys)" 1
within 30 all 1 lost || fail "echoes go on after the end"
expect "keys" "$(keys)" 0
count_datagrams us answers 'udp sport 6001'
within 10 all 5 lost || fail "echoes go on after the end"
(($(counted us answers) == 0)) || fail "the host is answered"

step "with another token it registers again, and all goes on"
new_token 60
within 50 all 3 back || fail "no echo: $(<"$WORK/serve.log")"
expect "keys" "$(keys)" 1

step "a next token each 10 s, which is good for 20: nothing is lost in 60 s"
lost=$(count_logged client ' lost$')
for _ in {1..6}; do
	new_token 20
	sleep 10
done
expect "lost" "$(count_logged client ' lost$')" "$lost"
running client || fail "the host ended"
expect "keys" "$(keys)" 1
stop client || true
