# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the checks share: the tree's files, and builds whose output is looked through.
#
# Sourced; the working directory is then the top of the tree.
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../testbed/lib.sh"
cd "$TB_ROOT"

# tree_files: the files of the project, one a line: what git has or would take, or
# without git all but what builds leave behind.
tree_files() {
	{
		if ! git -c safe.directory="$TB_ROOT" ls-files -co --exclude-standard 2>/dev/null; then
			find . \( -path ./build -o -name .git -o -name target \) -prune -o -type f -print |
				sed 's,^\./,,'
		fi
	} | sort | while IFS= read -r file; do
		[[ ! -f $file ]] || printf '%s\n' "$file"
	done
}

# shell_files: those of them that a shell reads.
shell_files() {
	tree_files | while IFS= read -r file; do
		if [[ $file == *.@(sh|bash) ]] || head -n 1 "$file" | grep -qaE '^#! *(/usr)?/bin/(env )?(ba)?sh'; then
			printf '%s\n' "$file"
		fi
	done
}

# build_for KERNEL FOLDER MAKE-ARGUMENT…: compiles everything of the module for a
# kernel of the testbed; what the compiler says is in FOLDER/log.
build_for() {
	local kernel=$1 folder=$TB_BUILD/check/$2

	shift 2
	kernel_vars "$kernel"
	rm -rf "$folder"
	mkdir -p "$folder"
	for_kernel scripts/build-module "$KERNEL_BUILD" "$folder" ARCH="$KERNEL_ARCH" "$@" \
		>"$folder/log" 2>&1 || {
		grep -vE '^(make|  [A-Z])' "$folder/log" || cat "$folder/log"
		return 1
	}
}

# complaints FOLDER: fails, and shows them, when there are warnings in its log.
complaints() {
	! grep -A 4 -E '[^ ]: (warning|error): |^(WARNING|ERROR): ' "$TB_BUILD/check/$1/log"
}
