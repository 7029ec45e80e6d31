#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A command line that makes no sense is refused with one line that says what and
# why; one that asks for help gets it.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

commands=(genkey genpsk pubkey set show monitor connect disconnect up down serve 'tunnel add' 'tunnel set' 'tunnel del'
	'identity add' 'identity set' 'identity del')
tunnel=(tunnel add nodevice --remote-key "$bob_public" --endpoint 192.0.2.1:1)
identity=(identity add nodevice --key "$bob_public")
tunnel_set=(tunnel set nodevice 1)
identity_set=(identity set nodevice --key "$bob_public")
missing='nodevice: No such device'

# Help.
for call in --help help; do
	accept "$call"
	for command in "${commands[@]}"; do
		grep -q "^  $command  " "$work/out" || fail "$command is not in the list"
	done
done
for command in "${commands[@]}"; do
	read -ra words <<<"$command"
	accept "${words[@]}" --help
	grep -q "^Usage: snaptun $command" "$work/out" || fail "$command --help: no usage"
	[[ $command == gen* || $command == pubkey ]] || accept "${words[@]}" nodevice --help
done
call --help
"$snaptun" --help >/dev/full 2>"$work/err" && fail "help to a full device is a success"
grep -qF 'standard output: No space left' "$work/err" || fail "help to a full device: no reason"

# Commands.
refuse 2 'a command is missing'
refuse 2 'unknown command "frobnicate"' frobnicate
refuse 2 'unknown command "gen"' gen
refuse 2 'unknown command ""' ''
refuse 2 'unknown command "--json"' --json
refuse 2 'unknown command "tunnel add"' 'tunnel add'
refuse 2 'unknown command "a\x0ab\x1b[1m"' $'a\nb\e[1m'
accept --version
[[ $(<"$work/out") == "snaptun $(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$root/dkms.conf")" ]] ||
	fail "--version: not the version of dkms.conf"
for words in -h 'tunnel --help' 'identity --help'; do
	read -ra words <<<"$words"
	accept "${words[@]}"
	grep -q '^  tunnel add ' "$work/out" || fail "${words[*]}: no list of commands"
done
refuse 2 'tunnel: add, set or del must follow' tunnel
refuse 2 'tunnel: add, set or del must follow' tunnel frobnicate
refuse 2 'identity: add, set or del must follow' identity addx

# Operands.
for command in genkey genpsk pubkey; do
	refuse 2 "$command: unexpected argument x" "$command" x </dev/null
done
refuse 2 'set: too few arguments; usage: snaptun set DEV' set --fwmark 1
refuse 2 'unexpected argument b' set a b --fwmark 1
refuse 2 'unexpected argument c' show a 1 c
refuse 2 'unexpected argument --json' show a 1 -- --json
refuse 2 'unexpected argument b' monitor a b
refuse 2 'unexpected argument b' connect a b
refuse 2 'unexpected argument b' disconnect a b
refuse 2 'unexpected argument b' up a b
refuse 2 'unexpected argument b' down a b
for command in connect disconnect up down; do refuse 2 'too few arguments' "$command"; done
refuse 2 'too few arguments' tunnel add --remote-key "$bob_public"
refuse 2 'too few arguments' tunnel del
refuse 2 'too few arguments' tunnel del nodevice
refuse 2 'unexpected argument 2' tunnel del nodevice 1 2
refuse 2 'too few arguments' tunnel set nodevice --default on
refuse 2 'unexpected argument 2' tunnel set nodevice 1 2 --default on
refuse 2 'too few arguments' identity set --key "$bob_public" --keepalive 1
refuse 2 'too few arguments' identity add --key "$bob_public"
refuse 2 'too few arguments' identity del --key "$bob_public"
for name in '' abcdefghijklmnop "$(printf '%5000s' '')"; do
	refuse 2 'is no device name' show "$name"
	refuse 2 'is no device name' monitor "$name"
done
refuse 3 'abcdefghijklmno: No such device' show abcdefghijklmno
for name in '' . .. a/b 'a b' a:b abcdefghijklmnop; do
	refuse 2 'is no name of a network device' up "$name"
	refuse 2 'is no name of a network device' down "$name"
done
refuse 3 'configuration /etc/snaptun/nosuchfile.conf: No such file' up nosuchfile
accept down nodevice

# Options.
refuse 2 'unknown option --frobnicate' show --frobnicate
refuse 2 'unknown option --frobnicate' show --frobnicate=1
refuse 2 'unknown option -j' show -j
refuse 2 'unknown option --jso' show --jso
refuse 2 'unknown option --help' show --help=1
refuse 2 '--json takes no argument' show --json=1
refuse 2 '--fwmark needs an argument' set nodevice --fwmark
refuse 2 'nothing to set' set nodevice
refuse 2 'nothing to set' "${tunnel_set[@]}"
refuse 2 'nothing to set' "${identity_set[@]}"
refuse 2 'exclude each other' "${tunnel_set[@]}" --remove-psk --psk-file /dev/null
refuse 2 'exclude each other' "${identity_set[@]}" --remove-psk --psk-file /dev/null
refuse 2 'unknown option --remove-psk' "${tunnel[@]}" --remove-psk
refuse 2 'unknown option --remove-psk' "${identity[@]}" --remove-psk
refuse 2 'unknown option --endpoint' "${tunnel_set[@]}" --endpoint 192.0.2.1:1
refuse 2 'unknown option --fixed-address' "${identity_set[@]}" --fixed-address on
for options in '--json --brief' '--brief --details' '--details --json'; do
	read -ra options <<<"$options"
	refuse 2 '--json, --brief and --details exclude each other' show "${options[@]}"
	refuse 2 '--json, --brief and --details exclude each other' show nodevice 1 "${options[@]}"
done
refuse 3 "$missing" show nodevice --brief --brief
refuse 3 "$missing" monitor nodevice --json
refuse 3 "$missing" "${tunnel_set[@]}" --remove-psk
refuse 3 "$missing" "${identity_set[@]}" --remove-psk
refuse 2 'exclude each other' set nodevice --remove-private-key --private-key-file /dev/null
refuse 2 '--remote-key is missing' tunnel add nodevice
refuse 2 '--endpoint is missing' tunnel add nodevice --remote-key "$bob_public"
refuse 2 '--key is missing' identity add nodevice
refuse 2 '--key is missing' identity del nodevice
refuse 2 '--key is missing' identity set nodevice --keepalive 1
for key in '' x "${bob_public%=}" "$bob_public=" "${bob_public/3/ }" "${bob_public/IK08/IK09}"; do
	refuse 2 '--remote-key: not a key, which is 44 characters of base64' \
		tunnel add nodevice --remote-key "$key"
	refuse 2 '--key: not a key' identity add nodevice --key "$key"
	refuse 2 '--key: not a key' identity del nodevice --key "$key"
	refuse 2 '--key: not a key' identity set nodevice --key "$key" --keepalive 1
done

# Options and operands may stand anywhere, also where the environment says no.
refuse 3 "$missing" set --fwmark 1 nodevice
POSIXLY_CORRECT=1 refuse 3 "$missing" set nodevice --fwmark=1
refuse 3 "$missing" set --fwmark=1 -- nodevice

# number LAST-GOOD OPTION…: the option takes numbers from 0 to LAST-GOOD.
number() {
	local last=$1 bad

	shift
	for good in 0 1 007 "$last"; do refuse 3 "$missing" "$@" "$good"; done
	for bad in '' ' ' -1 +1 ' 1' '1 ' 1x 0x1 1.0 1e3 one ١ $((last + 1)) \
		18446744073709551616 99999999999999999999999; do
		refuse 2 "${*: -1}: \"$bad\" is n" "$@" "$bad"
	done
}

for text in '' -1 1.5 86401; do
	refuse 2 "--timeout: \"$text\" is no number from 0 to 86400" up nosuchfile --timeout "$text"
done
refuse 3 nosuchfile.conf up nosuchfile --timeout 86400 --json --quiet --no-connect
refuse 2 'unknown option --mtu' up nosuchfile --mtu 1400
number 65535 set nodevice --listen-port
number 65535 "${tunnel[@]}" --local-port
number 65535 "${tunnel[@]}" --keepalive
number 65535 "${identity[@]}" --keepalive
number 65535 "${tunnel_set[@]}" --keepalive
number 65535 "${identity_set[@]}" --keepalive
number 4294967295 set nodevice --max-tunnels
for option in handshake-rate source-rate source-burst max-identity-tunnels; do
	for text in 1 007 4294967295; do refuse 3 "$missing" set nodevice "--$option" "$text"; done
	for text in '' 0 -1 1x off 4294967296; do
		refuse 2 "--$option: \"$text\" is no number from 1 to 4294967295" set nodevice "--$option" "$text"
	done
done
for text in 1 4294967295 none; do refuse 3 "$missing" set nodevice --default-tunnel "$text"; done
for text in '' 0 -1 off 4294967296 1x; do
	refuse 2 "--default-tunnel: \"$text\" is neither \"none\" nor the id of a tunnel" \
		set nodevice --default-tunnel "$text"
done
for text in 0 1 4294967295 0x0 0xffffffff 0xABCDEF 0X1 off; do
	[[ $text == 0X1 ]] || refuse 3 "$missing" set nodevice --fwmark "$text"
done
for text in '' -1 0x 0X1 0x100000000 0xfg 0x-1 4294967296 on '0x 1'; do
	refuse 2 "--fwmark: \"$text\" is neither \"off\" nor a number" set nodevice --fwmark "$text"
done
for text in 0 1 4294967295; do
	refuse 3 "$missing" tunnel del nodevice "$text"
	refuse 3 "$missing" tunnel set nodevice "$text" --default on
	refuse 3 "$missing" show nodevice "$text"
done
for text in '' -1 0x1 4294967296 1x; do
	refuse 2 "id: \"$text\" is no number" tunnel del nodevice -- "$text"
	refuse 2 "id: \"$text\" is no number" tunnel set --default on -- nodevice "$text"
	refuse 2 "id: \"$text\" is no number" show -- nodevice "$text"
done
for words in "${tunnel[*]} --fixed-address" "${tunnel_set[*]} --fixed-address" "${tunnel_set[*]} --default"; do
	read -ra words <<<"$words"
	for text in on off; do refuse 3 "$missing" "${words[@]}" "$text"; done
	for text in '' 1 ON onn none; do
		refuse 2 "${words[-1]}: \"$text\" is neither \"on\" nor \"off\"" "${words[@]}" "$text"
	done
done
for words in "${tunnel[*]}" "${identity[*]}" "${tunnel_set[*]}" "${identity_set[*]}"; do
	read -ra words <<<"$words"
	refuse 3 "$missing" "${words[@]}" --keepalive off
	for text in 1232 65493; do refuse 3 "$missing" "${words[@]}" --burst-limit "$text"; done
	for text in 0 1231 65494 off; do
		refuse 2 "--burst-limit: \"$text\" is no number from 1232 to 65493" \
			"${words[@]}" --burst-limit "$text"
	done
	for text in on off; do refuse 3 "$missing" "${words[@]}" --answer-keepalives "$text"; done
	for text in '' 1 ON onn; do
		refuse 2 "--answer-keepalives: \"$text\" is neither" \
			"${words[@]}" --answer-keepalives "$text"
	done
done

# Control planes; what a URL is the kernel judges.
long=$(printf '%02048d' 0)
for words in "${tunnel[*]}" "${tunnel_set[*]}"; do
	read -ra words <<<"$words"
	for text in https://a none "$long"; do refuse 3 "$missing" "${words[@]}" --control-plane "$text"; done
	refuse 2 '--control-plane: the URL is empty' "${words[@]}" --control-plane ''
	refuse 2 '--control-plane: longer than 2048 characters' "${words[@]}" --control-plane "${long}0"
done
refuse 2 'unknown option --control-plane' "${identity_set[@]}" --control-plane https://a

# How long an identity is authorised.
for words in "${identity[*]}" "${identity_set[*]}"; do
	read -ra words <<<"$words"
	for text in 1 007 4294967295 unlimited; do refuse 3 "$missing" "${words[@]}" --lifetime "$text"; done
	for text in '' ' ' -1 1x 0x1 1.0 off none 4294967296; do
		refuse 2 "--lifetime: \"$text\" is neither \"unlimited\" nor a number of seconds up to 4294967295" \
			"${words[@]}" --lifetime "$text"
	done
	for text in '' x "${long:0:32}"; do refuse 3 "$missing" "${words[@]}" --lifetime 1 --tag "$text"; done
	refuse 2 '--tag: longer than 32 bytes' "${words[@]}" --lifetime 1 --tag "${long:0:33}"
	refuse 2 '--tag takes --lifetime as well' "${words[@]}" --tag x
done
refuse 3 "$missing" "${identity_set[@]}" --lifetime 0
refuse 2 'a new identity is authorised for 1 second or more' "${identity[@]}" --lifetime 0

# A control plane: what it takes, and what goes together.
refuse 2 'a device or --config is missing' serve
refuse 2 'a device or --config is missing' serve --listen-port 5000
refuse 2 'are in the file of --config' serve nodevice --config "$work/none"
refuse 2 'are in the file of --config' serve --mtu 1400 --config "$work/none"
refuse 2 'unexpected argument b' serve a b
refuse 2 'unknown option --device' serve --device nodevice
refuse 2 'unknown option --snap' serve nodevice --snap https://a
refuse 3 "$work/none: No such file" serve --config "$work/none"
served=(--listen-port 5000 --data-plane 192.0.2.2:5000 --control-listen 127.0.0.1:7001)
for i in 0 2 4; do
	refuse 2 "${served[i]#--} is missing" serve nodevice "${served[@]:0:i}" "${served[@]:i + 2}"
done
refuse 2 'token-key-file or jwks-file is missing' serve nodevice "${served[@]}"
served+=(--token-key-file "$work/none")
for name in . a/b abcdefghijklmnop; do
	refuse 2 'is no name of a network device' serve "$name" "${served[@]}"
done
refuse 2 'listen-port: clients cannot find' serve nodevice "${served[@]}" --listen-port 0
refuse 2 'tls-certificate-file and tls-key-file go together' serve nodevice "${served[@]}" --tls-key-file x
refuse 2 'tls-certificate-file and tls-key-file go together' serve nodevice "${served[@]}" --tls-certificate-file x
for text in 192.0.2.2:7001 '[2001:db8::1]:7001' 0.0.0.0:7001 '[::]:7001'; do
	refuse 2 'tokens would come in the clear' serve nodevice "${served[@]}" --control-listen "$text"
done
for text in 0.0.0.0:7001 '[::]:7001'; do
	refuse 2 'control-url is missing' serve nodevice "${served[@]}" --insecure-http on --control-listen "$text"
done

# What a person gets to see has no newline or escape sequence of the argument.
refuse 2 '\x1b[31m\x0a' set nodevice --fwmark $'\e[31m\n'
