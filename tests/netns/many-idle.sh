#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tunnels that nobody uses cost a responder no more than 4 KiB each beside its socket,
# with the sessions of two handshakes; all are shown, and all go.
#
# kernels: uml-time
# own-boot
# usage: many-idle.sh [COUNT]
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source=crowd.sh
. "${0%/*}/crowd.sh"

count=${1:-1500}

crowd_hosts "$count" off
crowd_connect 25

step "each handshakes once more"
sleep 160
expect "sessions made" "$(look server .counters.sessions)" $((2 * count))

step "their other sides go"
crowd_leave
with=$(crowd_slab)
expect "tunnels" "$(crowd_tunnels)" "$count"
expect "tunnels in a dump" "$(server tunnels dump snap0)" "$count"

step "so do they"
ip -n server link set snap0 down
expect "tunnels" "$(crowd_tunnels)" 0
without=$(crowd_slab)
echo "$(((with - without) / count)) bytes a tunnel"
between "bytes a tunnel" $(((with - without) / count)) 500 4096
