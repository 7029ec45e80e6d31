# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests of completion in zsh and fish share. Sourced.
# shellcheck source-path=SCRIPTDIR source=../helper/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../helper/lib.sh"
export LC_ALL=C.UTF-8 PATH=${snaptun%/*}:$PATH

# ask_shell zsh|fish: from now on that one is asked.
ask_shell() {
	local completions=$root/userspace/completion ask=$root/tests/unit/completion/ask.$1

	shell=$1
	case $shell in
	zsh) coproc SHELL_IN_USE { exec zsh -f "$ask" "$completions" "$work" 2>"$work/complaints"; } ;;
	fish) coproc SHELL_IN_USE { exec fish --no-config "$ask" "$completions" 2>"$work/complaints"; } ;;
	esac
}

# leave_shell: it has nothing to complain about.
leave_shell() {
	eval "exec ${SHELL_IN_USE[1]}>&-"
	wait "$SHELL_IN_USE_PID"
	[[ ! -s $work/complaints ]] || fail "$shell: $(<"$work/complaints")"
}

# offers LINE: what completion offers at the end of this line, in $answer.
offers() {
	printf '%s\n' "$1" >&"${SHELL_IN_USE[1]}"
	read -r -t 60 -u "${SHELL_IN_USE[0]}" answer || fail "$shell says nothing to \"$1\""
	answer=$(tr ' ' '\n' <<<"$answer" | LC_ALL=C sort -Vu | paste -sd' ')
}

# expect OFFERED LINE: these and no others. Of what stands after a "=", fish repeats
# what stands before, and files have their folder in it, which is both left out here.
expect() {
	local wanted

	offers "$2"
	wanted=$(tr ' ' '\n' <<<"$1" | LC_ALL=C sort -Vu | paste -sd' ')
	answer=$(sed -E 's,(^| )--[a-z0-9-]+=,\1,g; s,(^| )[^ ]*/([^ /]+),\1\2,g' <<<"$answer")
	[[ $answer == "$wanted" ]] || fail "$shell, \"$2\": offered are \"$answer\", not \"$wanted\""
}
