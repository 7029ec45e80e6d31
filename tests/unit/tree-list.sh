#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# `make list-tests` names every test of the tree exactly once.
# kernels: host
set -euo pipefail

cd "$(dirname "$0")/../.."

# The names as the files' headers tell them, worked out without the runner.
expected() {
	local file kernels kernel name

	while IFS= read -r file; do
		kernels=$(sed -n 's/^# kernels: //p;/^[^#]/q' "$file")
		name=${file#tests/} name=${name%.sh}
		for kernel in $kernels; do
			if [[ $kernels == *' '* ]]; then
				printf '%s@%s\n' "$name" "$kernel"
			else
				printf '%s\n' "$name"
			fi
		done
	done < <(grep -lE '^# kernels: ' tests/{unit,netns,interop,install}/*.sh)
}

scripts=$(expected | sort)
[[ -n $scripts ]]
listed=$({ make --no-print-directory list-tests; tests/run --long --list; } | sort)
diff <(printf '%s\n' "$scripts") <(grep -v '^kunit/' <<<"$listed")
[[ -z $(uniq -d <<<"$listed") ]]

# As many suites as the kernel will know, each on every kernel that runs them.
suites=$(grep -hE '^(kunit_test_suites?|kunit_test_init_section_suites?)\(' tests/kunit/*.c |
	tr ',' '\n' | grep -c '&')
kernels=$(grep -c '^kunit/.*@' <<<"$listed")
((suites > 0 && kernels % suites == 0 && kernels / suites == 2)) || {
	echo "$suites suites in the sources, $kernels names of suites with their kernels"
	exit 1
}
[[ -z $(comm -12 <(tests/run --list | sort) <(tests/run --long --list | sort)) ]]
