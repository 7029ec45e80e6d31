#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion offers every subcommand and every option that --help tells of, and the
# values that an option can have.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"
export LC_ALL=C

# Where the package bash-completion is there, the functions have to live with it.
set +eu
# shellcheck source=/dev/null
[[ ! -r /usr/share/bash-completion/bash_completion ]] || . /usr/share/bash-completion/bash_completion
set -eu
# shellcheck source-path=SCRIPTDIR source=../../userspace/completion/snaptun.bash
. "$root/userspace/completion/snaptun.bash"
[[ $(complete -p snaptun) == 'complete -F _snaptun snaptun' ]] || fail "it is not registered"

# offers WORD…: what completion offers for the last of these words, in $answer.
offers() {
	# shellcheck disable=SC2034 # what bash tells a completion
	COMP_WORDS=(snaptun "$@") COMP_CWORD=$#
	COMPREPLY=()
	_snaptun "$snaptun" "${*: -1}" "${COMP_WORDS[COMP_CWORD - 1]}"
	answer=$(printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd' ')
}

# expect OFFERED WORD…: they are these and no others.
expect() {
	offers "${@:2}"
	[[ $answer == "$1" ]] || fail "snaptun ${*:2}: offered are \"$answer\", not \"$1\""
}

accept --help
mapfile -t commands < <(sed -nE 's/^  ([a-z]+( [a-z]+)?)  .*/\1/p' "$work/out")
((${#commands[@]} >= 12)) || fail "only ${#commands[@]} commands"
expect "--help --version $(printf '%s\n' "${commands[@]%% *}" | sort -u | paste -sd' ')" ''
for command in "${commands[@]}"; do
	read -ra words <<<"$command"
	offers "${words[@]:0:${#words[@]} - 1}" "${words[-1]}"
	[[ " $answer " == *" ${words[-1]} "* ]] || fail "$command is not offered"
	accept "${words[@]}" --help
	options=$({ sed -nE 's/^  (--[a-z0-9-]+).*/\1/p' "$work/out"; echo --help; } | sort | paste -sd' ')
	expect "$options" "${words[@]}" --
	expect "$options" "${words[@]}" nodevice 1 --
done

# Part of a word, and what cannot be gone on with.
expect 'serve set show' s
expect '--help add del set' tunnel ''
expect '--help --version' --
expect '--fixed-address' tunnel set snap0 1 --f
expect '' frobnicate
expect '' frobnicate x ''
expect '' tunnel frobnicate ''
expect '' show --frobnicate

# Values, also those that stand after a "=".
expect 'off on' tunnel set snap0 1 --answer-keepalives ''
expect 'off' tunnel set snap0 1 --answer-keepalives of
expect 'off on' tunnel set snap0 1 --default = o
expect 'off on' tunnel set snap0 1 --default =
expect 'off' identity add snap0 --keepalive ''
expect 'none' set snap0 --default-tunnel ''
expect 'none' identity set snap0 --allowed-ips ''
expect 'none' tunnel set snap0 1 --control-plane ''
expect '' tunnel add snap0 --control-plane ''
expect 'unlimited' identity add snap0 --lifetime ''
expect '' set snap0 --listen-port ''
# What follows an option without a value is no value.
expect '--allowed-ips --answer-keepalives' tunnel add snap0 --default --a
mkdir "$work/keys"
touch "$work/keys/one.key" "$work/keys/two.key" "$work/other"
expect "$work/keys/one.key $work/keys/two.key" set snap0 --private-key-file "$work/keys/"
expect "$work/keys" tunnel add snap0 --psk-file = "$work/k"
expect "$work/keys/one.key $work/keys/two.key" serve --config "$work/keys/"
expect 'off on' serve snap0 --insecure-http ''

# Bash itself, asked for a completion as a person would.
if command -v script >/dev/null; then
	# shellcheck disable=SC2016 # that shell's PATH
	printf 'PS1=\nPATH=%q:$PATH\n. %q\nsnaptun monitor --he\t >%q\nexit\n' "${snaptun%/*}" \
		"$root/userspace/completion/snaptun.bash" "$work/typed" >"$work/keyboard"
	script -qec 'bash --norc --noprofile -i' /dev/null <"$work/keyboard" >"$work/out" 2>&1 || true
	grep -q '^Usage: snaptun monitor' "$work/typed" || fail "bash does not complete"
fi
