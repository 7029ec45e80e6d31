# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2119,SC2120
# What the tests with the scripted control plane share: our device on one host, on the
# other one control planes that do what a test wants, and a device of ours as the data
# plane of them all. No SCION network is behind it.
#
#	namespace us                   namespace them
#	+-------------------+          +------------------------------------------+
#	| snap0, scion-echo |          | snap0  the data plane, on port 5000      |
#	| veth0  192.0.2.1  |----------| veth0  192.0.2.2  control plane N on     |
#	+-------------------+          |                   port 7000+N, named pN  |
#	                               +------------------------------------------+
#
# Sourced. What the control planes were asked is in requests.json, a line for each.
# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

HOST=192.0.2.2
DATA_PLANE=$HOST:5000
LOCATE=GetSnapDataPlaneAddress
REGISTER=RegisterSnapTunIdentity
LIST=ListUnderlays
# Exit codes of the helper.
USAGE=2 REFUSED=7 UNREACHABLE=8 TIMEOUT=9

us() { ip netns exec us "$@"; }

them() { ip netns exec them "$@"; }

# hosts: both, and the link between them.
hosts() {
	local ns

	work_folder us them
	for ns in us them; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
		make_key "$ns"
	done
	ip link add veth0 netns us type veth peer name veth0 netns them
	ip -n us addr add 192.0.2.1/24 dev veth0
	ip -n them addr add "$HOST/24" dev veth0
	ip -n us link set veth0 up
	ip -n them link set veth0 up
}

# topology: both hosts, our device, up, and the data plane, which knows its key.
topology() {
	hosts
	device us
	device them
	them snaptun set snap0 --listen-port 5000
	them snaptun identity add snap0 --key "$(key us)"
	new_token
	connect=(us snaptun connect snap0 --token-file "$WORK/token")
}

# device NS: that host's device, up.
device() {
	ip -n "$1" link add snap0 type snaptun
	ip -n "$1" link set snap0 addrgenmode none
	ip netns exec "$1" snaptun set snap0 --private-key-file "$WORK/$1.key"
	ip -n "$1" link set snap0 up
}

# url N: the Nth control plane.
url() { echo "http://$HOST:$((7000 + $1))"; }

# control [N [LISTENER…]]: N control planes (one), and what else is to listen.
control() {
	local n listeners=()

	for ((n = 1; n <= ${1:-1}; n++)); do
		listeners+=("p$n=$HOST:$((7000 + n))")
	done
	[[ -e $WORK/script ]] || script '{}'
	: >"$WORK/requests.json"
	background control ip netns exec them "$ROOT/tests/control/server" \
		--log "$WORK/requests.json" --script "$WORK/script" "${listeners[@]}" "${@:2}"
	within 20 logged control '^ready$' || fail "the control planes do not start"
}

# script OBJECT: what the control planes do from now on, as jq has it; all else is well.
script() {
	jq -n --arg at "$DATA_PLANE" --arg key "$(hex_key them)" --arg LOCATE "$LOCATE" \
		--arg REGISTER "$REGISTER" "{data_plane: \$at, key: \$key} + ($1)" >"$WORK/script.new"
	mv "$WORK/script.new" "$WORK/script"
}

# make_token [SECONDS]: a token of that life (a day), another one each time.
make_token() {
	local payload

	payload=$(printf '{"exp":%d,"jti":"%s"}' $(($(date +%s) + ${1:-86400})) \
		"$(tr -dc a-f0-9 </dev/urandom | head -c 12 || true)" | base64 -w 0 | tr -d =)
	echo "eyJhbGciOiJFZERTQSJ9.$payload.$(head -c 30 /dev/urandom | base64 | tr +/ -_)"
}

# new_token [SECONDS]: such a token takes the place of the one in the file.
new_token() {
	(umask 077 && make_token "$@" >"$WORK/token.new")
	mv "$WORK/token.new" "$WORK/token"
}

# requests METHOD [N]: when somebody asked that of the Nth control plane, or of any:
# milliseconds, one a line.
requests() {
	jq -r --arg method "/$1" --arg at "${2:+p$2}" 'select(.event == "request" and
		($at == "" or .listener == $at) and (.path | endswith($method))) |
		.time * 1000 | floor' "$WORK/requests.json"
}

# count METHOD [N]: how many those were.
count() { requests "$@" | wc -l; }

# forget: requests until now do not count.
forget() { : >"$WORK/requests.json"; }

# gaps METHOD [N]: how long after each of them the next one came, milliseconds.
gaps() { requests "$@" | awk 'NR > 1 { print $1 - last } { last = $1 }'; }

# expect WHAT IS WANTED
expect() { [[ $2 == "$3" ]] || fail "$1: $2 instead of $3"; }

# between WHAT IS MIN MAX
between() { (($2 >= $3 && $2 <= $4)) || fail "$1: $2 is not between $3 and $4"; }

# look FILTER: what a jq filter says of our device.
look() { us snaptun show snap0 --json | jq -r ".[0] | $1"; }

# planes: of each of our control planes URL, state and tunnels, one a line.
planes() { look '."control-planes" | sort_by(.url)[] | "\(.url) \(.state) \(.tunnels)"'; }

# plane FIELD [N]: of the Nth of them (the first), or "none".
plane() {
	look "([.\"control-planes\"[] | select(.url == \"$(url "${2:-1}")/\")][0].\"$1\") // \"none\""
}

tunnels() { look '.tunnels[] | "\(.id) \(.state)"'; }

# is FIELD VALUE [N]: whether that control plane is like that.
is() { [[ $(plane "$1" "${3:-1}") == "$2" ]]; }

# counts_agree: whether each control plane counts just the tunnels that there are.
counts_agree() {
	[[ $(look '([."control-planes"[] | {id, tunnels}] | sort_by(.id)) ==
		([.tunnels[] | select(."control-plane") | ."control-plane"] | group_by(.) |
			map({id: .[0], tunnels: length}))') == true ]]
}

# nothing_left: neither tunnel nor control plane is there.
nothing_left() {
	expect "tunnels and control planes" "$(look '(.tunnels + ."control-planes") | length')" 0
}

established() { (($(tunnels | grep -c ' established$') == $1)); }

# status COMMAND…: runs it, output in said.log, and prints its exit status.
status() {
	local status=0

	"$@" >"$WORK/said.log" 2>&1 || status=$?
	echo "$status"
}

# start_daemon [OPTION…]: for snap0, with the token file.
start_daemon() {
	background daemon us snaptun daemon snap0 --token-file "$WORK/token" "$@"
}

# asked NUMBER METHOD [N]: whether there were so many requests, or more.
asked() { (($(count "${@:2}") >= $1)); }

# kill_daemon: without a chance to tidy up.
kill_daemon() {
	kill -9 "${RUNNING[daemon]}"
	finished daemon || true
}

# token_command TOKEN…: a command that prints these, one each time it is run, and the
# last one for ever; $WORK/runs has a line for each run.
token_command() {
	printf '%s\n' "$@" >"$WORK/tokens"
	: >"$WORK/runs"
	cat >"$WORK/command" <<-'END'
		#!/bin/bash
		cd "${0%/*}"
		echo run >>runs
		head -n "$(wc -l <runs)" tokens | tail -n 1
	END
	chmod 700 "$WORK/command"
}
