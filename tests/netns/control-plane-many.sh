#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# Many control planes with long URLs are all shown, each once, as a table.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

COUNT=120

make_hosts client server
device client
registrar one client
for ((i = 1; i <= COUNT; i++)); do
	url=https://$(printf '%01500d' "$i")
	answer=$(say one tunnel-new snap0 "$(key server)" 192.0.2.2 "$i" "$url")
	[[ $answer == "ok $i $i 0 1" ]] || fail "tunnel $i: $answer"
	printf '%s %s %s\n' "$i" idle "$url" >>"$WORK/wanted"
done
look client '."control-planes"[] | "\(.id) \(.state) \(.url)"' >"$WORK/found"
cmp -s "$WORK/wanted" "$WORK/found" || fail "shown are: $(cut -c 1-40 "$WORK/found")"
client snaptun show snap0 >"$WORK/shown"
grep -cE '^ +[0-9]+ +1  idle   https://' "$WORK/shown" | grep -qx "$COUNT" || fail "it is no table of all"

step "they go with the helper"
stop one || true
none() { [[ $(look client '[."control-planes", .tunnels] | map(length) | join(" ")') == '0 0' ]]; }
within 30 none || fail "something is left"
