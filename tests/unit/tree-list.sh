#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make list-tests` names every test of the tree exactly once.
# kernels: host
set -euo pipefail

cd "$(dirname "$0")/../.."

# The names as the files' headers tell them, worked out without the runner.
stock='debian-6.1 debian-6.12 debian-13 debian-newest debian-rt'
expected() {
	local file kernels kernel name

	while IFS= read -r file; do
		kernels=$(sed -n 's/^# kernels: //p;/^[^#]/q' "$file")
		kernels=${kernels/stock/$stock}
		name=${file#tests/} name=${name%.sh}
		for kernel in $kernels; do
			if [[ $kernels == *' '* ]]; then
				printf '%s@%s\n' "$name" "$kernel"
			else
				printf '%s\n' "$name"
			fi
		done
	done < <(grep -lE '^# kernels: ' tests/{unit,netns,interop,control,install}/*.sh)
}

scripts=$(expected | sort)
[[ -n $scripts ]]
listed=$({ make --no-print-directory list-tests; tests/run --long --list; } | sort)
diff <(printf '%s\n' "$scripts") <(grep -v '^kunit/' <<<"$listed")
[[ -z $(uniq -d <<<"$listed") ]]

# As many suites as the kernel will know, on both kernels that run them.
suites=$(cat tests/kunit/*.c | grep -cE '^kunit_test_(init_section_)?suite\(')
names=$(grep -cE '^kunit/.+@(uml|uml-debug)$' <<<"$listed")
((suites > 0 && names == 2 * suites)) || {
	echo "$suites suites in the sources, $names names of suites with their kernels"
	exit 1
}
[[ -z $(comm -12 <(tests/run --list | sort) <(tests/run --long --list | sort)) ]]
