#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `snaptun monitor` tells of every event, in the order in which they happen, to people
# and to programs; of one device where that is asked for; and it ends as the manual
# says.
#
# kernels: uml uml-debug
# long on: uml-debug
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# The sanitizers' test puts another build here.
PATH=${SNAPTUN_HELPER:+${SNAPTUN_HELPER%/*}:}$PATH

# monitor NAME NS [ARGUMENT…]: runs one, output in NAME.log, and waits until it listens.
monitor() {
	background "$1" "$2" env --default-signal=INT snaptun monitor "${@:3}"
	within 10 logged "$1" 'listening' || fail "monitor $1 does not listen"
}

# told NAME: what was told to people, without the times.
told() { sed -E 's/^[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}Z //' "$WORK/$1.log"; }

# tells NAME LINE: that line is there.
tells() { told "$1" | grep -qxF -- "$2"; }

# how_many NAME FILTER: how many objects a jq filter is true of.
how_many() { jq -s "map(select($2)) | length" "$WORK/$1.log"; }
event() { (($(how_many "$1" "$2") > 0)); }

# ends NAME STATUS: it ends by itself, so.
ends() {
	local tries=100 status=0

	while running "$1" && ((tries-- > 0)); do sleep 0.1; done
	! running "$1" || fail "$1 does not end"
	finished "$1" || status=$?
	expect "status of $1" "$status" "$2"
}

topology
device client
ip -n client link add other type snaptun
monitor people client
monitor one client snap0
monitor json client --json
monitor json-one client other --json
monitor server server --json
expect "the first line" "$(told people)" listening
expect "the first line" "$(told one)" listening
for name in json json-one server; do
	expect "the first object" "$(jq -c 'del(.time)' "$WORK/$name.log")" '{"event":"listening"}'
	jq -e '(.time | fromdateiso8601) - now | fabs < 600' "$WORK/$name.log" >/dev/null || fail "no time of the event"
done

step "a tunnel is made, and connects"
responder
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --local-port 6000 >/dev/null
ip -n client link set snap0 up
within 20 event json '.event == "tunnel-address"' || fail "no assigned address"
within 20 event server '.event == "tunnel-state" and .state == "established"' || fail "the server tells nothing"
within 20 tells people "snap0: tunnel 1 ($SERVER): assigned address 192.0.2.1:6000" || fail "people learn no address"
wanted="listening
snap0: tunnel 1 ($SERVER): new, idle
snap0: tunnel 1 ($SERVER): connecting
snap0: tunnel 1 ($SERVER): established
snap0: tunnel 1 ($SERVER): assigned address 192.0.2.1:6000"
expect "what people are told" "$(told people)" "$wanted"
within 20 tells one "snap0: tunnel 1 ($SERVER): assigned address 192.0.2.1:6000" || fail "not told of the device"
expect "what they are told of the device" "$(told one)" "$wanted"
expect "events" "$(jq -r '"\(.event) \(.state)"' "$WORK/json.log" | xargs)" \
	'listening null tunnel-new idle tunnel-state connecting tunnel-state established tunnel-address established'
expect "members" "$(jq -c 'select(.event == "tunnel-address") | del(.time, .ifindex)' "$WORK/json.log")" \
	"$(jq -nc --arg key "$(key server)" '{event: "tunnel-address", id: 1, ifname: "snap0", "remote-key": $key,
		endpoint: {ipv4: "192.0.2.2", port: 5000}, "local-port": 6000, state: "established",
		assigned: {ipv4: "192.0.2.1", port: 6000}, responder: false}')"
expect "members of one without an address" "$(jq -c 'select(.event == "tunnel-new") | keys' "$WORK/json.log")" \
	'["endpoint","event","id","ifindex","ifname","local-port","remote-key","responder","state","time"]'
expect "the server's events" "$(jq -r '"\(.event) \(.responder)"' "$WORK/server.log" | uniq | xargs)" \
	'listening null tunnel-new true tunnel-state true'

step "another device, of which only some are told"
client snaptun tunnel add other --remote-key "$(key server)" --endpoint '[2001:db8::2]:7000' >/dev/null
client snaptun tunnel del other 1
within 20 tells people 'other: tunnel 1 ([2001:db8::2]:7000): removed' || fail "people are not told of its end"
within 20 event json-one '.event == "tunnel-del"' || fail "programs are not told of its end"
expect "events of the other device" "$(jq -r '"\(.event) \(.ifname)"' "$WORK/json-one.log" | xargs)" \
	'listening null tunnel-new other tunnel-del other'
expect "what is told of the first" "$(told one)" "$wanted"

step "two tunnels with one address, and one that closes"
# Towards its second device, the server sees the client's first port whatever it is.
server nft -f - <<-EOF
	table ip twin {
		chain input {
			type nat hook input priority 100;
			udp dport 5001 snat to 192.0.2.1:6000
		}
	}
EOF
ip -n server link add snap1 type snaptun
server snaptun set snap1 --private-key-file "$WORK/server.key" --listen-port 5001
server snaptun identity add snap1 --key "$(key client)"
ip -n server link set snap1 up
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:5001 --fixed-address on >/dev/null
within 20 tells one "snap0: tunnel 2 (192.0.2.2:5001): assigned address 192.0.2.1:6000 is another tunnel's" ||
	fail "people are told of no conflict"
within 20 event json '.event == "address-conflict" and .id == 2' || fail "programs are told of no conflict"
# Another address of the client's, and so of all its tunnels.
server nft delete table ip twin
ip -n client addr add 192.0.2.3/24 dev veth0
ip -n client route add 192.0.2.2 dev veth0 src 192.0.2.3
ip -n client link set snap0 down
ip -n client link set snap0 up
within 30 tells one 'snap0: tunnel 2 (192.0.2.2:5001): closed' || fail "people are not told that it closed"
within 20 tells one "snap0: tunnel 1 ($SERVER): assigned address 192.0.2.3:6000" ||
	fail "people are not told of another address"

step "control planes, and an identity whose authorisation ends"
id=$(client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:5 --control-plane https://a)
within 20 tells one "snap0: tunnel $id (192.0.2.2:5): new, idle" || fail "people are not told of the tunnel"
registrar helper client
expect "it begins" "$(say helper registering snap0 1 1000000)" ok
expect "it is done" "$(say helper registered snap0 1 7200000)" ok
expect "it begins" "$(say helper registering snap0 1 1000000)" ok
stop helper || true
within 20 eval "told one | grep -q 'control plane 1 .*gone'" || fail "people do not learn that the helper is gone"
client snaptun tunnel del snap0 "$id"
within 20 tells one 'snap0: control plane 1 (https://a): removed' || fail "people do not learn of its end"
expect "what people are told" "$(told one | grep 'control plane' | sed 's/for another .*/for/')" \
	'snap0: control plane 1 (https://a): new, idle
snap0: control plane 1 (https://a): registering
snap0: control plane 1 (https://a): registered for
snap0: control plane 1 (https://a): registering, registered for
snap0: control plane 1 (https://a): who registered is gone, registered for
snap0: control plane 1 (https://a): removed'
told one | grep -qE ': registered for another 1 hour, 59 minutes$' || fail "people are not told for how long"
expect "events" "$(jq -r 'select(.event | startswith("control-plane")) | "\(.event) \(.state)"' "$WORK/json.log" | xargs)" \
	'control-plane-new idle control-plane-state registering control-plane-state registered control-plane-state registering control-plane-lost registered control-plane-del registered'
expect "members" "$(jq -c 'select(.event == "control-plane-state" and .state == "registered") | keys' "$WORK/json.log")" \
	'["event","id","ifindex","ifname","lifetime","state","time","tunnels","url"]'
client snaptun identity add snap0 --key "$(key server)"
client snaptun identity set snap0 --key "$(key server)" --lifetime 0
within 20 tells one "snap0: identity $(key server): no longer authorised" || fail "people do not learn it"
within 20 event json ".event == \"identity-ended\" and .key == \"$(key server)\" and .tunnels == 0 and .ifname == \"snap0\"" ||
	fail "programs do not learn it"
client snaptun identity del snap0 --key "$(key server)"

step "devices end, and begin again"
ip -n client link del snap0
for name in people one; do
	for id in 1 2; do
		within 20 eval "told $name | grep -qE '^snap0: tunnel $id .*: removed'" || fail "$name: no end of tunnel $id"
	done
done
device client
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:9 >/dev/null
within 20 tells one 'snap0: tunnel 1 (192.0.2.2:9): new, idle' || fail "nothing is told of the device's successor"
ip -n client link set other netns server
server snaptun tunnel add other --remote-key "$(key server)" --endpoint 192.0.2.2:8 >/dev/null
within 20 event server '.ifname == "other" and .event == "tunnel-new"' || fail "not told where the device is"
expect "events where it was" "$(how_many json-one '.event == "tunnel-new"')" 1

step "events that come too fast"
for ((i = 0; i < 60; i++)); do
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:7 >/dev/null
done
kill -STOP "${RUNNING[one]}" "${RUNNING[json]}"
for ((i = 0; i < 40; i++)); do
	ip -n client link set snap0 up
	ip -n client link set snap0 down
done
kill -CONT "${RUNNING[one]}" "${RUNNING[json]}"
within 30 tells one 'events were lost' || fail "people do not learn that events were lost"
within 30 event json '.event == "lost" and keys == ["event", "time"]' || fail "programs do not learn it"
# Until they have read all that waits, what comes is lost as well.
told_again() {
	local id

	id=$(client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:6)
	within 2 tells one "snap0: tunnel $id (192.0.2.2:6): new, idle" &&
		within 2 event json ".event == \"tunnel-new\" and .id == $id"
}
within 10 told_again || fail "nothing is told after a loss"

step "the end"
kill -TERM "${RUNNING[people]}"
ends people 0
kill -INT "${RUNNING[json]}"
ends json 0
[[ $(tail -c 1 "$WORK/json.log") == '' ]] || fail "the last line was cut"
jq -es 'all(.time and .event)' "$WORK/json.log" >/dev/null || fail "a line is no event"
# Nobody reads: with the next line, or already before it.
status=0
client snaptun monitor snap0 > >(head -n 1 >"$WORK/first") 2>"$WORK/errors" || status=$?
expect "status without a reader" "$status" 0
[[ ! -s $WORK/errors ]] || fail "it complains that nobody reads: $(<"$WORK/errors")"
grep -qE 'Z listening$' "$WORK/first" || fail "not even the first line was read"
status=0
client snaptun monitor >/dev/full 2>"$WORK/errors" || status=$?
expect "status with a full device" "$status" 1
grep -qF 'monitor: standard output: No space left' "$WORK/errors" || fail "a full device is no reason"
