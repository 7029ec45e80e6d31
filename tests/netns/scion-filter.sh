#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: debian-6.1
# The filter for sources of SCION packets that the operator's guide shows drops those of
# other ASes on the device, and nothing else.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
scion_echo server
filter=$(sed -n "/^  nft 'table netdev/,/^  }'/p" "$ROOT/Documentation/operators-guide.rst")
[[ -n $filter ]] || fail "the guide has no filter"

# echoes AS: packets of that AS come back.
echoes() {
	client scion-echo send snap0 --src "$1,192.0.2.1:6000" --dst 1-ff00:0:111,192.0.2.2:5000 \
		--count 5 --timeout 2
}

for as in 1-ff00:0:110 1-ff00:0:112; do
	echoes "$as" || fail "without the filter packets of $as are lost"
done
server bash -c "$filter" || fail "the filter is refused"
echoes 1-ff00:0:110 || fail "the filter drops what it should take"
! echoes 1-ff00:0:112 || fail "the filter takes other ASes"
reaches client 10.7.0.2 || fail "the filter drops IP"
