#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# Whoever administrates the namespace that a device was moved to may use and look at
# it, but says nothing about the underlay, which is in a namespace of somebody else:
# no ports, marks or endpoints.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
responder
initiator
within 10 established client || fail "no session"

# A namespace with an administrator who is nobody else where.
background guest unshare --user --map-root-user --net sleep 1000
guest=${RUNNING[guest]}
own() { [[ $(readlink "/proc/$guest/ns/net") != "$(readlink /proc/self/ns/net)" ]]; }
within 5 own || fail "no namespace"
guest() { nsenter -t "$guest" --user --net --preserve-credentials "$@"; }
within 5 guest true || fail "the namespace cannot be entered"
ip -n client link set snap0 netns "$guest"
guest ip addr add 10.7.0.1/24 dev snap0
guest ip link set snap0 up

step "what is allowed"
guest snaptun show snap0 --json >"$WORK/before.json" || fail "it cannot be looked at"
up() { guest snaptun show snap0 --json | jq -e '.[0].established == 1' >/dev/null; }
within 10 up || fail "no session"
guest ping -q -c 1 -W 2 10.7.0.2 >/dev/null || fail "no answer"
guest snaptun tunnel set snap0 1 --keepalive 7 --allowed-ips 10.7.0.0/24
guest snaptun set snap0 --handshake-rate 30 --default-tunnel 1
guest snaptun identity add snap0 --key "$(key server)"
guest snaptun identity del snap0 --key "$(key server)"
expect "keepalive" "$(guest snaptun show snap0 --json | jq '.[0].tunnels[0].keepalive')" 7

step "what is not"
denied() {
	! guest snaptun "$@" 2>"$WORK/refusal.log" || fail "$* was done"
	logged refusal 'needs CAP_NET_ADMIN in the underlay namespace' || fail "$*: $(cat "$WORK/refusal.log")"
}
denied set snap0 --listen-port 5001
denied set snap0 --fwmark 1 --handshake-rate 31
denied tunnel set snap0 1 --control-plane https://a --keepalive 8
denied tunnel set snap0 1 --control-plane none
denied tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:5000
expect "keepalive" "$(guest snaptun show snap0 --json | jq '.[0].tunnels[0].keepalive')" 7
expect "control planes" "$(guest snaptun show snap0 --json | jq '.[0]."control-planes" | length')" 0
expect "rate" "$(guest snaptun show snap0 --json | jq '.[0]."handshake-rate"')" 30
expect "tunnels" "$(guest snaptun show snap0 --json | jq '.[0].tunnels | length')" 1

step "a device of one's own"
guest ip link add own type snaptun
guest snaptun set own --listen-port 5001 --fwmark 1
guest snaptun tunnel add own --remote-key "$(key server)" --endpoint 192.0.2.2:5000 --control-plane https://a >/dev/null
stop guest || true
gone() { ! listening client udp 6000; }
within 10 gone || fail "the namespace is gone, and the port is still open"
