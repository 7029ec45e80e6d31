#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# A device can be made with its key, port and mark in one request, or not at all; links
# tell which namespace their underlay is in, and nothing of the rest.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

make_hosts client server
hex() { base64 -d <"$WORK/$1.key" | od -An -v -tx1 | tr -d ' \n'; }

step "all in one request"
client link-add snap0 --private-key "$(hex client)" --listen-port 5000 --fwmark 0x77
expect "public key" "$(look client '."public-key"')" "$(key client)"
expect "port and mark" "$(look client '."listen-port", .fwmark' | tr '\n' ' ')" "5000 119 "
listening client udp 5000 || fail "nobody listens"
! ip -n client -d link show snap0 | grep -q "5000\|119\|$(hex client | cut -c1-8)" ||
	fail "everybody can see what it is set to"

step "what cannot be is not there"
refused() { # TEXT OPTION…
	local text=$1

	shift
	! client link-add snap1 "$@" 2>"$WORK/refusal.log" || fail "$* was taken"
	logged refusal "$text" || fail "$*: $(cat "$WORK/refusal.log")"
	! ip -n client link show snap1 2>/dev/null || fail "the device is there all the same"
}
refused 'cannot open the listen port' --private-key "$(hex server)" --listen-port 5000
refused 'Invalid|out of range' --private-key 00112233
refused 'Invalid|out of range' --private-key "$(hex server)ff"
# A name that the core refuses, when all else is done.
for name in 'a:b' 'a/b'; do
	! client link-add "$name" 2>"$WORK/refusal.log" || fail "a device is called $name"
done
# What was left behind would be touched soon.
sleep 2
client link-add snap1
expect "port of one made without" "$(client snaptun show snap1 --json | jq '.[0]."listen-port"')" 0

step "the namespace of the underlay"
expect "link-netns of one at home" "$(ip -n client -j link show snap0 | jq '.[0].link_netnsid')" null
ip -n client link set snap0 netns server
[[ $(ip -n server -j link show snap0 | jq '.[0].link_netnsid') =~ ^[0-9]+$ ]] ||
	fail "the link does not tell"
listening client udp 5000 || fail "the port has moved"
