#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# What is no URL of a control plane is refused with the reason, and nothing changes; what
# is one comes back as it was given.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

make_hosts client server
device client
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --control-plane https://a >/dev/null
registrar one client

# refused REASON URL: when a tunnel is made, and when one is changed.
refused() {
	! client snaptun tunnel set snap0 1 --keepalive 77 --control-plane "$2" 2>"$WORK/refusal.log" || fail "$2 was taken"
	expect "$2" "$(cat "$WORK/refusal.log")" "snaptun: tunnel set: control-plane-url: $1"
	! client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:1 --control-plane "$2" \
		>/dev/null 2>"$WORK/refusal.log" || fail "$2 was taken"
	expect "$2" "$(cat "$WORK/refusal.log")" "snaptun: tunnel add: control-plane-url: $1"
}

before=$(look client '[."control-planes", (.tunnels | map(del(."rx-bytes")))]')
for url in https:/a http:a ftp://a file:///etc a //a 'HTTPS://a' ' https://a' httpss://a https none://; do
	refused 'begins with neither http:// nor https://' "$url"
done
for url in http:// https:// https:///x; do refused 'names no host' "$url"; done
for url in https://u@a https://u:p@a/x http://@a 'https://u@a:1/x@y'; do refused 'has user information' "$url"; done
for url in 'https://a?b' 'https://a/?' 'https://a#' 'https://a/b#c' 'https://?' 'https://#'; do
	refused 'has a query or a fragment' "$url"
done
for url in $'https://a\n' $'https://a\t/' 'https://a b' $'https://a\x7f' $'https://a\xc3\xa4' $'https://\x01'; do
	refused 'has a character that URLs do not have' "$url"
done

step "how long"
long=https://$(printf '%02040d' 0)
! client snaptun tunnel set snap0 1 --control-plane "${long}0" 2>"$WORK/refusal.log" || fail "it is too long"
logged refusal 'longer than 2048 characters' || fail "no reason: $(cat "$WORK/refusal.log")"
[[ $(say one tunnel-url snap0 1 "${long}0") == E* ]] || fail "the kernel takes it"
expect "what there is" "$(look client '[."control-planes", (.tunnels | map(del(."rx-bytes")))]')" "$before"
client snaptun tunnel set snap0 1 --control-plane "$long"
expect "the longest" "$(look client '."control-planes"[].url')" "$long"
client snaptun show snap0 --brief >"$WORK/shown"
grep -qE "^ +2 +1  idle +$long\$" "$WORK/shown" || fail "it is not shown whole"

step "what is good"
for url in http://a https://192.0.2.1:8443/x/y 'https://[2001:db8::1]/' 'https://a/@b' "https://a.b-c_d~/%41!\$&'()*+,;=:"; do
	client snaptun tunnel set snap0 1 --control-plane "$url"
	expect "URL" "$(look client '."control-planes" | map(.url) | join(" ")')" "$url"
done
[[ $(say one tunnel-url snap0 1) == ok ]] || fail "an empty one is refused"
expect "control planes" "$(look client '."control-planes" | length')" 0
