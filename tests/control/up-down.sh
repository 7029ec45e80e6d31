#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `up` makes the device of a configuration file with its key, address, route, and tunnel,
# and SCION packets go through it to the far application and back. Whatever is there is
# taken as it is; `down` removes all of it, and neither minds being called again. What
# one that is killed leaves does not matter to the next one.
#
# kernels: uml
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"

topology
own_folders
start_network 1
watch_calls
snap-network token >"$WORK/token"
chmod 600 "$WORK/token"
FILE=/etc/snaptun/snap0.conf
KEY=/var/lib/snaptun/snap0.key

# write_file [LINE…]: the configuration, and more lines of it.
write_file() {
	printf '%s\n' "endhost-api = http://$ENDHOST_API" "token-file = $WORK/token" \
		"local-port = $OUR_PORT" 'attempts-first = 2' 'retry-base = 0.1' \
		'mtu = 9000' 'fwmark = 0x77' 'address = 10.9.0.1/24,fd00:9::1/64' \
		'route = 10.10.0.0/16' 'route = 10.9.0.0/24' 'route = fd00:10::7/32' "$@" >"$FILE"
}

# up [OPTION…], refuse STATUS TEXT COMMAND…
up() { us snaptun up snap0 --timeout 20 "$@"; }

refuse() {
	local wanted=$1 text=$2 status=0

	"${@:3}" >"$WORK/refusal.log" 2>&1 || status=$?
	((status == wanted)) || fail "${*:3}: status $status"
	logged refusal "$text" || fail "${*:3}: it does not say $text"
}

there() { ip -n us link show snap0 >/dev/null 2>&1; }

# state: all that `up` sees to, as the kernel has it. Ages and counters change.
state() {
	ip -n us -o link show snap0 | cut -d' ' -f1-10
	ip -n us -o address show snap0
	for family in -4 -6; do ip -n us "$family" route show dev snap0; done
	us snaptun show snap0 --json | jq -c '.[0] | [."public-key", .fwmark, [.tunnels[].id]]'
}

step "up: it says which address it got"
write_file
assigned=$(up) || fail "status $?"
[[ $assigned == "192.0.2.1:$OUR_PORT" ]] || fail "the address is $assigned"
within 5 established 1 || fail "no tunnel: $(tunnels)"

step "key, mark, MTU, addresses and routes are what was asked for"
[[ $(stat -c %a "$KEY" "${KEY%/*}" /run/snaptun | paste -sd' ') == '600 700 700' ]] ||
	fail "modes: $(stat -c '%a %n' "$KEY" "${KEY%/*}" /run/snaptun)"
[[ $(ls "${KEY%/*}") == snap0.key ]] || fail "there is more than a key: $(ls "${KEY%/*}")"
[[ $(us snaptun show snap0 --json | jq -r '.[0] | "\(."public-key") \(.fwmark)"') == \
	"$(snaptun pubkey <"$KEY") 119" ]] || fail "another key or mark"
link=$(ip -n us -j -d link show snap0 | jq -r '.[0] | "\(.mtu) \(.flags | index("UP") != null)"')
[[ $link == '9000 true' ]] || fail "the link: $link"
for address in 10.9.0.1/24 fd00:9::1/64; do
	[[ $(ip -n us -o address show snap0) == *" $address "* ]] || fail "no address $address"
done
ip -n us route show dev snap0 | grep '^10\.10\.0\.0/16 ' >/dev/null || fail "no IPv4 route"
ip -n us -6 route show dev snap0 | grep '^fd00:10::/32 ' >/dev/null || fail "no IPv6 route"

step "SCION packets to the far application and back"
far_echoes 1 "$OUR_PORT" --count 200 --min 100 --max 1400

step "a file in /run counts where there is none in /etc"
mv "$FILE" "$WORK/kept"
refuse 3 "$FILE: No such file" up
sed 's/^mtu.*/mtu = 1300/' "$WORK/kept" >/run/snaptun/snap0.conf
up >/dev/null
(($(ip -n us -j link show snap0 | jq '.[0].mtu') == 1300)) || fail "the file in /run is not read"
mv "$WORK/kept" "$FILE"
up >/dev/null
(($(ip -n us -j link show snap0 | jq '.[0].mtu') == 9000)) || fail "the file in /run comes first"
echo 'frobnicate = 1' >>/run/snaptun/snap0.conf
mv "$FILE" "$WORK/kept"
refuse 2 '/run/snaptun/snap0.conf:12: unknown key' up
mv "$WORK/kept" "$FILE"
rm /run/snaptun/snap0.conf

step "up again changes nothing"
state >"$WORK/before"
[[ $(up) == "$assigned" ]] || fail "another address"
[[ $(up --json | jq -r '.[0].assigned.port') == "$OUR_PORT" ]] || fail "no JSON"
state | diff "$WORK/before" - || fail "something is different"
(($(registrations 1 | wc -l) == 1)) || fail "registered $(registrations 1 | wc -l) times"

step "what the file does not name any more stays; what it names anew comes"
sed -i -e '/^mtu/d' -e '/^route/d' -e 's/^address.*/address = 10.9.7.1\/32/' \
	-e 's/^fwmark.*/fwmark = 0x78/' "$FILE"
up >/dev/null
state | grep -v '10\.9\.7\.1' | sed 's/,120,/,119,/' | diff "$WORK/before" - || fail "something is gone"
[[ $(ip -n us -o address show snap0) == *' 10.9.7.1/32 '* ]] || fail "no new address"
sed -i 's/^fwmark.*/&\nmtu = 8000/' "$FILE"
up >/dev/null
(($(ip -n us -j link show snap0 | jq '.[0].mtu') == 8000)) || fail "the MTU did not change"
write_file

step "down, twice"
us snaptun down snap0
! there || fail "the device is still there"
us snaptun down snap0
for name in . a/b abcdefghijklmnop; do
	refuse 2 'is no name of a network device' us snaptun down "$name"
done

step "two at once make one device, one key and one tunnel"
# A data plane takes no other key from a port that had one a short while ago.
sed -i '/^local-port/d' "$FILE"
rm "$KEY"
for n in 1 2; do background "up$n" us snaptun up snap0 --timeout 20; done
for n in 1 2; do
	finished "up$n" || fail "number $n: status $?"
	logged "up$n" '^192\.0\.2\.1:[0-9]*$' || fail "number $n has no address"
done
(($(tunnels | wc -l) == 1)) || fail "tunnels: $(tunnels)"
[[ $(us snaptun show snap0 --json | jq -r '.[0]."public-key"') == "$(snaptun pubkey <"$KEY")" ]] ||
	fail "the device has another key than the file"
us snaptun down snap0

step "one that waits for another one: a bound, and a signal"
exec {held}>/run/snaptun/snap0.lock
flock "$held"
refuse 9 'another snaptun holds' us snaptun up snap0 --timeout 1
background waiting us snaptun up snap0
within 10 logged waiting 'waiting for another' || fail "it does not say that it waits"
status=0
stop waiting || status=$?
((status == 10)) || fail "SIGTERM: status $status"
! there || fail "it made a device without the lock"
exec {held}>&-

step "files that are not as they must be"
chmod 622 "$FILE"
refuse 4 "$FILE can be written to by" up
chmod 644 "$FILE"
write_file 'frobnicate = 1'
refuse 2 "^snaptun: up: $FILE:12: unknown key" up
write_file 'aa = https://192.0.2.2'
refuse 2 "^snaptun: up: $FILE: token-file, token-command and aa exclude" up
refuse 3 '/etc/snaptun/snap1.conf: No such file' us snaptun up snap1
write_file
echo 'no key' >"$WORK/bad.key"
write_file "private-key-file = $WORK/bad.key"
refuse 5 "$WORK/bad.key holds something else" up
write_file "private-key-file = $WORK/nowhere/a.key"
refuse 1 "cannot make the key file $WORK/nowhere/a.key: No such file" up
! there || fail "one of them made a device"

step "a device of another kind"
ip -n us link add snap0 type dummy
write_file
refuse 3 'snap0 is there, and is no snaptun device' up
refuse 3 'snap0 is there, and is no snaptun device' us snaptun down snap0
ip -n us link del snap0

step "a route that leads elsewhere already, which stays"
write_file 'route = 192.0.2.0/24'
refuse 1 'cannot have the route 192\.0\.2\.0/24: there is one over another device' up
! there || fail "the device that it made is still there"
write_file

step "no SNAP: what up made goes, what was there stays"
stop network || true
refuse 8 'looking for SNAPs' up
! there || fail "the device that it made is still there"
up --no-connect
there || fail "--no-connect makes no device"
[[ -z $(left) ]] || fail "--no-connect makes tunnels: $(left)"
state >"$WORK/before"
refuse 8 'looking for SNAPs' up
state | diff "$WORK/before" - || fail "something of the device that was there is different"

step "up after down, when the SNAP is back"
us snaptun down snap0
start_network 1
[[ $(up) == "$assigned" ]] || fail "no address"
within 5 established 1 || fail "no tunnel: $(tunnels)"

step "killed at any moment, called again"
sed -i '/^local-port/d' "$FILE"
for _ in {1..10}; do
	us snaptun down snap0
	rm "$KEY"
	background killed us snaptun up snap0
	sleep "0.$((RANDOM % 60 + 10))"
	kill -KILL "${RUNNING[killed]}" 2>/dev/null || true
	finished killed || true
	[[ $(up) == 192.0.2.1:* ]] || fail "no address"
	(($(tunnels | wc -l) == 1)) || fail "tunnels: $(tunnels)"
	[[ $(ls "${KEY%/*}") == snap0.key ]] || fail "there is more than a key: $(ls "${KEY%/*}")"
done
