# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# How tests/bench measures handshakes.
#
# Sourced by tests/bench/measure, after figures.sh.

# Devices on each host that shake hands, each with each of the other host. Each gets
# that many handshake messages at once: fewer than the 20 in a second from which
# snaptun demands cookies, so that both tunnels answer all.
HANDSHAKERS=16
HANDSHAKES=$((HANDSHAKERS * HANDSHAKERS))

declare -A DEVICE=([snaptun]=snap [wireguard]=wg)
# The handshakers' listen ports come after these.
declare -A PORTS=([snaptun]=7000 [wireguard]=8000)

# handshakers: the devices that shake hands; they stay down. A keepalive besides that which
# confirms a session is due at any time of the interval, so this is a long one.
handshakers() {
	local ns i
	local -A tunnels=() peers=()

	for ((i = 1; i <= HANDSHAKERS; i++)); do
		make_key "client$i"
		make_key "server$i"
		tunnels[server]+="snaptun identity add snap\$i --key $(key "client$i");"
		tunnels[client]+="snaptun tunnel add snap\$i --remote-key $(key "server$i")"
		tunnels[client]+=" --endpoint 192.0.2.2:$((PORTS[snaptun] + i)) --keepalive 600 >/dev/null;"
		peers[server]+=" peer $(key "client$i")"
		peers[client]+=" peer $(key "server$i")"
		peers[client]+=" endpoint 192.0.2.2:$((PORTS[wireguard] + i)) persistent-keepalive 600"
	done
	for ns in client server; do
		ip netns exec "$ns" bash -e <<-END
			for ((i = 1; i <= $HANDSHAKERS; i++)); do
				ip link add snap\$i type snaptun
				snaptun set snap\$i --private-key-file $WORK/$ns\$i.key \
					--listen-port \$((${PORTS[snaptun]} + i))
				${tunnels[$ns]}
				ip link add wg\$i type wireguard
				wg set wg\$i private-key $WORK/$ns\$i.key \
					listen-port \$((${PORTS[wireguard]} + i)) ${peers[$ns]}
			done
		END
	done
}

# set_handshakers NS DEVICE up|down: all of that kind on that host.
set_handshakers() {
	# shellcheck disable=SC2046 # one word each
	printf "link set $2%d $3\n" $(seq "$HANDSHAKERS") | ip -n "$1" -batch -
}

# handshakes PATH: rounds in which a message was repeated or refused do not count.
handshakes() {
	local left=3

	while ((left--)); do
		! handshakes_once "$1" || return 0
		tell step "handshakes, $1, were repeated or refused: once more"
	done
	fail "handshakes, $1, are repeated or refused each time"
}

# handshakes_once PATH: from the first initiation on the wire to the last keepalive, with
# which a client confirms its session. Each handshake is three messages, or else this
# measured how long somebody waits before trying again: a tunnel does not within 5 s.
declare -A SHOOK=()
handshakes_once() {
	local path=${1%-rps} device ports result

	while ((SECONDS < ${SHOOK[$path]:-0} + 6)); do
		sleep 0.5
	done
	device=${DEVICE[$path]}
	ports=$((PORTS[$path] + 1))-$((PORTS[$path] + HANDSHAKERS))
	set_handshakers server "$device" up
	background wire server timeout 120 \
		tcpdump -nqtt -s 64 -Z root -i veth0 -c $((3 * HANDSHAKES)) udp portrange "$ports"
	within 10 logged wire '^listening' || fail "tcpdump does not start"
	set_handshakers client "$device" up
	finished wire || fail "some handshakes, $1, do not succeed"
	set_handshakers client "$device" down
	set_handshakers server "$device" down
	result=$(awk -v wanted="$HANDSHAKES" '
		$2 == "IP" { if (!begin) begin = $1; end = $1; count[$NF]++ }
		END {
			if (count[148] == wanted && count[32] == wanted)
				print wanted / (end - begin)
		}' "$WORK/wire.log")
	SHOOK[$path]=$SECONDS
	[[ -n $result ]] || return 1
	tell value handshakes "$1" "$result"
}
