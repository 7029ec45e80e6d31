#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# Tracepoints tell of handshake messages, sessions, states and drops.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
TRACING=$WORK/tracing
mkdir "$TRACING"
mount -t tracefs tracefs "$TRACING"
trap 'umount "$TRACING"; finish' EXIT
echo 1 >"$TRACING/events/snaptun/enable"
connect
client garbage 192.0.2.1 4000 192.0.2.2 5000 >/dev/null || fail "no garbage"
ip -n client link del snap0

# traced PATTERN: whether there is such an event.
traced() { grep -qE -- "$1" "$TRACING/trace"; }
for event in \
	'snaptun_tunnel_state: dev=snap0 tunnel=1 state=connecting' \
	'snaptun_handshake: dev=snap0 tunnel=1 initiation sent' \
	'snaptun_handshake: dev=snap0 tunnel=1 initiation received' \
	'snaptun_handshake: dev=snap0 tunnel=1 response sent' \
	'snaptun_handshake: dev=snap0 tunnel=1 response received' \
	'snaptun_session: dev=snap0 tunnel=1 index=[0-9a-f]{8} initiator made' \
	'snaptun_session: dev=snap0 tunnel=1 index=[0-9a-f]{8} responder made' \
	'snaptun_session: dev=snap0 tunnel=1 index=[0-9a-f]{8} responder proven' \
	'snaptun_session: dev=snap0 tunnel=1 index=[0-9a-f]{8} initiator ended' \
	'snaptun_tunnel_state: dev=snap0 tunnel=1 state=established' \
	'snaptun_drop: dev=snap0 reason=rx-malformed packets=1'; do
	traced "$event" || fail "no event \"$event\": $(grep -c . "$TRACING/trace") lines"
done
