#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# Our client gets not one datagram from a Rust server that does not know its key,
# and says that it has no session.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
make_key stranger
start_server
count_datagrams us answers "udp sport $THEIR_PORT"

device stranger
tunnel_to_server "$OUR_PORT"
ip -n us link set snap0 up
within 20 logged server "^unauthorised" || fail "no handshake reached the server"
grep -qxF "unauthorised $(key stranger)" "$WORK/server.log" || fail "another key reached the server"
if "${OUR_ECHOES[@]}" --count 5 --timeout 6; then
	fail "packets came back"
fi
(($(counted us answers) == 0)) || fail "the server answered"
[[ $(tunnels) == *" connecting -" ]] || fail "not connecting: $(tunnels)"

step "the same with a key that is authorised"
us snaptun set snap0 --private-key-file "$WORK/us.key"
within 20 established 1 || fail "no handshake: $(tunnels)"
"${OUR_ECHOES[@]}" --count 10
(($(counted us answers) > 1)) || fail "the count does not count"
