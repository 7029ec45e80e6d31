#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host on the Rust stack has a tunnel to a SNAP of the simulated network, and its packets
# reach the application in another AS: it is no fault of that host when the tests that have
# it talk to `snaptun serve` fail.
#
# kernels: uml
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
start_network
new_token
rust_client "http://$ENDHOST_API" "$(far_echo)"
"${RUST_CLIENT[@]}" --count 1000 --min 4 --max 1300 | tee "$WORK/client.log"
logged client "^assigned $(as_of 1),192\.0\.2\.1:$OUR_PORT\$" || fail "another address was assigned"
