#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion offers the devices of this network namespace to everybody, and ids and keys
# to who may ask the module for them.
#
# kernels: uml
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

# Where everybody can read them, whatever folder the tree is in.
install -D -m 755 -t "$work" "$snaptun" "$snaptun-control"
install -D -m 644 "$root/userspace/completion/snaptun.bash" "$work/completion"
chmod 755 "$work"

ip link add snap0 type snaptun
ip link add other type snaptun
ip link add dummy7 type dummy
for port in {1..12}; do
	accept tunnel add snap0 --remote-key "$bob_public" --endpoint "192.0.2.1:$port"
done
accept tunnel del snap0 3
accept identity add snap0 --key "$bob_public"
accept identity add snap0 --key "$alice_public"

# expect AS OFFERED WORD…: these and no others are offered for the last word.
expect() {
	local offered

	# The function runs in a shell of that user.
	# shellcheck disable=SC2016
	offered=$($1 bash -c '. "$1"
		program=$2
		shift 2
		COMP_WORDS=(snaptun "$@") COMP_CWORD=$#
		_snaptun "$program" "${*: -1}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"' - \
		"$work/completion" "$work/snaptun" "${@:3}" | LC_ALL=C sort -V | paste -sd' ')
	[[ $offered == "$2" ]] || fail "${1:-root}: snaptun ${*:3}: offered are \"$offered\", not \"$2\""
}

# Names of configuration files, where / is the machine's.
cp -a /etc "$work/etc"
mount --bind "$work/etc" /etc
rm -rf /etc/snaptun
expect '' '' up ''
mkdir -m 700 /etc/snaptun
touch /etc/snaptun/{snap0,snap5}.conf /etc/snaptun/snap0.key

nobody='setpriv --reuid 65534 --regid 65534 --clear-groups'
ids='1 2 4 5 6 7 8 9 10 11 12'
keys=$(printf '%s\n' "$bob_public" "$alice_public" | LC_ALL=C sort -V | paste -sd' ')
for as in '' "$nobody"; do
	for command in show monitor set connect disconnect down serve 'tunnel add' 'tunnel set' 'tunnel del' 'identity add' 'identity set' 'identity del'; do
		read -ra words <<<"$command"
		expect "$as" 'other snap0' "${words[@]}" ''
	done
	expect "$as" 'snap0' show s
	expect "$as" 'snap0' serve --quiet s
	expect "$as" '' show d
	expect "$as" 'other snap0' show --json ''
	expect "$as" 'other snap0' identity add --key "$bob_public" ''
done
expect '' "$ids" show snap0 ''
expect '' "$ids" tunnel del snap0 ''
expect '' '1 10 11 12' tunnel set snap0 1
expect '' "$ids none" set snap0 --default-tunnel ''
expect '' "$keys" identity del snap0 --key ''
expect '' "$bob_public" identity set snap0 --key "${bob_public:0:3}"
expect '' '' show other ''
expect '' 'snap0 snap5' up ''
expect '' 'snap5' up --quiet snap5
expect '' 'other snap0 snap5' daemon ''
expect '' 'snap0 snap5' daemon snap5 ''
expect '' '--no-connect' up snap5 --n
expect "$nobody" '' up ''
expect "$nobody" '' show snap0 ''
expect "$nobody" 'none' set snap0 --default-tunnel ''
