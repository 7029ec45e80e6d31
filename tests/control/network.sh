#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml
# A key that is registered with a SNAP by hand opens a tunnel to its data plane, and
# SCION/UDP packets go through it to an application in another AS and back. A key that
# is not opens none.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
start_network 2
watch_calls
token=$(snap-network token)

step "both SNAPs tell where their data planes are; the first one takes our key"
for snap in 1 2; do
	control=$(control_plane "$snap")
	find_data_plane "$control" "$token" || fail "SNAP $snap: status $(answered)"
	[[ $DATA_PLANE == "$(data_plane "$snap")" ]] || fail "SNAP $snap: its data plane is $DATA_PLANE"
	[[ $REGISTRY == "http://$control/" ]] || fail "SNAP $snap: registers at $REGISTRY"
	keys[snap]=$DATA_KEY
done
register "$(control_plane 1)" "$token" us || fail "no registration: status $(answered)"
[[ $(field 1) =~ ^0{64}$ ]] || fail "another answer to the registration: $(field 1)"

step "one tunnel is made, and one is not"
device
for snap in 1 2; do
	us snaptun tunnel add snap0 --remote-key "${keys[snap]}" \
		--endpoint "$(data_plane "$snap")" --local-port $((OUR_PORT + snap)) >/dev/null
done
ip -n us link set snap0 up
within 20 established 1 || fail "no handshake"
within 20 logged network 'err=UnexpectedPacket' || fail "the other SNAP heard nothing"
tunnels | grep -q " established 192\.0\.2\.1:$((OUR_PORT + 1))\$" || fail "not that one: $(tunnels)"

step "1000 packets of all sizes to the far application and back"
far_echoes 1 $((OUR_PORT + 1)) --count 1000 --min 100 --max 1400
established 1 || fail "the other tunnel came to be: $(tunnels)"
(($(registrations 1 | wc -l) == 1 && $(registrations 2 | wc -l) == 0)) || fail "other registrations"
