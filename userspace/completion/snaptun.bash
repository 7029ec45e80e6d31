# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion for bash: subcommands, options and their values, devices, names
# of configuration files, and where the caller may ask the module, tunnels and keys. What there is comes from --help, which
# needs no privilege.
#
# Sourced by bash itself or by the package bash-completion, of which nothing is used.

# The names of the devices of this network namespace.
_snaptun_devices() {
	local folder line

	for folder in /sys/class/net/*; do
		[[ -r $folder/uevent ]] || continue
		while IFS= read -r line; do
			[[ $line != DEVTYPE=snaptun ]] || printf '%s\n' "${folder##*/}"
		done <"$folder/uevent"
	done
}

# The names that there are configuration files for, where the caller may know.
_snaptun_names() {
	local file

	for file in /etc/snaptun/*.conf; do
		[[ $file == *'*.conf' ]] || { file=${file##*/} && printf '%s\n' "${file%.conf}"; }
	done
}

# _snaptun_rows PROGRAM DEVICE TITLE: the first column of the table with that title.
_snaptun_rows() {
	local first rest inside=0

	[[ -n $2 ]] || return 0
	while read -r first rest; do
		if [[ $first == "$3" ]]; then
			inside=1
		elif [[ -z $first ]]; then
			inside=0
		elif ((inside)); then
			printf '%s\n' "$first"
		fi
	done < <("$1" show "$2" --brief 2>/dev/null)
}

# _snaptun_values PROGRAM DEVICE KIND CURRENT: what may stand where the help says KIND,
# such as FILE or SECONDS|off.
_snaptun_values() {
	local kind

	for kind in ${3//|/ }; do
		case $kind in
		DEV) _snaptun_devices ;;
		NAME) _snaptun_names ;;
		ID) _snaptun_rows "$1" "$2" id ;;
		KEY) _snaptun_rows "$1" "$2" identity ;;
		FILE) compgen -f -- "$4" ;;
		*[a-z]*) printf '%s\n' "$kind" ;;
		esac
	done
}

_snaptun() {
	local program=$1 current=${COMP_WORDS[COMP_CWORD]} command='' option='' device='' operands=0
	local -a words=() kinds=() offered=()
	local -A options=()
	local line word usage more='' i
	# Where people who are not root do not look.
	local PATH=$PATH:/usr/local/sbin:/usr/sbin

	# Bash takes --option=value for three words.
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == '=' ]] || words+=("${COMP_WORDS[i]}")
	done
	[[ $current != '=' ]] || current=''

	# The command has one word or two.
	while IFS= read -r line; do
		[[ $line =~ ^'  '([a-z]+( [a-z]+)?)'  ' ]] || continue
		word=${BASH_REMATCH[1]}
		if [[ "${words[*]:0:1}" == "$word" || "${words[*]:0:2}" == "$word" ]]; then
			command=$word
		elif ((${#words[@]} == 0)); then
			offered+=("${word%% *}")
		elif [[ ${#words[@]} == 1 && $word == "${words[0]} "* ]]; then
			offered+=("${word#* }")
		fi
	done < <("$program" --help 2>/dev/null)
	if [[ -z $command ]]; then
		((${#words[@]} > 1)) || offered+=(--help)
		((${#words[@]})) || offered+=(--version)
		mapfile -t COMPREPLY < <(compgen -W "${offered[*]}" -- "$current" | sort -u)
		return
	fi

	# Its options, each with what follows it, and its operands: after a | stands what one can
	# be instead, and of what ends in dots there can be more.
	# shellcheck disable=SC2086 # the command has two words
	while IFS= read -r line; do
		if [[ $line == "Usage: snaptun $command"* ]]; then
			usage=${line#"Usage: snaptun $command"}
			usage=${usage//[\[\]]/}
			for word in ${usage// | /|}; do
				[[ $word =~ ^(DEV|ID|NAME)(\.\.\.)?(\|(DEV|ID|NAME))?$ ]] || continue
				kinds+=("${BASH_REMATCH[1]}${BASH_REMATCH[3]}")
				[[ -z ${BASH_REMATCH[2]} ]] || more=${BASH_REMATCH[1]}
			done
		elif [[ $line =~ ^'  '(--[a-z0-9-]+)(' '([^ ]+))?'  ' ]]; then
			options[${BASH_REMATCH[1]}]=${BASH_REMATCH[3]}
		fi
	done < <("$program" $command --help 2>/dev/null)

	read -ra offered <<<"$command"
	for word in "${words[@]:${#offered[@]}}"; do
		if [[ -n $option ]]; then
			option=''
		elif [[ $word == -* ]]; then
			[[ -z ${options[$word]:-} ]] || option=$word
		else
			((operands++)) || device=$word
		fi
	done

	if [[ -n $option ]]; then
		mapfile -t offered < <(_snaptun_values "$program" "$device" "${options[$option]}" "$current")
		[[ ${options[$option]} != FILE ]] || compopt -o filenames 2>/dev/null || :
	elif [[ $current != -* && -n ${kinds[operands]:-$more} ]]; then
		mapfile -t offered < <(_snaptun_values "$program" "$device" "${kinds[operands]:-$more}" \
			"$current" | sort -u)
	else
		offered=("${!options[@]}" --help)
	fi
	COMPREPLY=()
	for word in "${offered[@]}"; do
		[[ $word != "$current"* ]] || COMPREPLY+=("$word")
	done
}

complete -F _snaptun snaptun
