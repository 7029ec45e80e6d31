# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# What scripts that run in a test kernel share, whatever hosts they make: verdicts,
# keys, programs beside the test, waiting.
#
# Sourced. A script that sources this calls `work_folder NS…` first, with the
# namespaces whose devices are shown when it fails.
set -euo pipefail
shopt -s inherit_errexit

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
PATH=$ROOT/build/tools:$PATH

declare -A RUNNING=()

skip() {
	echo "skipped: $*"
	exit 77
}

fail() {
	echo "FAILED: $*"
	exit 1
}

step() { echo "# $*"; }

# work_folder NS…: makes $WORK, for keys and logs, which goes when the script ends.
work_folder() {
	SHOWN=("$@")
	WORK=$(mktemp -d)
	trap finish EXIT
}

# finish: on the way out, ends what still runs; after a failure shows the devices
# and the logs.
finish() {
	local status=$? name log

	for name in "${!RUNNING[@]}"; do
		kill "${RUNNING[$name]}" 2>/dev/null || true
	done
	wait
	if ((status != 0 && status != 77)); then
		for log in "$WORK"/*.log; do
			[[ ! -s $log ]] || tail -n 40 -v "$log"
		done
		for name in "${SHOWN[@]}"; do
			ip netns exec "$name" snaptun show 2>/dev/null | sed "s/^/$name: /" || true
		done
	fi
	rm -rf "$WORK"
}

# make_key NAME: a key pair in NAME.key and NAME.pub.
make_key() {
	(umask 077 && snaptun genkey >"$WORK/$1.key")
	snaptun pubkey <"$WORK/$1.key" >"$WORK/$1.pub"
}

# key NAME: that public key.
key() { cat "$WORK/$1.pub"; }

# hex_key NAME: the same, hexadecimal.
hex_key() { base64 -d "$WORK/$1.pub" | od -An -v -tx1 | tr -d ' \n'; }

# background NAME COMMAND…: runs it beside the test, output in NAME.log.
background() {
	local name=$1

	shift
	# Nobody is to take what an earlier one of that name said for its words.
	: >"$WORK/$name.log"
	# The process itself is to be stopped, not a shell around it.
	[[ ! -e /run/netns/$1 ]] || set -- ip netns exec "$@"
	"$@" >"$WORK/$name.log" 2>&1 &
	RUNNING[$name]=$!
}

# stop NAME: ends it by SIGTERM; its exit status.
stop() {
	kill "${RUNNING[$1]}" 2>/dev/null || true
	finished "$1"
}

# finished NAME: waits until it ends by itself; its exit status.
finished() {
	local status=0

	wait "${RUNNING[$1]}" || status=$?
	unset "RUNNING[$1]"
	return "$status"
}

# scion_echo NAMESPACE: sends SCION packets that come to snap0 there back, from now on.
scion_echo() {
	background echo "$1" scion-echo serve snap0
	within 10 logged echo '^serving$' || fail "scion-echo does not start"
}

# running NAME: whether it has not ended by itself.
running() { kill -0 "${RUNNING[$1]}" 2>/dev/null; }

# logged NAME REGEX: whether NAME.log has such a line.
logged() { grep -qE -- "$2" "$WORK/$1.log"; }

# within SECONDS COMMAND…: waits until the command succeeds. Where time is virtual it is
# asked less often: there waiting costs nothing, and asking does.
within() {
	local tries=$(($1 * 10)) pause=0.1

	if [[ ${SNAPTUN_KERNEL:-} == *-time ]]; then
		tries=$(($1 * 2)) pause=0.5
	fi
	shift
	until "$@"; do
		((tries-- > 0)) || return 1
		sleep "$pause"
	done
}

# own_folders: /etc/snaptun and /var/lib are this kernel's own, and empty; / is the
# machine's, where nothing can be written.
own_folders() {
	cp -a /etc "$WORK/etc"
	mount --bind "$WORK/etc" /etc
	rm -rf /etc/snaptun
	mkdir /etc/snaptun
	mount -t tmpfs tmpfs /var/lib
}

# configure LINE…: what /etc/snaptun/snap0.conf says from now on; the device has our key.
configure() {
	printf '%s\n' "private-key-file = $WORK/us.key" "$@" >/etc/snaptun/snap0.conf
}
