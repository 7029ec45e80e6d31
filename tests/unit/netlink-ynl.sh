#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The netlink spec, the uapi header and the module say the same, and the kernel's own
# ynl tool can work with them: every command, dumps, events, refusals, tunnels that
# end with the socket that made them.
#
# kernels: host
# needs: uml
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$(dirname "$0")/../testbed/lib.sh"

need python3 python3-yaml python3-jsonschema
exec "$TB_ROOT/tests/testbed/run" uml "$TB_ROOT/tests/unit/ynl/inside.sh" \
	"$("$TB_ROOT/tests/testbed/kernel" source)"
