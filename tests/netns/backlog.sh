#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# Packets that the stack has no room for are counted. (How much it has can be set only
# where no other script has the machine before.)
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
delivered=$(delivered server)
sysctl -qw net.core.netdev_max_backlog=0
# One batch, which comes as one packet, for which there is room, and is opened at once.
client udp-gso send 10.7.0.2 7000 --count 6 --size 1372 --segments 6
within 5 counted server rx-backlog 1 || fail "nothing was counted"
expect "all of them" $(($(delivered server) - delivered + $(counter server rx-backlog))) 6
