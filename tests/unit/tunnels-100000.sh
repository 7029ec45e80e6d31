#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 100,000 tunnels of one responder are made, shown, left alone and removed; each takes no
# more than 4 KiB. What they cost while they rest is the benchmark's to tell.
#
# kernels: host
# needs: uml
# timeout: 900
# long
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec tests/testbed/run --memory 3G --timeout 800 uml tests/unit/crowd/inside.sh 100000
