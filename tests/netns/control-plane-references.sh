#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# A control plane is there as long as a tunnel names it, and knows how many do: after
# each is made, removed, given another or none, refused, and with its device gone.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# add URL [OPTION…]: a tunnel with that control plane; its id.
add() {
	client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" \
		--control-plane "https://$1" "${@:2}"
}

# named TUNNEL URL: the tunnel names that control plane.
named() {
	expect "the control plane of tunnel $1" \
		"$(look client ".tunnels[] | select(.id == $1) | .\"control-plane\"")" \
		"$(look client ".\"control-planes\"[] | select(.url == \"https://$2\") | .id")"
}

make_hosts client server
device client
background events client snaptun monitor snap0 --json
within 10 logged events listening || fail "monitor does not listen"

step "two, one, one and one"
a1=$(add a) a2=$(add a) b=$(add b) c=$(add c/d:8/@x) d=$(add '[2001:db8::1]:443')
expect "tunnels" "$(references client)" 'a 2, b 1, c/d:8/@x 1, [2001:db8::1]:443 1'
named "$a1" a
named "$a2" a
named "$d" '[2001:db8::1]:443'
expect "state" "$(look client '."control-planes" | map(.state) | unique | join(" ")')" idle
client snaptun show snap0 "$b" >"$WORK/shown"
grep -qx "    control plane: $(look client '."control-planes"[1].id')" "$WORK/shown" ||
	fail "people are not told of the tunnel's"

step "others and none"
client snaptun tunnel set snap0 "$b" --control-plane https://a
expect "tunnels" "$(references client)" 'a 3, c/d:8/@x 1, [2001:db8::1]:443 1'
named "$b" a
client snaptun tunnel set snap0 "$b" --control-plane https://a --keepalive 3
client snaptun tunnel set snap0 "$b" --keepalive 4
expect "tunnels" "$(references client)" 'a 3, c/d:8/@x 1, [2001:db8::1]:443 1'
client snaptun tunnel set snap0 "$a1" --control-plane none
expect "tunnels" "$(references client)" 'a 2, c/d:8/@x 1, [2001:db8::1]:443 1'
expect "what names none" "$(look client ".tunnels[] | select(.id == $a1) | has(\"control-plane\")")" false
client snaptun tunnel set snap0 "$a1" --control-plane none
# Told apart by their bytes.
client snaptun tunnel set snap0 "$a1" --control-plane http://a
client snaptun tunnel set snap0 "$c" --control-plane https://a/
expect "tunnels" "$(references client)" 'a 2, [2001:db8::1]:443 1, a 1, a/ 1'

step "what is refused names none"
! add e --local-port "$(look client '.tunnels[0]."local-port"')" 2>/dev/null || fail "two tunnels have one port"
! add e --endpoint 224.0.0.1:1 2>/dev/null || fail "a tunnel to a group"
! add a --endpoint 224.0.0.1:1 2>/dev/null || fail "a tunnel to a group"
! client snaptun tunnel set snap0 "$a2" --control-plane https://e --allowed-ips \
	"$(printf '10.%d.0.0/16,' {1..255})$(printf '10.0.%d.0/24,' {0..255})$(printf '10.1.%d.0/24,' {0..255})$(
	printf '10.2.%d.0/24,' {0..255})10.3.0.0/24,10.3.1.0/24" 2>/dev/null || fail "more prefixes than there may be"
expect "tunnels" "$(references client)" 'a 2, [2001:db8::1]:443 1, a 1, a/ 1'

step "the device is set up and down, moved and back"
ip -n client link set snap0 up
ip -n client link set snap0 down
ip -n client link set snap0 netns server
expect "tunnels where it went" "$(references server)" 'a 2, [2001:db8::1]:443 1, a 1, a/ 1'
ip -n server link set snap0 netns client
expect "tunnels" "$(references client)" 'a 2, [2001:db8::1]:443 1, a 1, a/ 1'

step "removed"
client snaptun tunnel del snap0 "$d"
client snaptun tunnel del snap0 "$b"
expect "tunnels" "$(references client)" 'a 1, a 1, a/ 1'
client snaptun tunnel del snap0 "$a2"
expect "tunnels" "$(references client)" 'a 1, a/ 1'
add a >/dev/null
expect "tunnels" "$(references client)" 'a 1, a/ 1, a 1'
look client '."control-planes"[2].id > 6' | grep -qx true || fail "an id is used again"

step "the device goes"
ip -n client link del snap0
ended() { (($(jq -s 'map(select(.event == "control-plane-del")) | length' "$WORK/events.log") == 7)); }
within 10 ended || fail "not every control plane has ended"
ids() { jq -s "map(select(.event == \"control-plane-$1\") | .id) | sort" "$WORK/events.log"; }
expect "those that were told of" "$(ids new | jq unique)" "$(ids new)"
expect "those whose end was told of" "$(ids del)" "$(ids new)"
device client
expect "control planes of a new device" "$(look client '."control-planes" | length')" 0
