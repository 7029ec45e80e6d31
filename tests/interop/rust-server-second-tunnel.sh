#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# Two tunnels of our client with one key to one Rust server: each has its own
# address, and packets leave by the tunnel whose address they bear.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
SECOND_PORT=$((OUR_PORT + 1))

start_server
# The default tunnel would take what belongs to no tunnel.
our_client --default
tunnel_to_server "$SECOND_PORT"
within 20 established 2 || fail "no two handshakes: $(tunnels)"
for port in $OUR_PORT $SECOND_PORT; do
	tunnels | grep -q " 192\.0\.2\.1:$port\$" || fail "port $port was not assigned: $(tunnels)"
done

background first "${OUR_ECHOES[@]}" --count 1000 --min 44 --max 1420
background second "${OUR_ECHOES[@]}" --src "192.0.2.1:$SECOND_PORT" --count 700 --min 44 --max 1420
finished first || fail "packets of the first tunnel are missing"
finished second || fail "packets of the second tunnel are missing"

stop server
logged server "^client 192\.0\.2\.1:$OUR_PORT echoed 1000\$" || fail "wrong tunnel"
logged server "^client 192\.0\.2\.1:$SECOND_PORT echoed 700\$" || fail "wrong tunnel"
