#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In zsh and fish completion offers devices, their tunnels and keys, and names of
# configuration files.
#
# kernels: host
# needs: uml
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec tests/testbed/run --with zsh --with fish uml tests/unit/completion/inside.sh
