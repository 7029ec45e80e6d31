#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In zsh and fish completion offers every subcommand and every option that --help tells
# of, and the values that an option can have.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=completion/lib.sh
. "$(dirname "$0")/completion/lib.sh"

bash -c '. "$1" && need zsh fish' - "$root/tests/testbed/lib.sh"
accept --help
mapfile -t commands < <(sed -nE 's/^  ([a-z]+( [a-z]+)?)  .*/\1/p' "$work/out")
((${#commands[@]} >= 12)) || fail "only ${#commands[@]} commands"
mkdir "$work/keys"
touch "$work/keys/one.key" "$work/keys/two.key"

for shell in zsh fish; do
	ask_shell "$shell"
	expect "--help --version ${commands[*]%% *}" 'snaptun '
	for command in "${commands[@]}"; do
		read -ra words <<<"$command"
		offers "snaptun $command"
		[[ " $answer " == *" ${words[-1]} "* ]] || fail "$shell does not offer $command"
		accept "${words[@]}" --help
		options=$({ sed -nE 's/^  (--[a-z0-9-]+).*/\1/p' "$work/out"; echo --help; } | paste -sd' ')
		expect "$options" "snaptun $command --"
	done

	# Part of a word, and what cannot be gone on with.
	expect 'serve set show' 'snaptun s'
	expect '--help add del set' 'snaptun tunnel '
	expect '--fixed-address' 'snaptun tunnel set snap0 1 --f'
	expect '--help' 'snaptun genkey '
	expect '' 'snaptun frobnicate '
	expect '' 'snaptun frobnicate x '
	expect '' 'snaptun tunnel frobnicate '

	# Values, also those that stand after a "=".
	expect 'off on' 'snaptun tunnel set snap0 1 --answer-keepalives '
	expect 'off on' 'snaptun tunnel set snap0 1 --default=o'
	expect 'off' 'snaptun identity add snap0 --keepalive '
	expect 'none' 'snaptun identity set snap0 --allowed-ips '
	expect 'unlimited' 'snaptun identity add snap0 --lifetime '
	expect '' 'snaptun set snap0 --listen-port '
	# What follows an option without a value is no value.
	expect '--allowed-ips --answer-keepalives' 'snaptun tunnel add snap0 --default --a'
	expect 'one.key two.key' "snaptun set snap0 --private-key-file $work/keys/"
	expect 'one.key two.key' "snaptun tunnel add snap0 --psk-file=$work/keys/"
	expect 'one.key two.key' "snaptun serve --config $work/keys/"
	expect 'off on' 'snaptun serve snap0 --insecure-http '

	leave_shell
done
