#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# A pre-shared key must be the same on both sides.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
snaptun genpsk >"$WORK/one.psk"
snaptun genpsk >"$WORK/other.psk"
responder --psk-file "$WORK/one.psk"
initiator --psk-file "$WORK/other.psk"
# The initiation ends before the pre-shared key comes in, the response does not.
within 10 counted client rx-bad-handshake 1 || fail "the client did not count the response"
! established client || fail "a session with different keys"
ip -n client link del snap0

initiator
within 10 counted client rx-bad-handshake 1 || fail "the client did not count the response"
! established client || fail "a session with a key on one side only"
ip -n client link del snap0

initiator --psk-file "$WORK/one.psk"
within 10 established client || fail "no session"
reaches client 10.7.0.2 || fail "no answer"
