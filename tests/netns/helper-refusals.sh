#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the kernel refuses comes out as one line with the kernel's own reason and
# the documented status, and changes nothing.
#
# kernels: uml uml-debug
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

zero=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
one=AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
ip link add snap0 type snaptun
accept set snap0 --private-key-file - --listen-port 5000 <<<"$alice_private"
accept tunnel add snap0 --remote-key "$bob_public" --endpoint 192.0.2.1:1 --local-port 6000 \
	--allowed-ips 10.0.0.0/8
accept identity add snap0 --key "$bob_public" --allowed-ips 2001:db8::/32
accept show snap0 --json
cp "$work/out" "$work/before"

# A device of another kind, and what is not there.
for device in lo gone; do
	reason=$([[ $device == lo ]] && echo 'lo: not a snaptun device' || echo 'gone: No such device')
	refuse 3 "$reason" show "$device"
	refuse 3 "$reason" show "$device" --json
	refuse 3 "$reason" set "$device" --fwmark 1
	refuse 3 "$reason" tunnel add "$device" --remote-key "$bob_public" --endpoint 192.0.2.1:1
	refuse 3 "$reason" show "$device" 1
	refuse 3 "$reason" monitor "$device"
	refuse 3 "$reason" tunnel set "$device" 1 --keepalive 1
	refuse 3 "$reason" identity set "$device" --key "$bob_public" --keepalive 1
	refuse 3 "$reason" tunnel del "$device" 1
	refuse 3 "$reason" identity add "$device" --key "$bob_public"
	refuse 3 "$reason" identity del "$device" --key "$bob_public"
done
for id in 0 2 4294967295; do
	refuse 3 'no such tunnel' tunnel del snap0 "$id"
	refuse 3 'no such tunnel' show snap0 "$id"
	refuse 3 'no such tunnel' tunnel set snap0 "$id" --keepalive 1 --allowed-ips 10.0.0.0/8
done
refuse 3 'no such identity' identity set snap0 --key "$alice_public" --allowed-ips 10.0.0.0/8
refuse 3 'default-tunnel: no such tunnel' set snap0 --default-tunnel 2 --max-tunnels 9
refuse 3 'no such identity' identity del snap0 --key "$alice_public"

# Ports that are taken.
refuse 1 'port: Address already in use' set snap0 --listen-port 6000
refuse 1 'port: Address already in use' \
	tunnel add snap0 --remote-key "$bob_public" --endpoint 192.0.2.1:2 --local-port 5000

# The most tunnels are there; the prefixes of one that is not made stay where they are.
accept set snap0 --max-tunnels 1
refuse 1 'the device has as many tunnels as it may have' \
	tunnel add snap0 --remote-key "$bob_public" --endpoint 192.0.2.1:2 --allowed-ips 2001:db8::/32
accept set snap0 --max-tunnels 65536
refuse 1 'port: Address already in use' tunnel add snap0 --remote-key "$bob_public" \
	--endpoint 192.0.2.1:2 --local-port 5000 --allowed-ips 10.0.0.0/8

# Endpoints that nothing can be sent to.
add=(tunnel add snap0 --remote-key "$bob_public" --endpoint)
for address in 192.0.2.1:0 '[2001:db8::1]:0'; do
	refuse 1 'endpoint: needs a port' "${add[@]}" "$address"
done
for address in 0.0.0.0:1 224.0.0.1:1 255.255.255.255:1 '[::]:1' '[ff02::1]:1' '[::ffff:192.0.2.1]:1'; do
	refuse 1 'endpoint: is no unicast address' "${add[@]}" "$address"
done
refuse 1 'scope' "${add[@]}" '[fe80::1]:1'

# Keys that are none.
refuse 1 'the remote key is zero' tunnel add snap0 --remote-key "$zero" --endpoint 192.0.2.1:2
refuse 1 'the remote key is of low order' tunnel add snap0 --remote-key "$one" --endpoint 192.0.2.1:2
refuse 1 'the key is of low order' identity add snap0 --key "$one"
refuse 1 'the key is authorised already' identity add snap0 --key "$bob_public" --keepalive 9 \
	--allowed-ips 10.0.0.0/8

accept show snap0 --json
# The clocks of traffic aside, which does not flow here, nothing is different.
cmp -s "$work/before" "$work/out" || fail "a refused request changed something"
