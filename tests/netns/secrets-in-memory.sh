#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# What was secret is nowhere in the kernel's memory when its owner is gone: private
# keys, pre-shared keys, and what is computed from them alone. Not for uml-debug: to
# read all memory is to read KASAN's red zones, and KASAN says so.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

KEYS=(client.key server.key psk)

# places: how often each key's bytes are in memory. The search itself knows them only
# masked, and files have them as text.
places() { memory-search "${KEYS[@]/%/.masked}"; }

topology
(umask 077 && snaptun genpsk >"$WORK/psk")
responder --psk-file "$WORK/psk"
initiator --psk-file "$WORK/psk"
within 10 established client || fail "no session"
client ping -q -c 5 -i 0.05 -W 2 10.7.0.2 >/dev/null || fail "no answer"
for name in "${KEYS[@]}"; do
	memory-search --mask <"$WORK/$name" >"$WORK/$name.masked"
done
cd "$WORK"
! places | grep -qx 0 || fail "a key is not found where it must be: the search is of no use"

step "the devices are removed"
ip -n client link del snap0
ip -n server link del snap0
expect "places where the keys are" "$(places | tr '\n' ' ')" "0 0 0 "
