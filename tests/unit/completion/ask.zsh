# SPDX-License-Identifier: GPL-2.0-or-later
# What zsh offers: for each line of standard input, the beginning of a command, a line
# with the words that completion offers there.
#
# usage: zsh -f ask.zsh FOLDER WORK    completions are in FOLDER, files go to WORK
#
# A shell in a pseudo-terminal completes, as for a person; what it adds to the list is
# seen on the way.
zmodload zsh/zpty || exit

cat >$2/setup.zsh <<END
PS1= RPS1= all=(\$fpath)
# It reads each file there, which takes long where opening files does.
fpath=(${(q)1} \${(M)fpath:#*/Completion(|/Base)})
autoload -Uz compinit && compinit -D -u
fpath+=(\$all)
autoload -Uz _files _path_files _list_files
compadd() {

	local -a hits
	# These do not offer, but look.
	[[ \${@[1,(i)(-|--)]} != *-[OAD]\ * ]] || { builtin compadd "\$@"; return }
	builtin compadd -A hits "\$@"
	print -rl -- \$hits >>${(q)2}/offered
	builtin compadd "\$@"
}
answer() {
	_main_complete
	print end >>${(q)2}/offered
}
zle -C answer list-choices answer
bindkey '^I' answer
END

zpty shell "TERM=dumb zsh -f -i"
zpty -w shell "source ${(q)2}/setup.zsh"
while IFS= read -r line; do
	: >$2/offered
	# Ctrl-U takes back the line before.
	zpty -w -n shell $'\x15'$line$'\t'
	for ((tries = 0; tries < 500; tries++)); do
		while zpty -r -t shell output; do print -rn -- $output >>$2/zsh.log; done
		! grep -qx end $2/offered || break
		sleep 0.02
	done
	print -r -- ${(f)"$(grep -vx end $2/offered)"}
done
