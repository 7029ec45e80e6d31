#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# The device is removed, and then the module, while helpers register, deadlines pass and
# registrations end: all of it goes, and means nothing for what comes after.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# begin: a device whose control planes are registered, about to be, and about to end.
begin() {
	local id

	device client
	ip -n client link set snap0 up
	for id in 1 2 3 4; do
		client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "192.0.2.2:$id" \
			--control-plane "https://$id" >/dev/null
	done
	expect "it begins" "$(say one registering snap0 1 1000000)" ok
	expect "it begins" "$(say one registering snap0 2 1000000)" ok
	expect "it is done" "$(say one registered snap0 2 100000000)" ok
	expect "it begins" "$(say one registering snap0 3 1000000)" ok
	expect "it is done" "$(say one registered snap0 3 1)" ok
	expect "it begins" "$(say one registering snap0 4 1)" ok
	client snaptun identity add snap0 --key "$(key server)" --lifetime 1000
}

make_hosts client server
registrar one client
begin

step "the device is removed"
ip -n client link del snap0
begin
ip -n client link del snap0
device client
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --control-plane https://1 >/dev/null
expect "it is done, with another device" "$(say one registered snap0 1 100000)" \
	'ESTALE this socket does not register, or its time was up'
ip -n client link del snap0

step "the module is removed"
begin
rmmod snaptun || fail "the module does not go"
stop one || true
insmod "$SNAPTUN_MODULE" || fail "the module cannot be loaded again"
registrar two client
device client
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --control-plane https://1 >/dev/null
expect "it begins" "$(say two registering snap0 1 100000)" ok
