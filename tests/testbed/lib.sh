# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the testbed's commands share: messages, packages, the cache, long builds.
#
# Sourced. Everything that these functions tell a person goes to stderr; stdout
# carries results only. They count on errexit: do not call them left of || or &&.
set -euo pipefail
shopt -s inherit_errexit

# The project's tree, the folder of build products, and the cache.
TB_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# shellcheck disable=SC2034 # for those who source this
TB_BUILD=${SNAPTUN_BUILD:-$TB_ROOT/build}
TB_CACHE=${SNAPTUN_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/snaptun}

# What scripts find in a machine: from the host's files, or in QEMU's image.
# shellcheck disable=SC2034
TB_TOOLS=(bash coreutils dash diffutils ethtool findutils grep hostname iperf3 iproute2
	iputils-ping jq kmod make mawk mount nftables procps sed socat tcpdump util-linux
	wireguard-tools)

# What a healthy kernel never says, a regular expression.
# shellcheck disable=SC2034
COMPLAINTS='WARNING:|BUG:|BUG |Oops|KASAN|UBSAN|ODEBUG|Kernel panic|general protection'
COMPLAINTS+='|possible (circular|recursive) locking|possible irq lock inversion'
COMPLAINTS+='|inconsistent lock state|inconsistent \{|bad unlock balance|held lock freed'
COMPLAINTS+='|DEBUG_LOCKS_WARN_ON|suspicious RCU|Invalid wait context|lock held when returning'
COMPLAINTS+='|sleeping function called|scheduling while atomic|refcount_t:|corruption'
COMPLAINTS+='|unregister_netdevice: waiting|leaked|stalled pool'
COMPLAINTS+='|blocked for more than|soft lockup|hard LOCKUP|detected stall|is buggy'

say() { printf 'testbed: %s\n' "$*" >&2; }

die() {
	printf 'testbed: error: %s\n' "$*" >&2
	exit 1
}

# duration SECONDS: a time as people write it.
duration() {
	if (($1 < 60)); then
		printf '%d s' "$1"
	else
		printf '%d min %02d s' $(($1 / 60)) $(($1 % 60))
	fi
}

# Lists older than this many minutes are fetched again.
TB_LISTS_MAX_AGE=1440

# recent FILE: whether FILE is there and younger than the limit for lists.
recent() { [[ -n $(find "$1" -maxdepth 0 -mmin "-$TB_LISTS_MAX_AGE" 2>/dev/null) ]]; }

# need PACKAGE…: installs those packages that are missing, and says which. Where there is no
# apt, whoever builds has seen to it.
need() {
	local package status missing=()
	local -A installed=()

	command -v apt-get >/dev/null || return 0
	# shellcheck disable=SC2016 # the format is dpkg's, not the shell's
	while read -r package status; do
		[[ $status != installed ]] || installed[$package]=1
	done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null)
	for package; do
		[[ -n ${installed[$package]:-} ]] || missing+=("$package")
	done
	((${#missing[@]})) || return 0
	((EUID == 0)) || die "packages are missing, and only root can install them: ${missing[*]}"
	mkdir -p "$TB_CACHE"
	(
		flock 8
		if ! recent "$TB_CACHE/host-lists"; then
			say "fetching the package lists (apt-get update)"
			apt-get -q update >"$TB_CACHE/apt-get.log" 2>&1 ||
				{ tail -n 20 "$TB_CACHE/apt-get.log" >&2; die "apt-get update failed"; }
			touch "$TB_CACHE/host-lists"
		fi
		say "installing ${missing[*]}"
		DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
			-o DPkg::Lock::Timeout=300 install "${missing[@]}" \
			>"$TB_CACHE/apt-get.log" 2>&1 ||
			{ tail -n 20 "$TB_CACHE/apt-get.log" >&2; die "cannot install ${missing[*]}"; }
	) 8>"$TB_CACHE/apt-get.lock"
}

# mirror SUITE…: the mirror that the system's own apt sources name for the
# first of these suites that they know.
mirror() {
	local suite uri release codename targets

	# shellcheck disable=SC2016 # the format is apt's, not the shell's
	targets=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME)' \
		'Created-By: Packages')
	for suite; do
		while read -r uri release codename; do
			if [[ $release == "$suite" || $codename == "$suite" ]]; then
				printf '%s\n' "$uri"
				return 0
			fi
		done <<<"$targets"
	done
	return 1
}

# sources SUITE: the lines of a sources.list for it; for a release, with its updates.
sources() {
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg main security

	[[ -e $keyring ]] || die "$keyring is missing (package debian-archive-keyring)"
	main=$(mirror bookworm bookworm-updates trixie stable oldstable) ||
		die "apt's sources name no Debian mirror (looked for the suite bookworm)"
	printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$main" "$1"
	[[ $1 != *-backports ]] || return 0
	printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$main" "$1-updates"
	if security=$(mirror bookworm-security trixie-security stable-security oldstable-security); then
		printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$security" "$1-security"
	fi
}

# apt_suites SUITE…: sets TB_APT_DIR and TB_APT, the options for apt's commands that
# work on a private set-up of these Debian suites (bookworm or trixie-backports, say)
# and leave the system's alone. Its lists are fetched once a day; where that fails,
# older ones do.
apt_suites() {
	local name="$*" suite dir

	dir=$TB_CACHE/apt/${name// /+}
	TB_APT_DIR=$dir
	TB_APT=(-q -o "Dir::Etc::SourceList=$dir/sources.list" -o Dir::Etc::SourceParts=/dev/null
		-o "Dir::State::Lists=$dir/lists" -o "Dir::Cache=$dir/cache"
		-o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache=srcpkgcache.bin
		-o Dir::State::status=/dev/null -o APT::Sandbox::User=root
		-o APT::Default-Release= -o Debug::NoLocking=1)
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	(
		flock 8
		! recent "$dir/fetched" || exit 0
		say "fetching the package lists of $name"
		for suite; do sources "$suite"; done >"$dir/sources.list"
		if apt-get "${TB_APT[@]}" -o APT::Update::Error-Mode=any update >"$dir/log" 2>&1; then
			touch "$dir/fetched"
		elif [[ -e $dir/fetched ]]; then
			say "no new package lists of $name to be had; using those of $(date -r "$dir/fetched" +%F)"
		else
			tail -n 20 "$dir/log" >&2
			die "cannot fetch the package lists of $name"
		fi
	) 8>"$dir/lock"
}

# apt_field PACKAGE FIELD: that field of the newest version (after apt_suites).
apt_field() {
	local value

	value=$(apt-cache "${TB_APT[@]}" --no-all-versions show "$1" 2>/dev/null |
		sed -n "s/^$2: //p;/^\$/q")
	[[ -n $value ]] || die "apt knows no package $1"
	printf '%s\n' "$value"
}

# apt_depends PACKAGE REGEX: the first package named by PACKAGE's Depends whose
# name matches the whole REGEX.
apt_depends() {
	local depends

	depends=$(apt_field "$1" Depends | tr -d ' ' | tr ',' '|' | tr '|' '\n' |
		sed 's/[(:].*//' | grep -xE -m1 -- "$2") ||
		die "package $1 depends on nothing like $2"
	printf '%s\n' "$depends"
}

# resolved NAME COMMAND…: what COMMAND prints after asking apt, kept for as long as
# the lists are the same (after apt_suites).
resolved() {
	local file=$TB_APT_DIR/$1

	shift
	if [[ ! $file -nt $TB_APT_DIR/fetched ]]; then
		"$@" >"$file.$$"
		mv "$file.$$" "$file"
	fi
	cat "$file"
}

# apt_unpack DIR PACKAGE…: downloads the newest versions and unpacks them
# (nothing is installed) below DIR.
apt_unpack() {
	local dir=$1 debs deb

	shift
	debs=$(mktemp -d "$TB_CACHE/download.XXXXXX")
	say "downloading $*"
	if ! (cd "$debs" && apt-get "${TB_APT[@]}" download "$@" >log 2>&1); then
		tail -n 20 "$debs/log" >&2
		rm -rf "$debs"
		die "cannot download $*"
	fi
	for deb in "$debs"/*.deb; do
		dpkg-deb -x "$deb" "$dir"
	done
	rm -rf "$debs"
}

# kernel_vars NAME: sets the variables of that kernel (tests/testbed/kernel tells
# which), which is made where it is missing, and its folder as KERNEL_FOLDER.
# shellcheck disable=SC2034 # for those who call it
kernel_vars() {
	KERNEL_FOLDER=$("$TB_ROOT/tests/testbed/kernel" "$1")
	KERNEL_ROOT='' KERNEL_SYSTEM=''
	# shellcheck source=/dev/null
	. "$KERNEL_FOLDER/vars"
}

# for_kernel COMMAND…: runs a command that builds for the kernel of kernel_vars, where
# its compiler is.
for_kernel() {
	if [[ -n $KERNEL_SYSTEM ]]; then
		"$TB_ROOT/tests/testbed/root" --in "$KERNEL_SYSTEM" --bind "$TB_ROOT" \
			--bind "$TB_CACHE" --bind "$TB_BUILD" --directory "$PWD" "$@"
	else
		"$@"
	fi
}

# hash_of STRING…: the hash that goes into a cache folder's name.
hash_of() { printf '%s\n' "$@" | sha256sum | cut -c1-16; }

# cached NAME HASH MAKER [ARGUMENT…]: the cache folder NAME-HASH. When it is not
# there, `MAKER FOLDER ARGUMENT…` makes it, in place because kernel trees know
# their own path; the file `complete`, written last, is what makes it valid. Two
# callers do not make it twice: the second waits.
cached() {
	local name=$1 dir=$TB_CACHE/$1-$2 start=$SECONDS

	shift 2
	if [[ ! -e $dir/complete ]]; then
		mkdir -p "$TB_CACHE"
		(
			flock -n 9 || { say "$name: waiting for another process that makes it"; flock 9; }
			[[ ! -e $dir/complete ]] || exit 0
			rm -rf "$dir"
			mkdir "$dir"
			"$1" "$dir" "${@:2}"
			touch "$dir/complete"
			say "$name: ready after $(duration $((SECONDS - start)))"
		) 9>"$dir.lock" >&2
	fi
	printf '%s\n' "$dir"
}

# with_progress LABEL LOG COMMAND…: runs a long command with its output in LOG,
# says every 15 s how far it is, and shows LOG's end when it fails.
with_progress() (
	label=$1 log=$2 start=$SECONDS next=15
	shift 2
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	# A background job does not see the interrupt key: pass its death on.
	trap 'kill "$pid" 2>/dev/null || true' EXIT
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		if ((SECONDS - start >= next)); then
			say "$label: $(duration $((SECONDS - start))), $(grep -cE '^  [A-Z]+' "$log" || true) steps"
			next=$((next + 15))
		fi
	done
	if ! wait "$pid"; then
		tail -n 30 "$log" >&2
		die "$label failed; the whole log: $log"
	fi
)
