#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the quick start shows on the host that has a link to a SNAP works when it is typed in
# that order, and says what is shown, but for numbers.
#
# kernels: uml
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../documented.sh
. "$ROOT/tests/documented.sh"

topology
start_network 1
# The page's host is ours, and its endhost API that of the network.
ln -s us /run/netns/host
OURS[https://endhost.example]=http://$ENDHOST_API
terminals host
(umask 077 && snap-network token >"$WORK/host/etc/snap0.token")
typed quick-start host
