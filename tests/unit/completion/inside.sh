#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What zsh and fish offer inside a kernel that has devices.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

ip link add snap0 type snaptun
ip link add other type snaptun
ip link add dummy7 type dummy
for port in 1 2 3; do
	accept tunnel add snap0 --remote-key "$bob_public" --endpoint "192.0.2.1:$port"
done
accept identity add snap0 --key "$bob_public"
accept identity add snap0 --key "$alice_public"
# / is the machine's.
cp -a /etc "$work/etc"
mount --bind "$work/etc" /etc
rm -rf /etc/snaptun
mkdir /etc/snaptun

for shell in zsh fish; do
	rm -f /etc/snaptun/*
	ask_shell "$shell"
	for command in show down serve 'tunnel add' 'identity set'; do
		expect 'other snap0' "snaptun $command "
	done
	expect 'snap0' 'snaptun show --json s'
	expect '1 2 3' 'snaptun tunnel set snap0 '
	expect '1 2 3 none' 'snaptun set snap0 --default-tunnel '
	expect "$bob_public" "snaptun identity set snap0 --key ${bob_public:0:3}"
	expect "${alice_public##*/}" "snaptun identity del snap0 --key ${alice_public:0:3}"

	expect '' 'snaptun up '
	touch /etc/snaptun/{snap3,snap5}.conf /etc/snaptun/snap0.key
	expect 'snap3 snap5' 'snaptun up '
	expect 'other snap0 snap3 snap5' 'snaptun daemon '
	expect 'snap3 snap5' 'snaptun daemon snap3 '
	leave_shell
done
