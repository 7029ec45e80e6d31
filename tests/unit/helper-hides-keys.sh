#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No command takes a secret as an argument, and one that is given by mistake does
# not turn up in an error message.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"

# leave_out STATUS ARGUMENT…: it fails so, without telling Alice's key.
leave_out() {
	refuse "$1" '' "${@:2}" </dev/null
	! grep -qF "$alice_private" "$work/err" || fail "snaptun ${*:2}: the message tells the key"
}

tunnel=(tunnel add nodevice --endpoint 192.0.2.1:1 --remote-key "$bob_public")
leave_out 2 set nodevice --private-key "$alice_private"
leave_out 2 set nodevice --private-key="$alice_private"
leave_out 2 "${tunnel[@]}" --psk "$alice_private"
leave_out 2 "${tunnel[@]}" "--psk=$alice_private"
leave_out 2 identity add nodevice --key "$bob_public" --psk "$alice_private"
leave_out 5 set nodevice --private-key-file "$alice_private"
leave_out 5 "${tunnel[@]}" --psk-file "$alice_private"
leave_out 2 pubkey "$alice_private"
leave_out 2 genkey "$alice_private"
leave_out 2 "$alice_private"
leave_out 2 show nodevice "$alice_private"
leave_out 2 show "$alice_private"
leave_out 2 set nodevice --listen-port "$alice_private"
leave_out 2 set nodevice --fwmark "$alice_private"
leave_out 2 "${tunnel[@]}" --keepalive "$alice_private"
leave_out 2 "${tunnel[@]}" --answer-keepalives "$alice_private"
leave_out 2 "${tunnel[@]}" --endpoint "$alice_private"
leave_out 2 "${tunnel[@]}" --endpoint "$alice_private:1"
leave_out 2 "${tunnel[@]}" --endpoint "[$alice_private]:1"
leave_out 2 "${tunnel[@]}" --endpoint "[::1%$alice_private]:1"
leave_out 2 "${tunnel[@]}" --endpoint "192.0.2.1:$alice_private"
leave_out 2 "${tunnel[@]}" --endpoint "$alice_private:1:1"
leave_out 2 "${tunnel[@]}" --allowed-ips "$alice_private"
leave_out 2 "${tunnel[@]}" --allowed-ips "10.0.0.0/8,$alice_private"
leave_out 2 "${tunnel[@]}" --fixed-address "$alice_private"
leave_out 2 tunnel del nodevice "$alice_private"
leave_out 2 tunnel set nodevice "$alice_private" --default on
leave_out 2 tunnel set nodevice 1 "--psk=$alice_private"
leave_out 5 tunnel set nodevice 1 --psk-file "$alice_private"
leave_out 5 identity set nodevice --key "$bob_public" --psk-file "$alice_private"
leave_out 2 set nodevice --default-tunnel "$alice_private"
leave_out 2 set nodevice --max-tunnels "$alice_private"
leave_out 2 show nodevice 1 "$alice_private"
leave_out 2 monitor "$alice_private"

# What is wrong with a file is said without its text.
for text in "$alice_private$bob_private" "${alice_private%=}" "$alice_private#"; do
	printf '%s\n' "$text" >"$work/key"
	refuse 5 "$work/key holds" set nodevice --private-key-file "$work/key"
	! grep -qF "${alice_private:0:8}" "$work/err" || fail "the message tells the file's text"
done
