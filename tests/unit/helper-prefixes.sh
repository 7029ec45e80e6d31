#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lists of IP prefixes are taken in the forms that the manual names, and in no other.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

# Each command that takes them.
takers=(
	"tunnel add nodevice --remote-key $bob_public --endpoint 192.0.2.1:1 --allowed-ips"
	"tunnel set nodevice 1 --allowed-ips"
	"identity add nodevice --key $bob_public --allowed-ips"
	"identity set nodevice --key $bob_public --allowed-ips"
)

# good LIST: it was understood when it is the device that is missing.
good() {
	local taker words

	for taker in "${takers[@]}"; do
		read -ra words <<<"$taker"
		refuse 3 'nodevice: No such device' "${words[@]}" "$1"
	done
}

# bad REASON LIST: it is refused, for this reason.
bad() {
	local taker words

	for taker in "${takers[@]}"; do
		read -ra words <<<"$taker"
		refuse 2 "--allowed-ips: $1 (see " "${words[@]}" "$2"
	done
}

# many COUNT: so many prefixes.
many() {
	local i

	for ((i = 0; i < $1; i++)); do
		printf '%s2001:db8:%x::/48' "${list:+,}" "$i"
		list=1
	done
}

for list in '' none 10.0.0.0/8 10.1.2.3/8 0.0.0.0/0 192.0.2.1 192.0.2.1/32 255.255.255.255/007 ::/0 \
	2001:db8::/32 2001:db8::1 fe80::1/128 ::ffff:192.0.2.1/96 2001:0db8:0:0:0:0:0:1/64 \
	0000:0000:0000:0000:0000:ffff:255.255.255.255/128 10.0.0.0/8,2001:db8::/32,192.0.2.1 \
	10.0.0.0/8,10.0.0.0/8 "$(list='' many 1024)"; do
	good "$list"
done

for prefix in 10.0.0/8 10.0.0.256/8 10/8 10.0.0.0.0/8 /8 / ' 10.0.0.0/8' '10.0.0.0 /8' localhost/8 off \
	None 0x0a000000/8 10.0.0.0%lo/8 '*'; do
	bad "\"$prefix\" is no IPv4 prefix" "$prefix"
	bad "\"$prefix\" is no IPv4 prefix" "192.0.2.0/24,$prefix,2001:db8::/32"
done
for prefix in 10.0.0.0/33 10.0.0.0/ 10.0.0.0/-1 10.0.0.0/+8 '10.0.0.0/ 8' 10.0.0.0/8x 10.0.0.0/0x8 10.0.0.0/8/8 \
	10.0.0.0/255.0.0.0 10.0.0.0/4294967304; do
	bad "\"$prefix\" is no IPv4 prefix: its length is 0 to 32" "$prefix"
done
for prefix in 2001:db8/32 2001:db8::1::/32 '[2001:db8::]/32' 12345::/32 fe80::1%lo/64 :/0 2001:db8:/32; do
	bad "\"$prefix\" is no IPv6 prefix" "$prefix"
	bad "\"$prefix\" is no IPv6 prefix" "::/0,$prefix,10.0.0.0/8"
done
for prefix in ::/129 ::/ 2001:db8::/-32 2001:db8::/32a ::/18446744073709551616; do
	bad "\"$prefix\" is no IPv6 prefix: its length is 0 to 128" "$prefix"
done
bad 'prefix 1 is empty' ,
bad 'prefix 1 is empty' ,10.0.0.0/8
bad 'prefix 2 is empty' 10.0.0.0/8,
bad 'prefix 2 is empty' 10.0.0.0/8,,2001:db8::/32
bad '"none" is no IPv4 prefix' none,10.0.0.0/8
bad '"none" is no IPv4 prefix' 10.0.0.0/8,none
bad 'more than 1024 prefixes' "$(list='' many 1025)"
# What is too long is cut where it is named, and what is no text is escaped.
bad "\"$(printf '%050d' 0)\" is no IPv4 prefix" "$(printf '%05000d' 0)/8"
bad '"10.0.0.0\x0a" is no IPv4 prefix' $'10.0.0.0\n'
