# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2119,SC2120
# What the control plane's tests share: the two hosts of the interop tests, with a
# simulated SCION network behind the other one.
#
#	namespace us                   namespace them
#	+-------------------+          +-----------------------------------------------+
#	| snap0, scion-echo |          | snap-network                                  |
#	| veth0  192.0.2.1  |----------| veth0  192.0.2.2    endhost API on 7000, SNAP |
#	+-------------------+          |                     N on 7000+N and 6000+N    |
#	                               |        links from the AS of each to the far   |
#	                               | lo     203.0.113.1  SNAP of the far AS, and   |
#	                               |                     the application           |
#	                               +-----------------------------------------------+
#
# Sourced. What snap-network says is in network.log.
SNAPTUN_PEER='snap-network'
# shellcheck source-path=SCRIPTDIR source=../interop/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../interop/lib.sh"
# shellcheck source-path=SCRIPTDIR source=call.sh
. "$(dirname "${BASH_SOURCE[0]}")/call.sh"

ENDHOST_API=192.0.2.2:7000
FAR_HOST=203.0.113.1

# control_plane N, data_plane N: the addresses of the Nth SNAP, which counts from 1.
control_plane() { echo "192.0.2.2:$((7000 + $1))"; }
data_plane() { echo "192.0.2.2:$((6000 + $1))"; }

# start_network [SNAPS]: the network with that many SNAPs (one) that a client can
# choose from. Called again after `stop network` it is the same one, which has
# forgotten all registrations.
start_network() {
	local snaps=() n

	for ((n = 1; n <= ${1:-1}; n++)); do
		snaps+=(--snap "$(control_plane "$n"),$(data_plane "$n")")
	done
	ip -n them addr replace "$FAR_HOST/32" dev lo
	background network ip netns exec them snap-network run "${snaps[@]}" \
		--endhost-api "$ENDHOST_API" --far-snap "$FAR_HOST:7001,$FAR_HOST:6001" \
		--far-endhost-api "$FAR_HOST:7000" --echo "$FAR_HOST:9000" --log info
	within 20 logged network '^listening$' || fail "the SCION network does not start"
}

# far_echo: the SCION address of the application that echoes.
far_echo() { sed -n 's/^echo //p' "$WORK/network.log"; }

# as_of N, path_from N: the AS of the Nth SNAP, and the path to the application.
as_of() { sed -n 's/^path \([^ ]*\) .*/\1/p' "$WORK/network.log" | sed -n "$1p"; }
path_from() { sed -n 's/^path .* //p' "$WORK/network.log" | sed -n "$1p"; }

# far_echoes N PORT OPTION…: SCION packets to the application through the Nth SNAP, from
# the tunnel with that local port. No more than 40 may be under way: a data plane that
# has 64 long packets to send at once sends nothing any more.
far_echoes() {
	local snap=$1 port=$2

	shift 2
	us scion-echo send snap0 --src "$(as_of "$snap"),192.0.2.1:$port" --dst "$(far_echo)" \
		--path "$(path_from "$snap")" "$@"
}

# watch_calls: from now on, `registrations` sees what control planes are asked.
watch_calls() {
	background calls them tcpdump --immediate-mode -lnqttA -Z root -i veth0 \
		'tcp dst portrange 7001-7099'
	within 10 logged calls '^listening' || fail "tcpdump does not start"
}

# registrations N: when somebody asked the Nth SNAP for one, over HTTP/1.1, whatever the
# answer was: milliseconds, one a line.
registrations() {
	awk -v to="192.0.2.2.$((7000 + $1)):" '$2 == "IP" { time = $1; here = $5 == to }
		here && /POST [^ ]*\/RegisterSnapTunIdentity / { printf "%.0f\n", time * 1000 }' \
		"$WORK/calls.log"
}

# left: what there is of tunnels and control planes on snap0; nothing where it is gone.
left() {
	us snaptun show snap0 --json 2>/dev/null |
		jq -c '.[0] | (.tunnels + ."control-planes")[] | [.id, .state]'
}

# plane_states: of each of snap0's control planes, state and count, in the order of ids.
plane_states() {
	us snaptun show snap0 --json |
		jq -r '.[0]["control-planes"][] | "\(.state) \(.tunnels)"'
}

# new_token [SECONDS]: another token, of that life, takes the place of the one before.
new_token() {
	(umask 077 && snap-network token ${1:+--validity "$1"} >"$WORK/token.new")
	mv "$WORK/token.new" "$WORK/token"
}

# scene [SNAPS]: both hosts, the network, our device, up, and a token.
scene() {
	topology
	start_network "$@"
	device
	ip -n us link set snap0 up
	new_token
}

# start_daemon [OPTION…]: for snap0, by the endhost API.
start_daemon() {
	background daemon us snaptun daemon snap0 --endhost-api "http://$ENDHOST_API" \
		--token-file "$WORK/token" --local-port "$OUR_PORT" "$@"
}

# more_registrations N BEFORE: whether the Nth SNAP was asked for more than that.
more_registrations() { (($(registrations "$1" | wc -l) > $2)); }

# script JSON: what the tests' own control plane answers from now on (see `server`).
script() {
	printf '%s\n' "$1" >"$WORK/script.new"
	mv "$WORK/script.new" "$WORK/script"
}

# start_control NAME=ADDR:PORT…: the tests' own control plane, on their side. Before the
# first `script` it answers well.
start_control() {
	[[ -e $WORK/script ]] || script '{}'
	background control them "$ROOT/tests/control/server" --log "$WORK/asked" \
		--script "$WORK/script" "$@"
	within 60 logged control '^ready$' || fail "the control plane does not start"
}

# asked NAME METHOD [FILTER]: how often that listener was asked for it, or what a jq filter
# says of each such request.
asked() {
	[[ -e $WORK/asked ]] || : >"$WORK/asked"
	jq -s --arg name "$1" --arg method "/$2" 'map(select(.event == "request" and
		.listener == $name and (.path | endswith($method)))) | '"${3:-length}" "$WORK/asked"
}

# more_asked NAME METHOD BEFORE: whether it was asked more often than that.
more_asked() { (($(asked "$1" "$2") > $3)); }

# our_data_plane [PORT]: a data plane of our own on their side, with their key, which
# authorises nobody yet; DATA_PLANE and DATA_KEY, in hex, are for the script.
our_data_plane() {
	DATA_PLANE=192.0.2.2:${1:-6001}
	DATA_KEY=$(hex_key them)
	ip -n them link add snap0 mtu "$LARGEST" type snaptun
	ip -n them link set snap0 addrgenmode none
	them snaptun set snap0 --private-key-file "$WORK/them.key" --listen-port "${1:-6001}"
	ip -n them link set snap0 up
}

# start_serve [OPTION…]: a SNAP of our own on their side, with their key, that takes the same
# tokens as those of the network, in SERVED_AS.
SERVED_AS=1-ff00:0:110
start_serve() {
	snap-network token-key >"$WORK/token-key.pem"
	background serve them snaptun serve snap0 --private-key-file "$WORK/them.key" \
		--listen-port 6001 --data-plane "$(data_plane 1)" --control-listen "$(control_plane 1)" \
		--insecure-http on --token-key-file "$WORK/token-key.pem" --snap-as "$SERVED_AS" "$@"
	within 20 logged serve ': control plane at ' || fail "nobody serves"
}

# rust_client URL DESTINATION: on our side a host on the Rust stack, RUST_CLIENT, to be called
# with more options. It knows that endhost API, and sends to that SCION address.
rust_client() {
	RUST_CLIENT=(us snap-network client --endhost-api "$1" --to "$2"
		--local "192.0.2.1:$OUR_PORT" --token-file "$WORK/token")
}

# expect WHAT IS WANTED: both must be the same.
expect() { [[ $2 == "$3" ]] || fail "$1: $2, not $3"; }

# between WHAT IS LOWEST HIGHEST: a number must be in that range.
between() { (($2 >= $3 && $2 <= $4)) || fail "$1: $2, not $3 to $4"; }

# now: milliseconds, on the clock that captures have too.
now() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# registered: whether snap0's control planes are so, with one tunnel each.
registered() { [[ $(plane_states) =~ ^'registered 1'($'\n''registered 1')*$ ]]; }
