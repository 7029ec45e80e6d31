#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs talk.py in a machine, with a device to talk about. Called by netlink-ynl.sh.
# usage: tests/unit/ynl/inside.sh KERNEL-SOURCE
# shellcheck source-path=SCRIPTDIR source=../../netns/lib.sh disable=SC2119
. "$(dirname "$0")/../../netns/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../../documented.sh
. "$ROOT/tests/documented.sh"

topology
responder
device client
ip -n client link set snap0 up
# The tool looks for its schema beside the spec.
mkdir -p "$WORK/netlink/specs"
cp "$1"/Documentation/netlink/*.yaml "$WORK/netlink/"
cp "$ROOT/Documentation/netlink/specs/snaptun.yaml" "$WORK/netlink/specs/"

step "the command-line tool"
cli() {
	PYTHONDONTWRITEBYTECODE=1 client python3 "$SOURCE/tools/net/ynl/pyynl/cli.py" \
		--spec "$WORK/netlink/specs/snaptun.yaml" --output-json "$@"
}
SOURCE=$1
expect "the device" "$(cli --dump device-get | jq -r '.[0].ifname')" snap0

step "each command and event"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$1/tools/net/ynl/pyynl client python3 "${0%/*}/talk.py" \
	"$WORK/netlink/specs/snaptun.yaml" "$ROOT/include/uapi/linux/snaptun.h" \
	"$(key server)" "$(cat "$WORK/client.key")"

step "what the page about it shows"
ip -n client link del snap0
initiator
within 10 established client || fail "no tunnel"
terminals client
LINUX=$1 PYTHONDONTWRITEBYTECODE=1 typed netlink/python client
