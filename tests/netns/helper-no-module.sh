#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without the module the helper says so, with a status of its own; keys are made
# all the same.
#
# kernels: uml
# no-load
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

refuse 6 'the kernel module snaptun is not loaded' show
refuse 6 'the kernel module snaptun is not loaded' set lo --fwmark 1
refuse 6 'the kernel module snaptun is not loaded' tunnel del lo 1
refuse 6 'the kernel module snaptun is not loaded' monitor
# No name is looked up in vain.
refuse 6 'the kernel module snaptun is not loaded' tunnel add lo --remote-key "$bob_public" --endpoint snap.example:1
accept genkey
accept pubkey <<<"$(<"$work/out")"
