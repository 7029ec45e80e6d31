# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# How tests/bench measures the Rust userspace tunnel: as our device's other side, and
# between two of its own kind.
#
# Sourced by tests/bench/measure, after figures.sh.

# Where the Rust server is, our port to it and the Rust client's, and a packet as long as
# one with 1350 bytes of UDP.
RUST_SERVER=192.0.2.2:7777 RUST_PORT=6100 RUST_CLIENT_PORT=6200 RUST_PACKET=1378
# How many packets the Rust client sends, each of which comes back.
RUST_COUNT=20000

set_up_rust() {
	make_key rust
	make_key rust-client
	background rust server snap-peer server --listen "$RUST_SERVER" \
		--private-key-file "$WORK/rust.key" \
		--authorise "$(key client)" --authorise "$(key rust-client)"
	within 10 logged rust '^listening' || fail "the Rust server does not start"
	client ip link add rust0 mtu "$MTU" type snaptun
	client ip link set rust0 addrgenmode none
	client snaptun set rust0 --private-key-file "$WORK/client.key"
	client snaptun tunnel add rust0 --remote-key "$(key rust)" --endpoint "$RUST_SERVER" \
		--local-port "$RUST_PORT" >/dev/null
	client ip link set rust0 up
	within 20 rust_established || fail "no handshake with the Rust server"
}

rust_established() {
	[[ $(client snaptun show rust0 --json | jq '.[0].established') == 1 ]]
}

# echoed: how many packets came back from the Rust server.
echoed() { client cat /sys/class/net/rust0/statistics/rx_packets; }

# rust: what comes back passed the Rust tunnel twice. Of a sender that is too fast little
# does, so there are several rates; the best counts.
rust() {
	local rate before start took

	for rate in 4000 8000 16000 32000; do
		before=$(echoed)
		client flood send-scion rust0 --src "192.0.2.1:$RUST_PORT" --dst "$RUST_SERVER" \
			--size $((RUST_PACKET - 44)) --seconds 1 --rate "$rate" >/dev/null ||
			fail "the sender to the Rust server fails"
		sleep 0.3
		echo $((2 * ($(echoed) - before)))
	done >"$WORK/rust-rates"
	tell_value rust-server rust "$(sort -n "$WORK/rust-rates" | tail -n 1)"

	start=$(now)
	client snap-peer client --local "192.0.2.1:$RUST_CLIENT_PORT" --server "$RUST_SERVER" \
		--server-key "$(key rust)" --private-key-file "$WORK/rust-client.key" \
		--sizes "$RUST_PACKET" --window 64 --count "$RUST_COUNT" >"$WORK/rust-client" ||
		fail "the Rust client fails: $(tail -n 1 "$WORK/rust-client")"
	took=$(($(now) - start))
	tell_value rust-both rust $((2 * RUST_COUNT * 1000 / took))
}
