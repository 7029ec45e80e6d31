#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host on the Rust stack, which offers HTTP/2 as well, registers with `snaptun serve` over
# https where it trusts the certificate, and nowhere else.
#
# kernels: uml
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
new_token
"$ROOT/tests/control/certificates" "$WORK/tls" 192.0.2.2
start_serve --tls-certificate-file "$WORK/tls/good.pem" --tls-key-file "$WORK/tls/good.key"
rust_client "https://$(control_plane 1)" "$SERVED_AS,$(data_plane 1)"
scion_echo them

step "it does not trust the certificate"
# Whom the host trusts is said by a file.
export SSL_CERT_FILE=$WORK/tls/nobody.pem
status=0
"${RUST_CLIENT[@]}" >"$WORK/client.log" 2>&1 || status=$?
expect "status" "$status" 1
logged client 'UnknownIssuer' || fail "it says otherwise"
expect "keys" "$(them snaptun show snap0 --json | jq '.[0].identities | length')" 0

step "it does"
SSL_CERT_FILE=$WORK/tls/ca.pem
"${RUST_CLIENT[@]}" --count 10 | tee "$WORK/client.log"
logged client "^assigned $SERVED_AS,192\.0\.2\.1:$OUR_PORT\$" || fail "another address was assigned"
