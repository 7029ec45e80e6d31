#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the guides show on the hosts client and server works when it is typed in that order,
# and says what is shown, but for numbers and keys.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../documented.sh
. "$ROOT/tests/documented.sh"

# after_quick_start: the hosts as that page leaves them before it removes the devices; the
# keys of the pages stand for these.
after_quick_start() {
	local host

	for host in client server; do
		cp "$WORK/$host.key" "$WORK/$host/etc/snap0.key"
		ip -n "$host" link add snap0 type snaptun
		ip netns exec "$host" snaptun set snap0 --private-key-file "$WORK/$host.key"
	done
	server snaptun set snap0 --listen-port 5000
	server snaptun identity add snap0 --key "$(key client)"
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" >/dev/null
	ip -n server addr add 10.9.0.1/24 dev snap0
	ip -n client addr add 10.9.0.2/24 dev snap0
	ip -n server link set snap0 up
	ip -n client link set snap0 up
	within 10 established client || fail "no tunnel"
	OURS[TUTAsx12Jqoa0BUPxLUMAcogMduyhlwbw1P9vCLw9DU=]=$(key client)
	OURS[yNN0NpXQ2Azhx1S8HRhTrRSKgPUFX+hi2MyUxi+Y1m8=]=$(key server)
}

topology
terminals client server
step quick-start
typed quick-start client server
for page in operators-guide troubleshooting; do
	step "$page"
	after_quick_start
	typed "$page" client server
	ip -n client link del snap0
	ip -n server link del snap0
done
