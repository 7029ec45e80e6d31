#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Socket addresses are taken in the forms that the manual names, and in no other.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

tunnel=(tunnel add nodevice --remote-key "$bob_public" --endpoint)
printf -v label '%063d' 0
label=${label//0/a}

# An address that was understood leaves only the device to complain about; no name is
# looked up for one that is missing.
for address in 192.0.2.1:5000 0.0.0.0:0 255.255.255.255:65535 '[2001:db8::1]:1' '[::]:0' \
	'[::ffff:192.0.2.1]:9' '[fe80::1%lo]:5000' '[fe80::1%1]:5000' '[fe80::1%2147483647]:5000' \
	'[2001:0db8:0000:0000:0000:0000:0000:0001]:1' '[0000:0000:0000:0000:0000:ffff:255.255.255.255]:1' \
	localhost:1 a:1 snap.example:5000 snap.example.:5000 SNAP-7.example:65535 7.snap.example:1 \
	3com:1 _snap._udp.example:1 x.0y:1 fe80:1 "$label:1" "$label.$label.$label.${label:2}:1"; do
	refuse 3 'nodevice: No such device' "${tunnel[@]}" "$address"
done

# As long as names and their parts may be, and a bit longer.
for address in "${label}a:1" "$label.$label.$label.$label:1" "$label.$label.$label.${label:2}.:1"; do
	refuse 2 '' "${tunnel[@]}" "$address"
done
for address in '' 5000 192.0.2.1 '[2001:db8::1]' '[2001:db8::1]5000' '[2001:db8::1' '[' '[]' \
	"$(printf '%5000s:1' '')"; do
	refuse 2 'is neither HOST:PORT nor [ADDRESS]:PORT' "${tunnel[@]}" "$address"
done
# What the resolver would take for an IPv4 address in disguise is no name.
for address in :1 ]:1 192.0.2:1 192.0.2.256:1 192.0.2.1.1:1 ' 192.0.2.1:1' '192.0.2.1 :1' \
	192.0.2.1%lo:1 0x7f000001:1 0X7F.1:1 127.0x1:1 2130706433:1 1:1 192.0.2.1.:1 .:1 ..:1 \
	.example:1 snap..example:1 snap.example..:1 -snap.example:1 snap.-example:1 'a b:1' \
	sn/ap:1 snäp.example:1 $'snap\n:1' '*:1'; do
	refuse 2 'is neither an IPv4 address nor a name' "${tunnel[@]}" "$address"
done
for address in '[]:1' '[192.0.2.1]:1' '[2001:db8]:1' '[2001:db8::1::]:1' '[12345::]:1' '[ ::1]:1' \
	'[%lo]:1' '[::1/64]:1'; do
	refuse 2 'is no IPv6 address' "${tunnel[@]}" "$address"
done
for address in '[fe80::1%]:1' '[fe80::1%nodevice]:1' '[fe80::1%lo%lo]:1' '[fe80::1%-1]:1'; do
	refuse 2 'there is no interface' "${tunnel[@]}" "$address"
done
for address in '[fe80::1%0]:1' '[fe80::1%4294967296]:1' '[fe80::1%1x]:1' 192.0.2.1:-1 \
	192.0.2.1:65536 192.0.2.1:1x '192.0.2.1: 1' 192.0.2.1:http snap.example:http '[::1]:65536'; do
	refuse 2 'is no number from' "${tunnel[@]}" "$address"
done
for address in 192.0.2.1: '[::1]:' snap.example:; do
	refuse 2 'the port is missing' "${tunnel[@]}" "$address"
done
for address in '[2001:db8::1%lo]:1' '[::1%1]:1' '[ff02::1%lo]:1'; do
	refuse 2 'is not link-local' "${tunnel[@]}" "$address"
done
for address in 2001:db8::1:5000 fe80::1:5000 ::1:5000 192.0.2.1:1:1; do
	refuse 2 'more than one colon; an IPv6 address stands in brackets' "${tunnel[@]}" "$address"
done
