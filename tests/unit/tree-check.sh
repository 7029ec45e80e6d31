#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The quick checks of `make check` find the mistakes that they are there for.
# kernels: host
# long
# timeout: 1200
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=planted.sh
. "$(dirname "$0")/planted.sh"

planted spdx kernel/new.c 'int number;'
planted spdx kernel/new.c '// SPDX-License-Identifier: MIT'
planted text Kbuild '# blank at the end '
planted text Kbuild $'# carriage return\r'
planted text Kbuild '# TO''DO: more'
planted text kernel/new.c "$(seq 900)"
planted standalone kernel/new.c "// see $(printf '%s' / home/someone/notes)"
planted standalone kernel/new.c "// see $(printf '%s' .. /.. /notes)"
planted standalone kernel/new.c "// see issue"" 12"
planted packaging dkms.conf 'PACKAGE_VERSION="9"'
planted packaging userspace/PACKAGES libnew-dev
# shellcheck disable=SC2016 # for another shell
planted shell scripts/new.sh '#!/bin/bash' 'rm $1'
planted shell scripts/new.sh '#!/bin/bash' 'shopt -s extglob' 'echo !(new)'
planted checkpatch kernel/new.c '// SPDX-License-Identifier: GPL-2.0' 'int  number ;'
planted netlink include/uapi/linux/snaptun.h '#define SNAPTUN_NEW 1'
planted mutants tests/mutants/new.mutant 'file: kernel/main.c' 'what: nothing' 'tests: unit/tree-list' \
	'--- old' 'no such line' '+++ new'
# shellcheck disable=SC2016 # not for a shell
for line in 'See `nothing <nothing.rst>`_.' 'See `a part <architecture.rst#no-such-part>`_.' \
	'See snaptun-nothing(8).' 'See :ref:`nothing`.'; do
	planted docs Documentation/protocol.rst "$line"
done
planted docs Documentation/protocol.rst '' '====  ====' 'a     b' 'c     d' 'e' '====  ===='
planted docs Documentation/man/snaptun.conf.5 '.Xr snaptun-nothing 8'
planted docs Documentation/man/snaptun.conf.5 '.Sx NOTHING'
