#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Keys that are set leave no trace in what the helper prints, also where the
# environment asks the netlink library to print all messages.
#
# kernels: uml uml-debug
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

ip link add snap0 type snaptun
"$snaptun" genpsk >"$work/psk"
printf '%s\n' "$alice_private" >"$work/key"

export NLCB=debug
accept set snap0 --private-key-file "$work/key" --listen-port 5000
accept tunnel add snap0 --remote-key "$bob_public" --endpoint 192.0.2.1:1 --psk-file "$work/psk"
accept identity add snap0 --key "$bob_public" --psk-file "$work/psk"
accept tunnel set snap0 1 --psk-file "$work/psk"
accept identity set snap0 --key "$bob_public" --psk-file "$work/psk"
accept show snap0 1
! grep -qF -- "$(<"$work/psk")" "$work/out" || fail "the pre-shared key is shown"
# A refused request, which the kernel would send back whole.
refuse 1 'already in use' tunnel add snap0 --remote-key "$bob_public" --endpoint 192.0.2.1:1 \
	--local-port 5000 --psk-file "$work/psk"
