#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything that the helper can set is shown back, to programs and to people, but
# for secrets; a request that fails changes nothing.
#
# kernels: uml uml-debug
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

# shows FILTER TEXT: what jq's filter finds in the device's object is this text.
shows() {
	local found

	accept show snap0 --json
	found=$(jq -c ".[0] | $1" "$work/out")
	[[ $found == "$2" ]] || fail "$1 is $found, wanted $2"
}

# tells LINE: the output for people has this line.
tells() {
	accept show snap0
	grep -qxF -- "$1" "$work/out" || fail "no line \"$1\""
}

# add_tunnel ARGUMENT…: adds a tunnel; its id is in $id then.
add_tunnel() {
	accept tunnel add snap0 "$@"
	id=$(<"$work/out")
	[[ $id =~ ^[1-9][0-9]*$ ]] || fail "tunnel add printed no id"
}

tunnel_shows() { shows ".tunnels[] | select(.id == $id) | $1" "$2"; }
identity_shows() { shows ".identities[] | select(.key == \"$bob_public\") | $1" "$2"; }

printf '%s\n' "$alice_private" >"$work/alice"
printf '%s\n' "$bob_private" >"$work/bob"
"$snaptun" genpsk >"$work/psk"
ip link add snap0 type snaptun

# The device.
device='[."public-key", ."listen-port", .fwmark]'
shows "$device" '[null,0,0]'
shows '[.ifname, .ifindex, (.tunnels | length), (.identities | length)]' \
	"[\"snap0\",$(</sys/class/net/snap0/ifindex),0,0]"
shows '[.counters[]] | add' 0
tells '  public key: none'
accept set snap0 --private-key-file "$work/alice" --listen-port 5000 --fwmark 0xfffffffe
[[ ! -s $work/out ]] || fail "set printed something"
shows "$device" "[\"$alice_public\",5000,4294967294]"
tells "  public key: $alice_public"
tells '  listening port: 5000'
tells '  fwmark: 0xfffffffe'
accept set snap0 --fwmark off
shows "$device" "[\"$alice_public\",5000,0]"
accept set snap0 --private-key-file - <"$work/bob"
shows "$device" "[\"$bob_public\",5000,0]"

# Rates, bounds and the default tunnel; those at their usual values are not told.
limits='[."default-tunnel", ."handshake-rate", ."source-rate", ."source-burst", ."max-tunnels", ."max-identity-tunnels", .established]'
shows "$limits" '[null,20,10,20,65536,4096,0]'
accept show snap0
! grep -qE 'rate|bounds|default' "$work/out" || fail "what is usual is told"
accept set snap0 --handshake-rate 1 --source-rate 4294967295 --source-burst 2 --max-tunnels 3 \
	--max-identity-tunnels 4
shows "$limits" '[null,1,4294967295,2,3,4,0]'
tells '  handshake rate: 1 per second'
tells '  rate of a source: 4294967295 per second, 2 at once'
tells '  bounds: 3 tunnels, 4 of an identity'
accept set snap0 --source-rate 10 --handshake-rate 20 --max-tunnels 65536
shows "$limits" '[null,20,10,2,65536,4,0]'
accept set snap0 --source-burst 20 --max-identity-tunnels 4096
shows "$limits" '[null,20,10,20,65536,4096,0]'

# All of it or nothing.
ip link add snap1 type snaptun
accept set snap1 --listen-port 5001
refuse 1 'listen-port: cannot open the listen port: Address already in use' \
	set snap0 --private-key-file "$work/alice" --listen-port 5001 --fwmark 7
shows "$device" "[\"$bob_public\",5000,0]"
accept set snap0 --remove-private-key --listen-port 0 --fwmark 7
shows "$device" '[null,0,7]'
accept set snap0 --private-key-file "$work/alice" --listen-port 5000 --fwmark 0
ip link del snap1

# Tunnels: the usual values, then each of the others.
endpoint=(--remote-key "$bob_public" --endpoint)
add_tunnel "${endpoint[@]}" 192.0.2.1:5000
settings='[."has-psk", .keepalive, ."burst-limit", .default, ."answer-keepalives", ."fixed-address"]'
tunnel_shows "$settings" '[false,10,9216,false,true,false]'
tunnel_shows '[."allowed-ips", .provisional, has("ifname")]' '[[],false,false]'
tunnel_shows '[."remote-key", .state, .responder, .assigned, ."handshake-age", .staged]' \
	"[\"$bob_public\",\"idle\",false,null,null,0]"
tunnel_shows '[."rx-packets", ."rx-bytes", ."tx-packets", ."tx-bytes"]' '[0,0,0,0]'
tunnel_shows '.endpoint' '{"ipv4":"192.0.2.1","port":5000}'
tunnel_shows '."local-port" > 0' true
tells "  tunnel $id: idle"
first=$id
add_tunnel "${endpoint[@]}" '[2001:db8::1]:65535' --local-port 6000 --psk-file "$work/psk" \
	--keepalive 65535 --burst-limit 1232 --default --answer-keepalives off --fixed-address on \
	--allowed-ips 10.1.2.3/8,2001:db8::1/32,192.0.2.1,::/0
tunnel_shows "$settings" '[true,65535,1232,true,false,true]'
tunnel_shows '."allowed-ips"' '["10.0.0.0/8","2001:db8::/32","192.0.2.1/32","::/0"]'
shows '."default-tunnel"' "$id"
tells "  default tunnel: $id"
tells '    allowed ips: 10.0.0.0/8, 2001:db8::/32, 192.0.2.1/32, ::/0'
tunnel_shows '[.endpoint, ."local-port"]' '[{"ipv6":"2001:db8::1","port":65535},6000]'
tells "  tunnel $id: idle, default, pre-shared key"
tells '    endpoint: [2001:db8::1]:65535, local port 6000'
tells '    settings: keepalive every 65535 seconds, keepalives not answered, bursts of up to 1232 bytes, fixed address'
add_tunnel "${endpoint[@]}" '[fe80::1%lo]:1' --psk-file - --keepalive off --burst-limit 65493 \
	--answer-keepalives on --fixed-address off --allowed-ips none <"$work/psk"
tunnel_shows "$settings" '[true,0,65493,false,true,false]'
tunnel_shows '."allowed-ips"' '[]'
tunnel_shows '.endpoint' '{"ipv6":"fe80::1","port":1,"scope-id":1}'
tells '    endpoint: [fe80::1%lo]:1, local port '"$(jq '.[0].tunnels[2]."local-port"' <("$snaptun" show --json))"
add_tunnel "${endpoint[@]}" '[fe80::1%77]:1' --keepalive 1
tunnel_shows '.endpoint."scope-id"' 77
accept show snap0
grep -qF '    endpoint: [fe80::1%77]:1, local port ' "$work/out" || fail "no scope by number"

# A prefix is one tunnel's; many are told in part.
second=$((first + 1))
add_tunnel "${endpoint[@]}" 192.0.2.1:5000 --allowed-ips "192.0.2.1,$(printf '10.%d.0.0/16,' {1..9})10.0.0.0/8"
shows ".tunnels[] | select(.id == $second) | .\"allowed-ips\"" '["2001:db8::/32","::/0"]'
tunnel_shows '."allowed-ips" | [length, .[0], .[-1]]' '[11,"192.0.2.1/32","10.0.0.0/8"]'
tells "    allowed ips: 192.0.2.1/32$(printf ', 10.%d.0.0/16' {1..7}) and 3 more"
accept tunnel del snap0 "$id"

# The default moves; ids are never used twice.
add_tunnel "${endpoint[@]}" 192.0.2.1:5000 --default
shows '[.tunnels[] | select(.default) | .id]' "[$id]"
shows '."default-tunnel"' "$id"
last=$id
accept tunnel del snap0 "$last"
accept tunnel del snap0 "$first"
shows '[.tunnels[].id]' "[$second,$((first + 2)),$((first + 3))]"
shows '."default-tunnel"' null
accept set snap0 --default-tunnel "$second"
shows '[."default-tunnel", (.tunnels[] | select(.default) | .id)]' "[$second,$second]"
accept set snap0 --default-tunnel none
shows '[."default-tunnel", (.tunnels[] | select(.default))]' '[null]'
add_tunnel "${endpoint[@]}" 192.0.2.1:5000
((id > last)) || fail "id $id was there before"

# Identities.
accept identity add snap0 --key "$bob_public"
settings='[."has-psk", .keepalive, ."burst-limit", ."answer-keepalives", .tunnels, ."allowed-ips"]'
identity_shows "$settings" '[false,0,65493,true,0,[]]'
tells "  identity: $bob_public"
tells '    settings: keepalive off, bursts of up to 65493 bytes'
accept identity del snap0 --key "$bob_public"
shows '.identities' '[]'
accept identity add snap0 --key "$bob_public" --psk-file "$work/psk" --keepalive 25 \
	--burst-limit 9216 --answer-keepalives off --allowed-ips 2001:db8::/32,172.16.0.0/12
identity_shows "$settings" '[true,25,9216,false,0,["2001:db8::/32","172.16.0.0/12"]]'
shows ".tunnels[] | select(.id == $second) | .\"allowed-ips\"" '["::/0"]'
tells '    allowed ips: 2001:db8::/32, 172.16.0.0/12'
tells '    tunnels: 0, pre-shared key'

# How long identities are authorised.
authorised='.authorisations | map([.tag, .lifetime])'
identity_shows "$authorised" '[["",null]]'
accept show snap0
! grep -q 'authorised' "$work/out" || fail "what is usual is told"
accept identity set snap0 --key "$bob_public" --lifetime 3000000000 --tag 'a b'
identity_shows '.authorisations | map([.tag, (.lifetime // 0) > 2999999000000])' '[["",false],["612062",true]]'
accept identity set snap0 --key "$bob_public" --lifetime 0
tells '    authorised: for another 34722 days, 5 hours'
refuse 1 'lifetime: more than a hundred years' identity set snap0 --key "$bob_public" --lifetime 3155760001
accept identity set snap0 --key "$bob_public" --lifetime 0 --tag 'a b'
identity_shows "$authorised" '[]'
tells '    authorised: no longer'
accept show snap0 --brief
grep -q "  pre-shared key, no longer authorised\$" "$work/out" || fail "no table tells of it"
accept identity set snap0 --key "$bob_public" --lifetime unlimited --tag x
identity_shows "$authorised" '[["78",null]]'

# Control planes.
shows '."control-planes"' '[]'
accept tunnel set snap0 "$second" --control-plane https://a.example/b
tunnel_of_second() { shows ".tunnels[] | select(.id == $second) | $1" "$2"; }
tunnel_of_second '[."control-plane", has("control-plane-url")]' '[1,false]'
shows '."control-planes"' \
	"[{\"ifindex\":$(</sys/class/net/snap0/ifindex),\"id\":1,\"url\":\"https://a.example/b\",\"state\":\"idle\",\"tunnels\":1}]"
tells '  control planes: 1'
tells '    control plane: 1'
tells '  control plane 1: idle'
tells '    URL: https://a.example/b'
accept show snap0 --brief
grep -qE '^ +1 +1  idle   https://a.example/b$' "$work/out" || fail "no table of control planes"
grep -qE "^ +$second .*, control plane 1\$" "$work/out" || fail "the table of tunnels does not name it"
accept tunnel set snap0 "$second" --control-plane none
tunnel_of_second 'has("control-plane")' false
shows '."control-planes"' '[]'

# One tunnel alone is what it is among the others.
accept show snap0 --json
jq ".[0].tunnels | map(select(.id == $second))" "$work/out" >"$work/one"
accept show snap0 "$second" --json
diff <(jq . "$work/out") "$work/one" || fail "a tunnel alone is shown otherwise"
accept show snap0 "$second"
grep -qx "  tunnel $second: idle, pre-shared key" "$work/out" || fail "the tunnel is not told"
[[ $(grep -cE '^  (tunnel|identity)' "$work/out") == 1 ]] || fail "more than the tunnel is told"

# All devices together are each device alone; no secret is in either.
ip link add snap1 type snaptun
accept show --json
cp "$work/out" "$work/all"
accept show snap0 --json
cp "$work/out" "$work/snap0"
accept show snap1 --json
jq -es '.[0] == .[1] + .[2]' "$work/all" "$work/snap0" "$work/out" >/dev/null ||
	fail "show is not what it is for each device"
for secret in alice bob psk; do
	! grep -qF -- "$(<"$work/$secret")" "$work/all" || fail "the secret of $secret is shown"
done
accept show
grep -c '^device: ' "$work/out" | grep -qx 2 || fail "show does not show both devices"
ip link del snap0
ip link del snap1
accept show
[[ ! -s $work/out ]] || fail "there is something to show without a device"
accept show --json
[[ $(<"$work/out") == '[]' ]] || fail "no device is not an empty array"
