#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The hooks that `make install` gives ifupdown: ifup makes a device of options snaptun-KEY, or
# of its file in /etc/snaptun, and a daemon connects it; ifdown takes all of it away. What is
# wrong with options stops ifup, says why and leaves nothing. Other interfaces do not notice.
# Without systemd, by Debian's own ifup and ifdown.
#
# kernels: host
# needs: uml
set -euo pipefail
tree=$(cd "$(dirname "$0")/../.." && pwd -P)

# On the machine: ifupdown, unpacked but not installed, and what `make install` installs.
if [[ -z ${SNAPTUN_KERNEL:-} ]]; then
	# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
	. "$tree/tests/testbed/lib.sh"
	folder=$TB_BUILD/install-ifupdown
	rm -rf "$folder"
	mkdir -p "$folder"
	apt_suites bookworm
	make_ifupdown() { apt_unpack "$1" ifupdown; }
	cp -a "$(cached ifupdown "$(hash_of "$(apt_field ifupdown Version)")" make_ifupdown)/sbin" "$folder"
	MODULE=none DESTDIR=$folder/root "$tree/scripts/install"
	SNAPTUN_FOLDER=$folder exec "$tree/tests/testbed/run" uml "$0"
fi

# shellcheck source-path=SCRIPTDIR source=../control/scripted.sh disable=SC2119
. "$tree/tests/control/scripted.sh"
topology
control 2
ip -n us link del snap0
ip -n them address add 10.9.0.2/24 dev snap0
own_folders
mkdir -p /etc/network /run/network
cp -a "$SNAPTUN_FOLDER/root/etc/network/." /etc/network
mkdir -p /etc/network/if-{up,down}.d
mount --bind "$SNAPTUN_FOLDER/root/usr/local/sbin" /usr/local/sbin
PATH=$SNAPTUN_FOLDER/sbin:/usr/local/sbin:$PATH
[[ $(command -v snaptun) == /usr/local/* ]] || fail "what was installed is not what runs"

# interfaces LINE…: what interfaces(5) says, of snap0 unless there is another line.
interfaces() { printf '%s\n' "$@" >/etc/network/interfaces; }

# own OPTION…: the stanza that most steps begin with.
own() {
	interfaces 'iface snap0 inet static' 'address 10.9.0.1/24' \
		"snaptun-private-key-file $WORK/us.key" "$@"
}
token="snaptun-token-file $WORK/token"

there() { [[ -e /run/netns/us ]] && ip -n us link show snap0 >/dev/null 2>&1; }

daemons() { pgrep -cx snaptun-control || true; }

no_daemon() { (($(daemons) == 0)); }

# nothing: neither device, daemon nor configuration is left.
nothing() {
	! there || fail "$1: there is a device"
	within 5 no_daemon || fail "$1: there is a daemon"
	expect "$1: files" "$(find /run/snaptun -type f ! -name '*.lock' 2>/dev/null)" ''
}

# refused TEXT: ifup fails with these words, and leaves nothing.
refused() {
	us ifup snap0 >"$WORK/ifup.log" 2>&1 && fail "ifup succeeds, which should say: $1"
	logged ifup "$1" || fail "ifup does not say: $1"
	nothing "after $1"
}

step "an interface by its options"
own "snaptun-snap $(url 1)   $(url 2)" "$token" 'snaptun-mtu 1400' 'snaptun-keepalive 25' \
	'snaptun-route 10.10.0.0/16, 10.11.0.0/16,10.12.0.0/16 10.13.0.0/16' \
	'snaptun-address fd00:9::1/64' 'snaptun-http2 off' 'snaptun-retry-base 0.5' \
	'snaptun-device-id-is-none no'
refused '/run/snaptun/snap0.conf:[0-9]*: unknown key "device-id-is-none"'
sed -i '/-is-none/d' /etc/network/interfaces
us ifup snap0 || fail "ifup: status $?"
expect "the file" "$(grep -v '^#' /run/snaptun/snap0.conf | sort)" "$(sort <<-END
	private-key-file = $WORK/us.key
	snap = $(url 1)
	snap = $(url 2)
	token-file = $WORK/token
	mtu = 1400
	keepalive = 25
	route = 10.10.0.0/16
	route = 10.11.0.0/16
	route = 10.12.0.0/16
	route = 10.13.0.0/16
	address = fd00:9::1/64
	http2 = off
	retry-base = 0.5
END
)"
expect "its mode" "$(stat -c %a /run/snaptun/snap0.conf)" 600
within 20 established 2 || fail "tunnels: $(tunnels)"
expect "control planes" "$(planes)" "$(url 1)/ registered 1"$'\n'"$(url 2)/ registered 1"
expect "daemons" "$(daemons)" 1
[[ $(us ip -o address show dev snap0) == *" 10.9.0.1/24 "* ]] || fail "no address of ifupdown"
[[ $(us ip -o address show dev snap0) == *" fd00:9::1/64 "* ]] || fail "no address of an option"
expect "routes" "$(us ip route show dev snap0 | grep -c '^10\.1[0-3]\.0\.0/16')" 4
expect "files beside it" "$(find /run/snaptun -name 'snap0*' ! -name '*.lock' -printf '%f ')" \
	"$(find /run/snaptun -name snap0.conf -printf '%f ' -o -name snap0.pid -printf '%f ')"

step "down"
us ifdown snap0 || fail "ifdown: status $?"
nothing "after ifdown"

step "packets, and a second time"
own "snaptun-snap $(url 1)" "$token"
us ifup snap0 || fail "ifup: status $?"
within 20 established 1 || fail "tunnels: $(tunnels)"
us ping -c 3 -W 5 10.9.0.2 >/dev/null || fail "no packets pass"
us ifdown snap0 || fail "ifdown: status $?"
nothing "after ifdown"

step "a second stanza, for the other family"
interfaces 'iface snap0 inet static' 'address 10.9.0.1/24' "snaptun-snap $(url 1)" "$token" \
	"snaptun-private-key-file $WORK/us.key" \
	'iface snap0 inet6 static' 'address fd00:9::2/64' 'dad-attempts 0'
us ifup snap0 || fail "ifup: status $?"
for address in 10.9.0.1/24 fd00:9::2/64; do
	[[ $(us ip -o address show dev snap0) == *" $address "* ]] || fail "no $address"
done
expect "daemons" "$(daemons)" 1
us ifdown snap0 || fail "ifdown: status $?"
nothing "after ifdown"

step "options of a stanza that was changed meanwhile, and a device that is gone"
us ifup snap0 || fail "ifup: status $?"
sed -i '/^snaptun/d' /etc/network/interfaces
us ifdown snap0 || fail "ifdown: status $?"
nothing "after options went"
own "snaptun-snap $(url 1)" "$token"
us ifup snap0 || fail "ifup: status $?"
us ip link del snap0
us ifdown snap0 >/dev/null 2>&1 || fail "ifdown: status $?"
nothing "after the device went"

step "a file in /etc"
interfaces 'iface snap0 inet manual' 'snaptun-config yes'
refused 'there is no /etc/snaptun/snap0.conf'
configure "snap = $(url 2)" "token-file = $WORK/token"
us ifup snap0 || fail "ifup: status $?"
within 20 established 1 || fail "tunnels: $(tunnels)"
expect "control planes" "$(planes)" "$(url 2)/ registered 1"
[[ ! -e /run/snaptun/snap0.conf ]] || fail "there is another file"
us ifdown snap0 || fail "ifdown: status $?"
nothing "after ifdown"

step "what is wrong"
own "snaptun-snap $(url 1)" "$token"
refused 'there is /etc/snaptun/snap0.conf: say snaptun-config yes'
interfaces 'iface snap0 inet manual' 'snaptun-config yes' "$token"
refused 'there are other options beside snaptun-config'
interfaces 'iface snap0 inet manual' 'snaptun-config maybe'
refused '"maybe" is not yes'
rm /etc/snaptun/snap0.conf
own "$token"
refused 'there is no way to a SNAP'
own "snaptun-snap $(url 1)" "$token" 'snaptun-mtu 100'
refused 'mtu: "100" is no number'
own "snaptun-snap $(url 1)" "$token" 'snaptun-route *'
refused 'route: "\*" '
own "snaptun-snap $(url 1)" "$token" 'snaptun-token-command /bin/cat'
refused 'token-file, token-command and aa exclude each other'

step "interfaces of others"
us ip link add dummy9 type dummy
interfaces 'iface dummy9 inet manual'
us ifup dummy9 || fail "ifup: status $?"
us ifdown dummy9 || fail "ifdown: status $?"
nothing "beside another interface"

step "keys that can be given again are those of the command"
us snaptun connect --help >"$WORK/help.log"
expect "keys" "$(sed -n 's/^  --\([a-z-]*\) .*can be given again$/\1/p' "$WORK/help.log" | sort | paste -sd' ')" \
	'address endhost-api route snap'
expect "in the hook" "$(grep -oE $'^\t\t(endhost-api \\| snap|address \\| route)\\)' \
	/etc/network/if-pre-up.d/snaptun | wc -l)" 2
