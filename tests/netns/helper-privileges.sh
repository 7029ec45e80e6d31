#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without CAP_NET_ADMIN a user can neither look at devices nor change them, and the
# helper says that it is for want of that.
#
# kernels: uml uml-debug
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

ip link add snap0 type snaptun
accept tunnel add snap0 --remote-key "$bob_public" --endpoint 192.0.2.1:1
accept identity add snap0 --key "$bob_public"
accept show --json
cp "$work/out" "$work/before"
helper=$snaptun

# denied: each command fails for user $snaptun runs as.
denied() {
	local reason='(this takes CAP_NET_ADMIN)'

	refuse 4 "$reason" show
	refuse 4 "$reason" show snap0 --json
	refuse 4 "$reason" set snap0 --fwmark 1
	refuse 4 "$reason" set snap0 --private-key-file - <<<"$alice_private"
	refuse 4 "$reason" tunnel add snap0 --remote-key "$bob_public" --endpoint 192.0.2.1:2
	refuse 4 "$reason" show snap0 1
	refuse 4 "$reason" monitor
	refuse 4 "$reason" monitor snap0 --json
	refuse 4 "$reason" tunnel set snap0 1 --allowed-ips none
	refuse 4 "$reason" identity set snap0 --key "$bob_public" --keepalive 1
	refuse 4 "$reason" tunnel del snap0 1
	refuse 4 "$reason" identity add snap0 --key "$alice_public"
	refuse 4 "$reason" identity del snap0 --key "$bob_public"
}

# Another user, root without the capability, and root of a user namespace.
snaptun=$work/as
make_wrapper() {
	printf '#!/bin/sh\nexec %s %s "$@"\n' "$*" "$helper" >"$snaptun"
	chmod +x "$snaptun"
}
make_wrapper setpriv --reuid 65534 --regid 65534 --clear-groups
denied
make_wrapper setpriv --bounding-set -net_admin --inh-caps -net_admin
denied
make_wrapper unshare --user --map-root-user
denied

# In a network namespace of its own such a root finds no device, and may look.
make_wrapper unshare --user --map-root-user --net
accept show --json
[[ $(<"$work/out") == '[]' ]] || fail "a device of another namespace shows"
refuse 3 'snap0: No such device' show snap0

snaptun=$helper
accept show --json
cmp -s "$work/before" "$work/out" || fail "a request without privilege changed something"
