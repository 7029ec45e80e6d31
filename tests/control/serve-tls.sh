#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `snaptun serve` over https: a client that trusts its certificate registers; after SIGHUP it
# shows the certificate that is in the file then, and one that makes no sense changes nothing.
# The key of the certificate is treated as a secret.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=serving.sh disable=SC2119
. "${0%/*}/serving.sh"

# reload: it is told to read all of it again, and says what came of it.
reload() {
	: >"$WORK/serve.log"
	kill -HUP "${RUNNING[serve]}"
	within 20 logged serve ': control plane at ' || fail "nothing came of SIGHUP"
	running serve || fail "it ended"
}

# goes_on: that reload changed nothing.
goes_on() {
	reload
	logged serve 'goes on with the configuration that it had' || fail "$1: $(<"$WORK/serve.log")"
	expect "certificate after $1" "$(shown)" "$2"
}

# shown: the certificate that it shows, by its hash.
shown() {
	us openssl s_client -connect "$CONTROL" </dev/null 2>/dev/null | openssl x509 -noout -fingerprint
}

certificate() { openssl x509 -in "$1/good.pem" -noout -fingerprint; }

# put FOLDER: the certificate there is the server's from its next reload on.
put() {
	own "$WORK/server.pem" <"$1/good.pem"
	own "$WORK/server.key" <"$1/good.key"
}

# connects FOLDER: how a client ends that trusts that authority.
connects() {
	status us snaptun connect snap0 --snap "https://$CONTROL" --ca-file "$1/ca.pem" \
		--token-file "$WORK/token" --quiet --attempts-first 1
}

serving
for name in first second; do
	"$ROOT/tests/control/certificates" "$WORK/$name" "$HOST"
done
put "$WORK/first"
own "$WORK/token" < <(token laptop)
own "$WORK/serve.conf" <<-END
	device = snap0
	listen-port = 5000
	data-plane = $DATA_PLANE
	control-listen = $CONTROL
	token-key-file = $WORK/one.pub.pem
	tls-certificate-file = $WORK/server.pem
	tls-key-file = $WORK/server.key
END
start() {
	background serve them env "CREDENTIALS_DIRECTORY=$WORK/first" snaptun serve --config "$WORK/serve.conf"
	within 20 logged serve ': control plane at ' || fail "nobody serves"
}

step "a client that trusts it, and one that does not"
start
logged serve ": control plane at https://$CONTROL\$" || fail "$(<"$WORK/serve.log")"
expect "certificate" "$(shown)" "$(certificate "$WORK/first")"
expect "status" "$(connects "$WORK/second")" "$UNREACHABLE"
expect "identities" "$(there '.identities | length')" 0
expect "status" "$(connects "$WORK/first")" 0
expect "identities" "$(there '.identities | length')" 1
expect "control planes" "$(planes)" "https://$CONTROL/ registered 1"

step "plain http gets nothing there"
printf 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n' |
	us socat -t 5 - "TCP:$CONTROL" >"$WORK/answer" 2>/dev/null || true
! grep -q HTTP "$WORK/answer" || fail "it answers: $(<"$WORK/answer")"

step "SIGHUP: the next certificate"
us snaptun disconnect snap0
put "$WORK/second"
expect "certificate without SIGHUP" "$(shown)" "$(certificate "$WORK/first")"
reload
expect "certificate" "$(shown)" "$(certificate "$WORK/second")"
expect "status" "$(connects "$WORK/first")" "$UNREACHABLE"
expect "status" "$(connects "$WORK/second")" 0

step "what makes no sense"
second=$(certificate "$WORK/second")
echo nonsense | own "$WORK/server.pem"
goes_on "nonsense" "$second"
own "$WORK/server.pem" <"$WORK/first/good.pem"
goes_on "a key of another certificate" "$second"
rm "$WORK/server.pem"
goes_on "no certificate" "$second"
put "$WORK/first"
chmod 644 "$WORK/server.key"
goes_on "a key that everybody may read" "$second"
rm "$WORK/server.key"
goes_on "no key" "$second"
sed -i "s,^tls-key-file.*,# none," "$WORK/serve.conf"
goes_on "a certificate without a key" "$second"
sed -i "s,^# none,tls-key-file = credential:nothing," "$WORK/serve.conf"
goes_on "a credential that is not there" "$second"

step "the key as a credential"
sed -i "s,^tls-key-file.*,tls-key-file = credential:good.key," "$WORK/serve.conf"
reload
expect "certificate" "$(shown)" "$(certificate "$WORK/first")"
stop serve || fail "it does not end well"

step "it does not begin with what makes no sense"
sed -i "s,^tls-key-file.*,tls-key-file = $WORK/server.key," "$WORK/serve.conf"
for status in 1 4 3; do
	case $status in
	1) own "$WORK/server.key" <"$WORK/second/good.key" ;;
	4) chmod 644 "$WORK/server.key" ;;
	3) rm "$WORK/server.key" ;;
	esac
	expect "status" "$(status them snaptun serve --config "$WORK/serve.conf")" "$status"
done

step "old versions of TLS get nothing, with a certificate that they know, too"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$WORK/old.key" -out "$WORK/old.pem" \
	-days 30 -subj /CN=old 2>/dev/null
serve --tls-certificate-file "$WORK/old.pem" --tls-key-file "$WORK/old.key"
for version in 1_2 1_3; do
	us openssl s_client "-tls$version" -connect "$CONTROL" </dev/null >"$WORK/answer" 2>&1 ||
		fail "TLS $version is not taken: $(<"$WORK/answer")"
done
for version in 1 1_1; do
	! us openssl s_client -cipher ALL:@SECLEVEL=0 "-tls$version" -connect "$CONTROL" </dev/null >"$WORK/answer" 2>&1 ||
		fail "TLS $version is taken"
done
stop serve || fail "it does not end well"
