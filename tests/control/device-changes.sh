#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While the daemon runs its device goes and comes back, is renamed, is set down, and gets
# another private key: what there is in the end is registered, with the key that it has.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

# keys: those that were registered, in hexadecimal, one a line.
keys() {
	jq -r --arg method "/$REGISTER" 'select(.event == "request" and (.path | endswith($method))) |
		.body[4:68]' "$WORK/requests.json"
}

# well WHAT: it is connected.
well() {
	sleep "${2:-10}"
	established 1 || fail "no tunnel $1: $(tunnels)"
	expect "control planes $1" "$(planes)" "$(url 1)/ registered 1"
	expect "keys that were registered $1" "$(keys)" "$(hex_key "${3:-us}")"
	forget
}

topology
control
make_key other
them snaptun identity add snap0 --key "$(key other)"

step "no device yet"
ip -n us link del snap0
start_daemon --snap "$(url 1)"
sleep 100
expect "requests" "$(wc -l <"$WORK/requests.json")" 0
running daemon || fail "the daemon ended"

step "it comes"
device us
well "with the first device"

step "it goes, and comes back"
for _ in 1 2 3; do
	ip -n us link del snap0
	sleep 5
	running daemon || fail "the daemon ended"
	device us
	well "with the next device"
done

step "it goes, and another one is there at once"
ip -n us link del snap0
device us
well "with another one"

step "it is set down, and up"
ip -n us link set snap0 down
sleep 60
forget
ip -n us link set snap0 up
sleep 30
established 1 || fail "no tunnel: $(tunnels)"
expect "control planes" "$(planes)" "$(url 1)/ registered 1"
sleep 120
forget

step "another private key: it is registered, once"
us snaptun set snap0 --private-key-file "$WORK/other.key"
sleep 10
expect "keys that were registered" "$(keys)" "$(hex_key other)"
expect "control planes" "$(planes)" "$(url 1)/ registered 1"
# For a while the data plane leaves our port to the key that it knows.
sleep 400
established 1 || fail "no tunnel with another key: $(tunnels)"
forget

step "no private key for a while"
us snaptun set snap0 --remove-private-key
sleep 200
expect "registrations without a key" "$(keys)" ''
running daemon || fail "the daemon ended"
us snaptun set snap0 --private-key-file "$WORK/us.key"
sleep 75
expect "control planes" "$(planes)" "$(url 1)/ registered 1"
expect "keys that were registered" "$(keys)" "$(hex_key us)"
sleep 400
established 1 || fail "no tunnel: $(tunnels)"
forget

step "another key while a registration is on its way: that one does not count"
script "{behave: {\"p1/$REGISTER\": [{delay: 5}, {}]}}"
new_token
sleep 2
us snaptun set snap0 --private-key-file "$WORK/other.key"
sleep 10
expect "control planes" "$(planes)" "$(url 1)/ registered 1"
expect "keys that were registered" "$(keys | paste -sd ' ')" "$(hex_key us) $(hex_key other)"
sleep 400
established 1 || fail "no tunnel: $(tunnels)"
forget

step "the module is unloaded and loaded again: what happens then is heard, too"
rmmod snaptun || fail "the module does not go"
insmod "$SNAPTUN_MODULE" || fail "the module cannot be loaded again"
device them
them snaptun set snap0 --listen-port 5000
them snaptun identity add snap0 --key "$(key us)"
them snaptun identity add snap0 --key "$(key other)"
device us
well "with the next module" 60
us snaptun set snap0 --private-key-file "$WORK/other.key"
sleep 10
expect "keys that were registered" "$(keys)" "$(hex_key other)"
