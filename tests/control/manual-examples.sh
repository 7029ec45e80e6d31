#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The examples of the manuals do what these show: each is taken from its page, typed as it
# stands there, and prints what the page says. Every option of the helper and every key of
# configuration files is told of in the manual of its command, and is in such an example.
#
# Keys, times, sizes, ports that the kernel chose and what else differs from one time to the
# other are made the same on both sides first, see `same`; all other words and numbers count.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

MANUALS=$ROOT/Documentation/man
TOOLS=$ROOT/tests/control/manual
SERVICES=(snap.example endhost.example aa.example discovery.example)
# What the machine itself is called.
MACHINE=access.example
FAR=(server office laptop)

# far_end NAME ADDRESS [PORT]: a device of another machine, with a key, down. Its underlay
# is theirs.
far_end() {
	make_key "$1"
	ip netns add "$1"
	ip -n them link add "$1" type snaptun
	them snaptun set "$1" --private-key-file "$WORK/$1.key" ${3:+--listen-port "$3"}
	ip -n them link set "$1" netns "$1" name snap0
	ip -n "$1" link set snap0 addrgenmode none
	ip -n "$1" address add "$2" dev snap0
}

# services: what a SNAP's users are told of, over https, by the tests' own control plane;
# data plane and registrations are those of the real one. Those of another AS, 1-ff00:0:120,
# find the real one alone.
services() {
	local names answers

	find_data_plane "$(control_plane 1)" "$(<"$WORK/token")" || fail "the SNAP does not answer"
	"$ROOT/tests/control/certificates" "$WORK/pki" 192.0.2.2 "${SERVICES[@]}" "$MACHINE"
	answers=$(jq -n --arg plane "$DATA_PLANE" --arg token "$(<"$WORK/token")" \
		--arg key "$(base64 -d <<<"$DATA_KEY" | od -An -v -tx1 | tr -d ' \n')" \
		--arg register "http://$(control_plane 1)" --argjson other $((0x0001ff0000000120)) '{
			data_plane: $plane, key: $key, control: "https://snap.example", token: $token,
			snaps: [{address: "https://snap.example"}, {address: $register, ases: [$other]}],
			apis: [["https://endhost.example"]],
			behave: {"*/RegisterSnapTunIdentity": [{forward: $register}]}}')
	script "$answers"
	start_control "web=192.0.2.2:443,$WORK/pki/good.pem,$WORK/pki/good.key"
	printf -v names ' %s' "${SERVICES[@]}" server.example
	printf '%s\n' "192.0.2.2$names" "192.0.2.1 $MACHINE" >>/etc/hosts
	cat "$WORK/pki/ca.pem" >>/etc/ssl/certs/ca-certificates.crt
}

# begin PAGE: all is there that the examples of that page presuppose, and nothing else.
begin() {
	local far words

	ip -n us link del snap0 2>/dev/null || true
	rm -rf /etc/snaptun /var/lib/snaptun
	for far in "${FAR[@]}"; do
		ip -n "$far" link set snap0 down
		while read -ra words; do
			ip netns exec "$far" snaptun "${words[@]}"
		done < <(ip netns exec "$far" snaptun show snap0 --json | jq -r '.[0] |
			(.tunnels[] | "tunnel del snap0 \(.id)"),
			(.identities[] | "identity del snap0 --key \(.key)")')
	done
	[[ $1 != snaptun-keys.8 ]] || return 0
	install -d -m 700 /etc/snaptun /run/snap
	install -m 600 "$WORK/machine.key" /etc/snaptun/snap0.key
	install -m 600 "$WORK/office.psk" /etc/snaptun/office.psk
	install -m 600 "$WORK/token" /run/snap/token
	(umask 077 && echo aakey_0123456789abcdef >/etc/snaptun/snap0.apikey)
	cp "$WORK/pki/ca.pem" /etc/snaptun/ca.pem
	cp "$WORK/pki/good.pem" /etc/snaptun/tls.pem
	cp "$WORK/pki/good.key" /etc/snaptun/tls.key
	for far in "${FAR[@]}"; do cp "$WORK/$far.pub" /etc/snaptun/; done
	ip netns exec server snaptun identity add snap0 --key "$(key machine)" --allowed-ips 10.9.0.2
	ip netns exec office snaptun identity add snap0 --key "$(key machine)" --allowed-ips 10.9.0.2 \
		--psk-file "$WORK/office.psk"
	ip -n server link set snap0 up
	ip -n office link set snap0 up
	ip -n office route replace 10.9.0.2 dev snap0
	[[ $1 == snaptun-identity.8 ]] || return 0
	ip netns exec laptop snaptun tunnel add snap0 --remote-key "$(key machine)" \
		--endpoint 192.0.2.1:5000 --local-port 6000 --keepalive 5 >/dev/null
	ip -n laptop link set snap0 up
}

# same: a transcript without what differs from one time to the other.
same() { expand | sed -E -f "$TOOLS/same.sed"; }

# shown STEPS: what the page shows, as `play` would print it.
shown() {
	sed -E '/^(file|line) /d; s/^command /# /; s/^(more|output) ?//' "$1"
}

# keys_of PAGE: those of the files that it describes.
keys_of() { sed -nE 's/^\.It Cm ([a-z0-9-]+) .*/\1/p' "$MANUALS/$1"; }

# used STEPS…: what is typed, one command a line, without those around it.
used() {
	sed -E -n '/^(command|more) /{s///;p}' "$@" | sed ':again; /\\$/{N;s/\\\n */ /;b again}' |
		sed 's/[;|&]/\n/g' | sed -E -n 's/^.*snaptun ([a-z])/\1/p'
}

topology
own_folders
start_network 1
new_token
services
far_end server 10.9.0.1/24 5000
far_end office 10.1.0.1/16 5001
far_end laptop 10.9.0.3/24
make_key machine
(umask 077 && snaptun genpsk >"$WORK/office.psk")
mount -t tmpfs tmpfs /usr/local/sbin
{
	printf '#!/bin/sh\n[ "$*" = "--device host 17" ] && cat %s\n' "$WORK/token"
} >/usr/local/sbin/snap-token
chmod 755 /usr/local/sbin/snap-token

status=0
for manual in "$MANUALS"/*.[0-9]; do
	page=${manual##*/}
	step "$page"
	awk -f "$TOOLS/steps.awk" "$manual" >"$WORK/$page.steps" || fail "$page: its examples cannot be read"
	grep -q '^command ' "$WORK/$page.steps" || fail "$page: there is no example"
	begin "$page"
	nsenter --net=/run/netns/us "$TOOLS/play" "$WORK/$page.steps" >"$WORK/$page.seen" ||
		fail "$page: the shell ended"
	shown "$WORK/$page.steps" | same >"$WORK/wanted"
	same <"$WORK/$page.seen" | diff -U 5 --label shown --label seen "$WORK/wanted" - || status=1
done
((status == 0)) || fail "examples show something else than what happens"

step "every option and key is told of, and is in an example"
used "$WORK"/*.steps >"$WORK/used"
mapfile -t keys < <(keys_of snaptun.conf.5)
mapfile -t served < <(keys_of snaptun-serve.8)
mapfile -t commands < <(snaptun --help | sed -nE 's/^  ([a-z]+( (add|set|del))?)  .*/\1/p')
((${#keys[@]} >= 30 && ${#served[@]} >= 15 && ${#commands[@]} >= 15)) ||
	fail "${#keys[@]} and ${#served[@]} keys, ${#commands[@]} commands"
# A key of both is a line in an example of each.
mapfile -t others < <(find "$WORK" -name '*.steps' ! -name 'snaptun-serve.8.*')
for key in "${keys[@]}"; do
	grep -qE "^line $key = " "${others[@]}" ||
		grep -qE -- "^(connect|daemon) .* --$key " "$WORK/used" || fail "no example has the key $key"
done
for key in "${served[@]}"; do
	grep -qE "^line $key = " "$WORK/snaptun-serve.8.steps" ||
		grep -qE -- "^serve .* --$key " "$WORK/used" || fail "no example of serve has the key $key"
done
for command in "${commands[@]}"; do
	grep -qE "^$command( |$)" "$WORK/used" || fail "no example has snaptun $command"
	# In the synopsis the command stands below the program's name.
	page=$(grep -lzP "\.Nm snaptun\n\.Cm ${command}[ \n]" "$MANUALS"/*.8) || fail "no page has snaptun $command"
	# What are keys, too, was asked for above.
	read -ra words <<<"$command"
	mapfile -t options < <(snaptun "${words[@]}" --help | sed '/^All keys of/,$d' |
		sed -nE 's/^  --([a-z0-9-]+) .*/\1/p')
	for option in "${options[@]}"; do
		grep -qE "Fl Fl $option\b" "$page" || fail "${page##*/} does not tell of --$option"
		grep -qE -- "^$command .*--$option( |$)" "$WORK/used" ||
			fail "no example has snaptun $command --$option"
	done
done
