#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# The device takes packets whose checksum is still to be made, and makes it: what
# comes out at the other side is right byte for byte, not only believed.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
server timeout 30 tcpdump -n -vv -l -i snap0 -c 5 'udp and dst port 7777' \
	>"$WORK/sums" 2>"$WORK/sums.err" &
tcpdump=$!
within 10 grep -q 'listening on' "$WORK/sums.err" || fail "tcpdump does not begin"
for _ in {1..5}; do
	client bash -c 'echo hello >/dev/udp/10.7.0.2/7777'
done
wait "$tcpdump" || true
expect "datagrams with a right checksum" "$(grep -c 'udp sum ok' "$WORK/sums")" 5
