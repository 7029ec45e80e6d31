# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Types what a page of Documentation/ shows, on hosts that are namespaces.
#
# Sourced, after what makes the hosts. A page shows, indented, lines such as
#
#	client# snaptun pubkey <snap0.key       a command, as typed on that host
#	client# snaptun set snap0 \
#	    --listen-port 5000                  one that goes on
#	client# cat >file <<END
#	> text                                  and its further lines
#	10.9.0.1                                some of what it says, in that order
#
# Numbers and blanks may differ from what is shown. A key that a command shows takes the
# place of the page's in what follows. Who looks may have to look again: what `snaptun show`
# is to say may come later. A command fails only where the page shows an error of it.

# What of the page is something else here, keys above all.
declare -A OURS=()

# terminals HOST…: each host gets folders of its own. Called once, before anything is typed.
terminals() {
	local host

	own_folders
	for host; do
		mkdir -p "$WORK/$host/etc" "$WORK/$host/lib"
		# shellcheck disable=SC2016 # for another shell
		background "$host" "$host" unshare --mount bash -c '
			mount --bind "$1/etc" /etc/snaptun && mount --bind "$1/lib" /var/lib &&
				mount -t tracefs tracefs /sys/kernel/tracing &&
				echo ready && exec sleep infinity' - "$WORK/$host"
		within 10 logged "$host" '^ready$' || fail "$host gets no folders"
	done
}

# as_shown LINE…: each without what may differ.
as_shown() {
	printf '%s\n' "$@" | sed -E 's,[A-Za-z0-9+/]{43}=,KEY,g; s/[0-9]+/N/g
		s/(second|minute|hour)s/\1/g; s/[[:space:]]+/ /g; s/^ //; s/ $//'
}

# note_key LINE SAID: the key in a line of the page, if one is there, stands for what was said.
note_key() {
	local key='([A-Za-z0-9+/]{43}=)' theirs

	if [[ $1 =~ $key ]]; then
		theirs=${BASH_REMATCH[1]}
		[[ $2 =~ $key ]]
		OURS[$theirs]=${BASH_REMATCH[1]}
	fi
}

# says_so HOST COMMAND SHOWN…: types it once; whether it says what is shown, else why not in WHY.
says_so() {
	local host=$1 command=$2 line out status=0 shown=() said=() plain=() at=0 i=0

	shift 2
	out=$(nsenter --mount --net --target "${RUNNING[$host]}" --wd="$ROOT" \
		bash -c "$command" 2>&1) || status=$?
	WHY="it ends with status $status and says:"$'\n'$out
	((status == 0)) || printf '%s\n' "$@" | grep -qE '^ *(snaptun|ping|Error): ' || return 1
	(($#)) || return 0
	readarray -t said <<<"$out"
	readarray -t plain < <(as_shown "$@" "${said[@]}")
	for line; do
		shown+=("${plain[i++]}")
	done
	plain=("${plain[@]:$#}")
	for line; do
		for ((i = at; i < ${#said[@]}; i++)); do
			[[ ${plain[i]} != "${shown[0]}" ]] || break
		done
		if ((i == ${#said[@]})); then
			WHY="it does not say \"$line\"; $WHY"
			return 1
		fi
		note_key "$line" "${said[i]}"
		shown=("${shown[@]:1}") at=$((i + 1))
	done
}

# typed_one HOST COMMAND SHOWN…: types it, and looks for what is shown.
typed_one() {
	local host=$1 command=$2 key

	for key in "${!OURS[@]}"; do
		command=${command//"$key"/${OURS[$key]}}
	done
	if [[ $command == 'snaptun show'* ]]; then
		within 30 says_so "$host" "$command" "${@:3}" || fail "$host# $command: $WHY"
	else
		says_so "$host" "$command" "${@:3}" || fail "$host# $command: $WHY"
	fi
}

# typed PAGE HOST…: all that it shows on these hosts.
typed() {
	local page=$ROOT/Documentation/$1.rst hosts line host='' command='' shown=() count=0

	shift
	hosts=$(IFS='|' && printf '%s' "$*")
	while IFS= read -r line; do
		if [[ -n $host && $command == *\\ ]]; then
			command=${command%\\}$line
		elif [[ -n $host && $line =~ ^\ +\>(\ (.*))?$ ]]; then
			command+=$'\n'${BASH_REMATCH[2]}
		elif [[ -n $host && $line =~ ^\ +[^\ ] && ! $line =~ ^\ +($hosts)#\  ]]; then
			shown+=("$line")
		elif [[ -n $host && -n $line || $line =~ ^\ +($hosts)#\  ]]; then
			[[ -z $host ]] || typed_one "$host" "$command" "${shown[@]}"
			host='' shown=()
		fi
		if [[ -z $host && $line =~ ^\ +($hosts)#\ (.*)$ ]]; then
			host=${BASH_REMATCH[1]} command=${BASH_REMATCH[2]} count=$((count + 1))
		fi
	done <"$page"
	[[ -z $host ]] || typed_one "$host" "$command" "${shown[@]}"
	((count > 0)) || fail "$page shows nothing on ${hosts//|/, }"
	echo "$count commands of ${page##*/}"
}
