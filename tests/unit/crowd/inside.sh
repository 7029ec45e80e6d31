#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What tunnels-100000.sh runs in a kernel. usage: inside.sh COUNT
# shellcheck source-path=SCRIPTDIR source=../../netns/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../netns/lib.sh"
# shellcheck source=../../netns/crowd.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../netns/crowd.sh"

count=$1

crowd_hosts "$count" off
step "connected"
crowd_connect 25
step "for a minute"
sleep 60
expect "established" "$(crowd_established)" "$count"
expect "tunnels in a dump" "$(server tunnels dump snap0)" "$count"
step "they rest, and their other sides go"
crowd_keepalive 0
crowd_leave
with=$(crowd_memory)
expect "tunnels" "$(crowd_tunnels)" "$count"
step "removed"
ip -n server link set snap0 down
expect "tunnels" "$(crowd_tunnels)" 0
without=$(crowd_memory)
echo "$(((with - without) / count)) bytes a tunnel"
between "bytes a tunnel" $(((with - without) / count)) 500 4096
