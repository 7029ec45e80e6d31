# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# How tests/bench measures each figure, in a kernel of the testbed: set_up once, then
# measure for each path.
#
# Sourced by tests/bench/measure, which has the hosts and the form of what is told.
# shellcheck source-path=SCRIPTDIR source=../netns/lib.sh
. "${BASH_SOURCE[0]%/*}/../netns/lib.sh"

MTU=1420
# Bytes of payload in a full packet: of TCP with time stamps, of UDP.
UDP_PAYLOAD=1350
TCP_SECONDS=4 UDP_SECONDS=2 PING_SECONDS=2
# What a responder's tunnels have; 9216 is for Rust data planes.
BURST_MAX=65493
# Where `flood receive` listens.
FLOOD=5300

declare -A ADDRESS=([snaptun]=10.7.0.2 [wireguard]=10.8.0.2 [veth]=192.0.2.2)

tell() { printf '@ %s\n' "$*"; }

both() { client "$@" && server "$@"; }

# plain PATH: its name without what was set.
plain() {
	local path=${1%-rps}

	printf '%s\n' "${path%-9216}"
}

# tell_value FIGURE PATH NUMBER: of a number that cannot be zero.
tell_value() {
	awk -v n="$3" 'BEGIN { exit !(n > 0) }' || fail "$1, $2: nothing arrived"
	tell value "$@"
}

# wireguard NS NUMBER PEER [SETTING…]: wg0 on that host, with one peer.
wireguard() {
	local ns=$1 number=$2 peer=$3

	shift 3
	ip -n "$ns" link add wg0 type wireguard
	ip netns exec "$ns" wg set wg0 listen-port 6001 private-key "$WORK/$ns.key" \
		peer "$(key "$peer")" allowed-ips 10.8.0.0/24 "$@"
	ip -n "$ns" addr add "10.8.0.$number/24" dev wg0
	ip -n "$ns" link set wg0 up
}

# traffic PATH ARGUMENT…: an iperf3 client; what it reports is in $WORK/report.
traffic() {
	local path

	path=$(plain "$1")
	shift
	client iperf3 --json --client "${ADDRESS[$path]}" "$@" >"$WORK/report" ||
		fail "iperf3 $*, $path: $(jq -r .error "$WORK/report")"
}

# tell_report value|cpu-bytes FIGURE PATH FILTER: a number out of that.
tell_report() {
	local number

	number=$(jq -e "$4 | select(. > 0)" "$WORK/report") || fail "iperf3, $2, $3: nothing arrived"
	tell "$1" "$2" "$3" "$number"
}

# tcp FIGURE CPU-FIGURE FLOWS PATH
tcp() {
	tell cpu begin
	traffic "$4" --time "$TCP_SECONDS" --parallel "$3"
	tell cpu end
	[[ -z $2 ]] || tell_report cpu-bytes "$2" "$4" .end.sum_received.bytes
	tell_report value "$1" "$4" '.end.sum_received.bits_per_second / 1e6'
}

# udp BYTES PATH: iperf3, a datagram a call.
udp() {
	traffic "$2" --udp --bandwidth 0 --length "$1" --time "$UDP_SECONDS"
	tell_report value "udp-$1" "$2" ".end.sum_received | .bytes / $1 / .seconds"
}

# flood PATH ARGUMENT…: `flood send` towards `flood receive`, which gets the arguments in
# $receiver; sets $packets to how many datagrams arrived for each second of sending.
packets='' receiver=()
flood() {
	local path

	path=$(plain "$1")
	shift
	background receiver server flood receive "0.0.0.0:$FLOOD" "${receiver[@]}"
	within 10 logged receiver '^ready' || fail "the receiver does not start"
	client flood send "${ADDRESS[$path]}:$FLOOD" --seconds "$UDP_SECONDS" "$@" >"$WORK/sent" ||
		fail "the sender, $path, fails"
	count_flood
}

# count_flood: ends the receiver, when what is under way has come; sets $packets.
count_flood() {
	sleep 0.3
	stop receiver || fail "the receiver fails"
	packets=$(awk '$1 == "sent" { seconds = $4 } $1 == "received" { n = $2 }
		END { printf "%.0f", n / seconds }' "$WORK/sent" "$WORK/receiver.log")
}

# goodput BYTES: of $packets with that payload, Mbit/s.
goodput() { awk -v n="$packets" -v size="$1" 'BEGIN { print n * size * 8 / 1e6 }'; }

# udp_loop FIGURE BYTES PATH: a loop of send(), a datagram a call.
udp_loop() {
	receiver=()
	flood "$3" --size "$2"
	tell_value "$1" "$3" "$packets"
}

# udp_gso PATH: 40 datagrams a call, taken merged; as fast as it goes and, through us,
# at shares of the most that the processors can seal and open.
udp_gso() {
	local share rate

	receiver=(--gro)
	flood "$1" --size "$UDP_PAYLOAD" --segments 40
	tell_value udp-gso "$1" "$(goodput "$UDP_PAYLOAD")"
	tell_value udp-gso-packets "$1" "$packets"
	[[ $1 == snaptun* ]] || return 0
	for share in 30 45 60 75; do
		rate=$(($(nproc) * share * 10000000 / (PRICE[seal_1420] + PRICE[open_1420])))
		flood "$1" --size "$UDP_PAYLOAD" --segments 40 --rate "$rate"
		tell_value "udp-gso-paced-$share" "$1" "$(goodput "$UDP_PAYLOAD")"
	done
}

# scion PATH: packets with 64 bytes of UDP, by packet sockets.
scion() {
	background receiver server flood receive-scion snap0
	within 10 logged receiver '^ready' || fail "the receiver does not start"
	client flood send-scion snap0 --src 192.0.2.1:6000 --dst 192.0.2.2:5000 --size 64 \
		--seconds "$UDP_SECONDS" >"$WORK/sent" || fail "the sender of SCION fails"
	count_flood
	tell_value scion "$1" "$packets"
}

# offload on|off: UDP GSO of the underlay. Without it the receiver merges by NAPI, as
# behind a plain network card; veth does so only where it has no TSO either.
offload() {
	local gro=off

	[[ $1 == on ]] || gro=on
	both ethtool -K veth0 tx-udp-segmentation "$1" tso "$1" gro "$gro"
}

tcp_no_uso() { # PATH
	offload off
	tcp tcp-no-uso '' 1 "$1"
	offload on
}

round_trip() { # PATH
	local average

	average=$(client ping -q -f -w "$PING_SECONDS" "${ADDRESS[$(plain "$1")]}" |
		sed -nE 's|^rtt min/avg/max/mdev = [^/]+/([^/]+)/.*|\1|p') ||
		fail "ping, $1: no answer"
	tell_value ping "$1" "$average"
}

# round_trip_under_load PATH: of pings every 10 ms while TCP sends all it can, the time
# that 99 of 100 are back in. What is lost took a second.
round_trip_under_load() {
	local count=350 address

	address=${ADDRESS[$(plain "$1")]}
	background load client iperf3 --client "$address" --time 5
	sleep 1
	client ping -i 0.01 -c "$count" -W 1 "$address" >"$WORK/pings" || true
	finished load || fail "iperf3 beside ping, $1, fails"
	tell_value ping-load "$1" "$(sed -nE 's/.* time=([0-9.]+) ms$/\1/p' "$WORK/pings" | sort -n |
		awk -v count="$count" '{ time[NR] = $1 }
			END { n = int(count * 0.99 + 0.5); print n <= NR ? time[n] : 1000 }')"
}

# The operations' prices, nanoseconds.
declare -A PRICE=()
prices() {
	local file

	insmod "$ROOT/build/tools/bench-prices-$SNAPTUN_KERNEL.ko"
	for file in /sys/module/bench_prices/parameters/*; do
		PRICE[${file##*/}]=$(<"$file")
		tell_value "price-${file##*/}" kernel "$(<"$file")"
	done
	rmmod bench_prices
}

# arrived: packets that the server has got until now.
arrived() { server cat /sys/class/net/veth0/statistics/rx_packets; }

# is_busy: traffic runs, not only what prepares it.
is_busy() {
	local before

	before=$(arrived)
	sleep 0.5
	(($(arrived) - before > 500))
}

# profile ROW PATH: measures that row, longer than it would be, and has the host look
# meanwhile where time goes.
profile() {
	local TCP_SECONDS=15 UDP_SECONDS=15 looker

	awk '$4 ~ /^\[/ { print "@ symbol", $1, $3, $4 }' /proc/kallsyms
	(within 20 is_busy && tell profile "$1" "$2" 5) &
	looker=$!
	measure "$1" "$2"
	wait "$looker" || fail "profile, $1, $2: there was no traffic to look at"
}

# measure FIGURE PATH
measure() {
	case $1 in
	profile-*) profile "${1#profile-}" "$2" ;;
	prices) prices ;;
	tcp-no-uso) tcp_no_uso "$2" ;;
	tcp-*) tcp "$1" "cpu-${1#tcp-}" "${1#tcp-}" "$2" ;;
	flows-*) tcp "$1" '' "${1#flows-}" "$2" ;;
	udp-64) udp_loop udp-64 64 "$2" ;;
	udp-1350) udp "$UDP_PAYLOAD" "$2" ;;
	udp-1350-loop) udp_loop udp-1350-loop "$UDP_PAYLOAD" "$2" ;;
	udp-gso) udp_gso "$2" ;;
	size-*)
		receiver=(--gro)
		flood "$2" --size "${1#size-}" --segments 40
		tell_value "$1" "$2" "$(goodput "${1#size-}")"
		;;
	scion) scion "$2" ;;
	rust) rust ;;
	ping) round_trip "$2" ;;
	ping-load) round_trip_under_load "$2" ;;
	handshakes) handshakes "$2" ;;
	*) fail "$1: nothing is known of that" ;;
	esac
}

# set_up FIGURE: what has to be there before.
set_up() {
	case $1 in
	handshakes) handshakers ;;
	rust) set_up_rust ;;
	esac
}
