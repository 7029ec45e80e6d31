#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The other interop tests once more, with the next release of the Rust stack as the
# other side.
#
# kernels: host
# needs: uml uml-time
# timeout: 3600
# long
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
status=0
"$here/build-peer" --next >/dev/null || exit $?
export SNAPTUN_PEER=snap-peer-next
for script in "$here"/*.sh; do
	[[ -x $script && $script != "$here/next.sh" ]] || continue
	read -ra kernels < <(sed -n 's/^# kernels: //p' "$script")
	for kernel in "${kernels[@]}"; do
		# KASAN and lockdep learn nothing from another peer.
		[[ $kernel != uml-debug* ]] || continue
		if "$here/../testbed/run" "$kernel" "$script" </dev/null; then
			printf 'ok: %s on %s\n' "${script##*/}" "$kernel"
		else
			printf 'FAILED: %s on %s\n' "${script##*/}" "$kernel"
			status=1
		fi
	done
done
exit "$status"
