#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# An identity that is deleted while its Rust client is at work gets nothing from
# then on, and the client is back when the key is authorised again.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
our_responder
background client "${RUST_CLIENT[@]}" --every 1 --seconds 60
within 10 logged client "^3s packet 3 back" || fail "no echo"

us snaptun identity del snap0 --key "$(key them)"
count_datagrams them answers "udp sport $OUR_PORT"
within 10 logged client "^8s packet 8 lost" || fail "echoes go on"
(($(counted them answers) == 0)) || fail "the client was answered"

us snaptun identity add snap0 --key "$(key them)"
within 40 logged client "^[0-9]*s packet (9|[1-5][0-9]) back" || fail "the client is not back"
stop client || true
