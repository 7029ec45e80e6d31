#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each setting of a tunnel and of an identity can be changed while they are in use: it
# is shown, it takes effect, and nothing else changes. A refusal changes nothing.
#
# kernels: uml-time uml-debug-time
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

topology
connect
(umask 077 && client snaptun genpsk >"$WORK/psk")

# settings NS KIND: what was set of that host's first tunnel or identity, in one line.
settings() {
	look "$1" ".$2[0] | [.\"has-psk\", .keepalive, .\"burst-limit\", .default, .\"answer-keepalives\",
		.\"fixed-address\", .\"allowed-ips\"] | @json"
}

# changes NS KIND WANTED ARGUMENT…: the command says nothing, and these are the settings
# then.
changes() {
	local ns=$1 kind=$2 wanted=$3

	shift 3
	ip netns exec "$ns" snaptun "$@" >"$WORK/said" 2>&1 || fail "$*: $(<"$WORK/said")"
	[[ ! -s $WORK/said ]] || fail "$*: $(<"$WORK/said")"
	expect "settings after $*" "$(settings "$ns" "$kind")" "$wanted"
}

# refused NS STATUS WORDS ARGUMENT…: the command fails so, and all settings stay.
refused() {
	local ns=$1 wanted=$2 words=$3 status=0 before after

	shift 3
	before=$(settings "$ns" tunnels)$(settings "$ns" identities)$(look "$ns" '."default-tunnel"')
	ip netns exec "$ns" snaptun "$@" >"$WORK/said" 2>&1 || status=$?
	expect "status of $*" "$status" "$wanted"
	[[ $(<"$WORK/said") == "snaptun: $1 $2: "*"$words"* ]] || fail "$*: $(<"$WORK/said")"
	after=$(settings "$ns" tunnels)$(settings "$ns" identities)$(look "$ns" '."default-tunnel"')
	expect "settings after $*" "$after" "$before"
}

# reconnect: the client begins afresh.
reconnect() {
	ip -n client link set snap0 down
	ip -n client link set snap0 up
}

step "a tunnel, one option after the other"
set=(tunnel set snap0 1)
expect "the usual settings" "$(settings client tunnels)" '[false,10,9216,false,true,false,[]]'
changes client tunnels '[false,7,9216,false,true,false,[]]' "${set[@]}" --keepalive 7
changes client tunnels '[false,0,9216,false,true,false,[]]' "${set[@]}" --keepalive off
changes client tunnels '[false,0,1232,false,true,false,[]]' "${set[@]}" --burst-limit 1232
changes client tunnels '[false,0,1232,false,false,false,[]]' "${set[@]}" --answer-keepalives off
changes client tunnels '[false,0,1232,true,false,false,[]]' "${set[@]}" --default on
expect "the default tunnel" "$(look client '."default-tunnel"')" 1
changes client tunnels '[false,0,1232,true,false,true,[]]' "${set[@]}" --fixed-address on
changes client tunnels '[false,0,1232,true,false,true,["10.7.0.0/24","fd07::2/128"]]' \
	"${set[@]}" --allowed-ips 10.7.0.77/24,fd07::2
changes client tunnels '[true,0,1232,true,false,true,["10.7.0.0/24","fd07::2/128"]]' \
	"${set[@]}" --psk-file "$WORK/psk"
changes client tunnels '[false,0,1232,true,false,true,["10.7.0.0/24","fd07::2/128"]]' \
	"${set[@]}" --remove-psk
changes client tunnels '[false,9,9216,false,true,false,[]]' "${set[@]}" --keepalive 9 --burst-limit 9216 \
	--default off --answer-keepalives on --fixed-address off --allowed-ips none
expect "the default tunnel" "$(look client '."default-tunnel"')" null
# None of it ended the session.
expect "sessions" "$(counter client sessions)" 1

step "an identity, and the tunnel that it has"
set=(identity set snap0 --key "$(key client)")
changes server identities '[false,8,65493,null,true,null,[]]' "${set[@]}" --keepalive 8
changes server identities '[false,8,5000,null,true,null,[]]' "${set[@]}" --burst-limit 5000
changes server identities '[false,8,5000,null,false,null,[]]' "${set[@]}" --answer-keepalives off
changes server identities '[false,8,5000,null,false,null,["10.7.0.1/32"]]' "${set[@]}" --allowed-ips 10.7.0.1
changes server identities '[true,8,5000,null,false,null,["10.7.0.1/32"]]' \
	"${set[@]}" --psk-file - <"$WORK/psk"
expect "settings of its tunnel" "$(settings server tunnels)" '[true,8,5000,false,false,false,[]]'
changes server identities '[false,8,5000,null,false,null,["10.7.0.1/32"]]' "${set[@]}" --remove-psk
changes server identities '[false,0,65493,null,true,null,[]]' "${set[@]}" --keepalive off \
	--burst-limit 65493 --answer-keepalives on --allowed-ips ''
expect "settings of its tunnel" "$(settings server tunnels)" '[false,0,65493,false,true,false,[]]'
expect "sessions" "$(counter server sessions)" 1

step "what is refused changes nothing"
refused client 2 'nothing to set' tunnel set snap0 1
refused client 2 'is no IPv4 prefix' tunnel set snap0 1 --keepalive 3 --allowed-ips 10.0.0.0/8,10.0.0.0/33
refused client 3 'no such tunnel' tunnel set snap0 2 --default on
refused client 5 'No such file' tunnel set snap0 1 --keepalive 3 --psk-file "$WORK/none"
refused client 2 'exclude each other' tunnel set snap0 1 --remove-psk --psk-file "$WORK/psk"
refused server 1 'an identity started it, and has its settings' tunnel set snap0 1 --keepalive 3
refused server 2 'nothing to set' identity set snap0 --key "$(key client)"
refused server 3 'no such identity' identity set snap0 --key "$(key server)" --allowed-ips 10.0.0.0/8
refused server 5 'No such file' identity set snap0 --key "$(key client)" --keepalive 3 --psk-file "$WORK/none"

step "a keepalive that is set is sent"
sent=$(counter client keepalives-sent)
client snaptun tunnel set snap0 1 --keepalive 1
within 20 counted client keepalives-sent $((sent + 3)) || fail "no keepalives"
sent=$(counter server keepalives-sent)
server snaptun identity set snap0 --key "$(key client)" --keepalive 1
within 20 counted server keepalives-sent $((sent + 3)) || fail "no keepalives of the server"
client snaptun tunnel set snap0 1 --keepalive 10
server snaptun identity set snap0 --key "$(key client)" --keepalive off

step "prefixes lead into the tunnel, and let packets out of it"
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint 192.0.2.2:5999 --keepalive off >/dev/null
! reaches client 10.7.0.2 || fail "a device with two tunnels and no default sends"
client snaptun tunnel set snap0 1 --allowed-ips 10.7.0.2
reaches client 10.7.0.2 || fail "the tunnel's prefix leads nowhere"
client snaptun tunnel set snap0 2 --allowed-ips 10.7.0.2
expect "prefixes of the first" "$(look client '.tunnels[0]."allowed-ips" | @json')" '[]'
! reaches client 10.7.0.2 || fail "a prefix that another tunnel has still leads here"
client snaptun tunnel del snap0 2
reaches client 10.7.0.2 || fail "the only tunnel is not the default one"
server snaptun identity set snap0 --key "$(key client)" --allowed-ips 10.7.0.99
drops=$(counter server rx-not-allowed)
# The default tunnel stands for what nobody has, so the source has to be somebody's.
server snaptun identity add snap0 --key "$(key server)" --allowed-ips 10.7.0.1
! reaches client 10.7.0.2 || fail "a source that is another's is taken"
counted server rx-not-allowed $((drops + 1)) || fail "it is not counted"
server snaptun identity set snap0 --key "$(key client)" --allowed-ips 10.7.0.1
reaches client 10.7.0.2 || fail "the identity's prefix lets nothing through"

step "a pre-shared key holds from the next handshake on"
client snaptun tunnel set snap0 1 --psk-file "$WORK/psk"
reaches client 10.7.0.2 || fail "the session ended"
bad=$(counter client rx-bad-handshake)
reconnect
within 20 counted client rx-bad-handshake $((bad + 1)) || fail "one side's key is no obstacle"
! established client || fail "a session with one side's key"
server snaptun identity set snap0 --key "$(key client)" --psk-file "$WORK/psk"
reconnect
within 20 established client || fail "no session with both sides' key"
reaches client 10.7.0.2 || fail "nothing gets through"
client snaptun tunnel set snap0 1 --remove-psk
bad=$(counter client rx-bad-handshake)
reconnect
within 20 counted client rx-bad-handshake $((bad + 1)) || fail "one side without a key is no obstacle"
server snaptun identity set snap0 --key "$(key client)" --remove-psk
reconnect
within 20 established client || fail "no session without a key"

step "another assigned address closes a tunnel that wants the same, until it is changed"
client snaptun tunnel set snap0 1 --fixed-address on
expect "the assigned address" "$(assigned client)" 192.0.2.1:6000
ip -n client addr add 192.0.2.3/24 dev veth0
ip -n client route add 192.0.2.2 dev veth0 src 192.0.2.3
reconnect
closed() { [[ $(tunnel client state) == closed ]]; }
within 20 closed || fail "the tunnel is $(tunnel client state), not closed"
client snaptun tunnel set snap0 1 --keepalive 9
within 20 established client || fail "the tunnel does not begin afresh"
expect "the assigned address" "$(assigned client)" 192.0.2.3:6000
