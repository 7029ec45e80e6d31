#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The checks of `make check` that compile find the mistakes that they are there for.
# kernels: host
# needs: debian-6.1 uml
# long
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=planted.sh
. "$(dirname "$0")/planted.sh"

planted warnings kernel/main.c 'static int unused_number;'
planted sparse kernel/main.c 'static __maybe_unused __be16 number(u16 host) { return host; }'
# A file at which sparse gives up is one that it does not check.
planted sparse kernel/main.c '#ifdef __CHECKER__' '#error "sparse ends here"' '#endif'
planted userspace userspace/main.c 'static int unused_number;'
