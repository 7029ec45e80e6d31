#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bpftrace scripts attach to the module in a stock kernel, and tell what a tunnel does.
#
# kernels: host
# needs: debian-6.1
# timeout: 600
# long
#
# An emulated processor may hang when another one patches the kernel's code, as those who
# attach to tracepoints do: the machine has one.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec tests/testbed/run --cpus 1 --memory 2G --timeout 500 --with bpftrace debian-6.1 \
	tests/install/bpftrace/inside.sh
