#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# ethtool shows the driver, that there is a link, and every counter under the name
# that it has in the netlink interface.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
# No keepalive is to be counted between two looks.
client snaptun tunnel set snap0 1 --keepalive off
client ping -q -c 5 -i 0.05 -W 2 10.7.0.2 >/dev/null || fail "no answer"
client ethtool -S snap0 | sed -n 's/^ *\([a-z0-9-]*\): \([0-9]*\)$/\1 \2/p' >"$WORK/ethtool.log"
look client '.counters | to_entries[] | "\(.key) \(.value)"' >"$WORK/netlink.log"
diff "$WORK/ethtool.log" "$WORK/netlink.log" || fail "they tell different things"
expect "driver" "$(client ethtool -i snap0 | sed -n 's/^driver: //p')" snaptun
[[ -n $(client ethtool -i snap0 | sed -n 's/^version: //p') ]] || fail "no version"
client ethtool snap0 | grep -q 'Link detected: yes' || fail "no link"
(($(wc -l <"$WORK/ethtool.log") > 30)) || fail "counters are missing"
grep -qx 'sessions 1' "$WORK/ethtool.log" || fail "nothing was counted"
