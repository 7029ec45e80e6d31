#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Socket addresses are taken in the forms that the manual names, and in no other.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

tunnel=(tunnel add nodevice --remote-key "$bob_public" --endpoint)

# An address that was understood leaves only the device to complain about.
for address in 192.0.2.1:5000 0.0.0.0:0 255.255.255.255:65535 '[2001:db8::1]:1' '[::]:0' \
	'[::ffff:192.0.2.1]:9' '[fe80::1%lo]:5000' '[fe80::1%1]:5000' '[fe80::1%2147483647]:5000' \
	'[2001:0db8:0000:0000:0000:0000:0000:0001]:1' '[0000:0000:0000:0000:0000:ffff:255.255.255.255]:1'; do
	refuse 3 'nodevice: No such device' "${tunnel[@]}" "$address"
done

for address in '' 5000 192.0.2.1 '[2001:db8::1]' '[2001:db8::1]5000' '[2001:db8::1' '[' '[]' \
	"$(printf '%5000s:1' '')"; do
	refuse 2 'is neither ADDRESS:PORT nor [ADDRESS]:PORT' "${tunnel[@]}" "$address"
done
for address in :1 ]:1 localhost:1 192.0.2:1 192.0.2.256:1 192.0.2.1.1:1 ' 192.0.2.1:1' '192.0.2.1 :1' \
	2001:db8::1:5000 192.0.2.1%lo:1 0x7f000001:1; do
	refuse 2 'is no IPv4 address' "${tunnel[@]}" "$address"
done
for address in '[]:1' '[192.0.2.1]:1' '[2001:db8]:1' '[2001:db8::1::]:1' '[12345::]:1' '[ ::1]:1' \
	'[%lo]:1' '[::1/64]:1'; do
	refuse 2 'is no IPv6 address' "${tunnel[@]}" "$address"
done
for address in '[fe80::1%]:1' '[fe80::1%nodevice]:1' '[fe80::1%lo%lo]:1' '[fe80::1%-1]:1'; do
	refuse 2 'there is no interface' "${tunnel[@]}" "$address"
done
for address in '[fe80::1%0]:1' '[fe80::1%4294967296]:1' '[fe80::1%1x]:1' 192.0.2.1:-1 \
	192.0.2.1:65536 192.0.2.1:1x '192.0.2.1: 1' 192.0.2.1:1:1 192.0.2.1:http '[::1]:65536'; do
	refuse 2 'is no number from' "${tunnel[@]}" "$address"
done
for address in 192.0.2.1: '[::1]:'; do
	refuse 2 'the port is missing' "${tunnel[@]}" "$address"
done
for address in '[2001:db8::1%lo]:1' '[::1%1]:1' '[ff02::1%lo]:1'; do
	refuse 2 'is not link-local' "${tunnel[@]}" "$address"
done
# What people may have meant.
refuse 2 '"2001" is no IPv4 address; one of IPv6 stands in brackets' "${tunnel[@]}" 2001:db8::1:5000
refuse 2 '"localhost" is no IPv4 address; names are not looked up' "${tunnel[@]}" localhost:1
