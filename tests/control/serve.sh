#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `snaptun serve` makes a data plane of ours; our own client finds it, registers, and has a
# tunnel that carries SCION packets both ways. Nobody notices that it is ended, killed or
# started again, and a client comes back by itself when all of it was lost.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=serving.sh disable=SC2119
. "${0%/*}/serving.sh"

# 1-ff00:0:110
NUMBER=$((0x0001ff0000000110))

# varint NUMBER, message FIELD HEX: of protobuf, in hexadecimal.
varint() {
	local left=$1

	while ((left > 127)); do
		printf %02x $((left & 127 | 128))
		left=$((left >> 7))
	done
	printf %02x "$left"
}
message() { printf '%02x%02x%s' $(($1 << 3 | 2)) $((${#2} / 2)) "$2"; }

# underlays [AS]: the answer to ListUnderlays, in hexadecimal.
underlays() {
	printf %s "${1:+08$(varint "$1")}" | unhex | request "$CONTROL" POST "$UNDERLAYS" \
		'Content-Type: application/proto' "Authorization: Bearer $(<"$WORK/token")" ||
		fail "status $(answered)"
	od -An -v -tx1 "$WORK/answer.body" | tr -d ' \n'
}

# echoes NS SOURCE DESTINATION: packets from there to the other host and back.
echoes() {
	ip netns exec "$1" scion-echo send snap0 --src "$2" --dst "$3" --count 200 --window 20 ||
		fail "packets from $2 are lost"
}

serving
JTIS=(laptop)

step "it makes the device, and a key for it"
serve
logged serve "^snaptun: serve: snap0: control plane at http://$CONTROL\$" ||
	fail "it says: $(<"$WORK/serve.log")"
expect "the key's file" "$(stat -c %a /var/lib/snaptun/snap0.key)" 600
DATA_KEY=$(snaptun pubkey </var/lib/snaptun/snap0.key)
expect "the device" "$(there '"\(."public-key") \(."listen-port") \(.identities | length)"')" \
	"$DATA_KEY 5000 0"
own "$WORK/token" < <(token laptop)

step "what it tells: where the data plane is, and its key"
find_data_plane "$CONTROL" "$(<"$WORK/token")" || fail "status $(answered)"
expect "data plane" "$DATA_PLANE at $REGISTRY" "$HOST:5000 at http://$CONTROL"
expect "key" "$(field 3 | unhex | base64)" "$DATA_KEY"

step "which SNAPs there are: itself, where it is asked for its AS or for any"
snap=$(message 1 "$(printf 'http://%s' "$CONTROL" | od -An -v -tx1 | tr -d ' \n')")
snap+=$(message 2 "$(varint "$NUMBER")")
for asked in '' 0 "$NUMBER"; do
	expect "SNAPs for AS ${asked:-not named}" "$(underlays "$asked")" \
		"$(message 1 '')$(message 2 "$(message 1 "$snap")")"
done
expect "SNAPs for another AS" "$(underlays $((NUMBER + 1)))" "$(message 1 '')$(message 2 '')"

step "a client finds it in its AS, and in no other one"
expect "status in another AS" "$(status us snaptun connect snap0 --token-file "$WORK/token" \
	--endhost-api "http://$CONTROL" --isd-as 1-ff00:0:111 --attempts-first 1)" "$UNREACHABLE"
expect "registrations" "$(known)" ''
us snaptun connect snap0 --token-file "$WORK/token" --endhost-api "http://$CONTROL" \
	--isd-as "$AS" --quiet --local-port 6000 >/dev/null || fail "no connection: status $?"
expect "registrations" "$(known)" 'us: laptop'
between "rest of the token's life" "$(there '.identities[0].authorisations[0].lifetime')" 3500000 3600000

step "packets go both ways"
background echo them scion-echo serve snap0
within 10 logged echo '^serving$' || fail "nobody echoes"
echoes us 192.0.2.1:6000 "$HOST:5000"
stop echo || fail "the echo failed"
background echo us scion-echo serve snap0
within 10 logged echo '^serving$' || fail "nobody echoes"
echoes them "$HOST:5000" 192.0.2.1:6000

step "nobody notices that it ends, or is killed, and the next one knows all"
background packets them scion-echo send snap0 --src "$HOST:5000" --dst 192.0.2.1:6000 --every 1 --seconds 20
stop serve || fail "it does not end well"
expect "registrations" "$(known)" 'us: laptop'
serve
kill -9 "${RUNNING[serve]}"
finished serve || true
serve
finished packets || fail "packets were lost"
expect "registrations" "$(known)" 'us: laptop'
stop echo || fail "the echo failed"

step "the device goes, and it ends and says so"
start_daemon --endhost-api "http://$CONTROL" --local-port 6000
sleep 5
ip -n them link del snap0
ended=0
finished serve || ended=$?
expect "status" "$ended" 3
logged serve '^snaptun: serve: snap0: .*gone' || fail "it says: $(<"$WORK/serve.log")"

step "the next one makes it again, with its key, and the client's daemon comes back by itself"
serve
expect "key" "$(there '."public-key"')" "$DATA_KEY"
within 300 is_known 'us: laptop' || fail "registrations: $(known)"
background echo them scion-echo serve snap0
within 10 logged echo '^serving$' || fail "nobody echoes"
within 60 us scion-echo send snap0 --src 192.0.2.1:6000 --dst "$HOST:5000" --count 1 --timeout 2 \
	>/dev/null || fail "no packet comes back"
echoes us 192.0.2.1:6000 "$HOST:5000"
stop daemon || fail "the daemon does not end well"
