#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# own-boot
# Before the machine sleeps no session key is left; when it wakes, tunnels with a
# persistent keepalive and those of identities have sessions again at once.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null || true
# No keepalive falls due meanwhile.
responder --answer-keepalives off
initiator --answer-keepalives off --keepalive 1000
within 10 established client || fail "no session"
client ping -q -c 3 -i 0.1 -W 2 10.7.0.2 || fail "no answer"
sleep 30
sessions=$(counter client sessions)

step "asleep"
echo 1 >/sys/kernel/tracing/events/snaptun/snaptun_session/enable
echo freezer >/sys/power/pm_test
echo freeze >/sys/power/state
ended=$(grep -c ' ended$' /sys/kernel/tracing/trace) || fail "no session ended"
((ended >= 2)) || fail "$ended sessions ended"

step "awake"
within 10 established client || fail "no session"
# Both sides begin a handshake of their own.
(($(counter client sessions) > sessions)) || fail "it is the old session"
within 10 reaches client 10.7.0.2 || fail "no answer"
within 10 reaches server 10.7.0.1 || fail "no answer the other way"
