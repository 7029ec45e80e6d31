# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# What tests/bench does on the host: boots a machine, writes down what is measured in it,
# and watches its CPU time.
#
# Sourced, after tests/testbed/lib.sh.

# begin_bench: packages, and the folder $work, which goes when the script ends.
begin_bench() {
	need jq procps
	work=$(mktemp -d) testbed=''
	trap end_bench EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	touch "$work/values"
}

# shellcheck disable=SC2317 # called by the trap
end_bench() {
	[[ -z $testbed ]] || kill "$testbed" 2>/dev/null || true
	rm -rf "$work"
}

# installed_module KERNEL: the module as it is installed, whatever flavour the tests of
# this kernel load; the module with the prices is built, too.
installed_module() {
	local module

	"$TB_ROOT/tests/bench/build-prices" "$1" >/dev/null
	module=$("$TB_ROOT/tests/testbed/module" "$1")
	! grep -q __gcov_ "$module" || die "$module counts which lines run, which takes time"
	printf '%s\n' "$module"
}

# rust_peer: builds the Rust side; false where there is no cargo.
rust_peer() {
	local status=0

	"$TB_ROOT/tests/interop/build-peer" >"$work/peer" || status=$?
	if ((status == 77)); then
		say "nothing is measured against the Rust tunnel: $(tail -n 1 "$work/peer")"
		return 1
	fi
	((status == 0)) || die "the Rust side cannot be built"
}

# machine_pid: the session of the machine that runs, which is one of its own.
machine_pid() {
	ps -o pid=,sid= --ppid "$testbed" | awk '$1 == $2 { print $1; exit }'
}

# cpu_ticks: the CPU time of the machine up to now, and of its processes that ended.
cpu_ticks() {
	local session pid stat fields ticks=0

	session=$(machine_pid)
	[[ -n $session ]] || die "cannot find the machine among the processes"
	for pid in $(pgrep --session "$session"); do
		# It may end meanwhile.
		read -r stat 2>/dev/null <"/proc/$pid/stat" || continue
		read -ra fields <<<"${stat##*) }"
		# utime, stime, cutime and cstime, counted from the state.
		ticks=$((ticks + fields[11] + fields[12] + fields[13] + fields[14]))
	done
	echo "$ticks"
}

# value FIGURE PATH NUMBER
value() { printf '{"figure": "%s%s", "path": "%s", "value": %s}\n' "$1" "$suffix" "${@:2}" >>"$work/values"; }

# follow KERNEL: reads what a script in the machine prints, and the clock when it says so.
follow() {
	local line word begin=0 end=0

	while IFS= read -r line; do
		read -ra word <<<"$line"
		case $line in
		'@ step '*) say "${line#@ step }" ;;
		'@ about '*)
			printf '{"machine": "%s", "kernel": "%s", "release": "%s", "cpus": %s, "mtu": %s}\n' \
				"$suffix" "$1" "${word[@]:2}" >>"$work/values"
			;;
		'@ value '*) value "${word[@]:2}" ;;
		'@ symbol '*) printf '%s %s %s\n' "${word[@]:2}" >>"$work/symbols.modules" ;;
		'@ profile '*) record "${word[@]:2}" ;;
		'@ cpu begin') begin=$(cpu_ticks) ;;
		'@ cpu end') end=$(cpu_ticks) ;;
		'@ cpu-bytes '*)
			value "${word[@]:2:2}" \
				"$(jq -n "$((end - begin)) / $(getconf CLK_TCK) / ${word[4]} * 1e9")"
			;;
		'@ cpu-share '*)
			value "${word[@]:2:2}" \
				"$(jq -n "$((end - begin)) / $(getconf CLK_TCK) / ${word[4]} * 100")"
			;;
		*) printf '%s\n' "$line" >&2 ;;
		esac
	done
}

# boot KERNEL MACHINE SECONDS OPTION… -- SCRIPT ARGUMENT…: runs that in such a machine.
boot() {
	local kernel=$1 timeout=$3 options=()

	suffix=${2:+@$2}
	shift 3
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	rm -f "$work/out"
	mkfifo "$work/out"
	"$TB_ROOT/tests/testbed/run" --no-load --timeout "$timeout" "${options[@]}" "$kernel" \
		"${@:2}" >"$work/out" &
	testbed=$!
	follow "$kernel" <"$work/out"
	wait "$testbed" || die "cannot measure (status $?)"
	testbed=''
}

# record ROW PATH SECONDS: samples of where the machine's processes are, in perf.ROW.PATH.
record() {
	local pids left=3

	# One of them may have ended before perf looks.
	while ((left--)); do
		pids=$(pgrep --session "$(machine_pid)" | paste -sd,)
		! perf record --quiet --event cpu-clock --freq 2000 --pid "$pids" \
			--output "$work/perf.$1.$2" -- sleep "$3" >&2 || return 0
	done
	die "perf cannot record"
}

# report true|false: the rows as JSON, or for people.
report() {
	jq --slurp --raw-output -L "$TB_ROOT/tests/bench" --argjson json "$1" --arg commit "$(commit)" \
		--from-file "$TB_ROOT/tests/bench/report.jq" "$work/values"
}

# commit: which state of the project this is.
commit() {
	git -c safe.directory="$TB_ROOT" -C "$TB_ROOT" describe --always --dirty 2>/dev/null || true
}
