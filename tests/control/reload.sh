#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGHUP: the daemon reads its files again. What is the same stays as it is; a file that
# makes no sense changes nothing.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
control 2
own_folders
conf() { configure "token-file = $WORK/token" "$@"; }
reload() {
	: >"$WORK/daemon.log"
	kill -HUP "${RUNNING[daemon]}"
	sleep "${1:-5}"
	running daemon || fail "the daemon ended"
}

conf "snap = $(url 1)"
background daemon us snaptun daemon snap0
within 20 established 1 || fail "no tunnel: $(tunnels)"
before=$(planes)
ids=$(tunnels)
forget

step "the same again: nothing is registered, no tunnel is another one"
reload
logged daemon 'has its configuration anew' || fail "it does not say so"
expect "control planes" "$(planes)" "$before"
expect "tunnels" "$(tunnels)" "$ids"
expect "registrations" "$(count "$REGISTER")" 0

step "files that make no sense: all goes on, and it says where"
for line in 'snap = nowhere' 'colour = blue' 'tunnels = 0' "snap = $(url 2)"$'\n''tunnels = many' \
	"endhost-api = $(url 2)"; do
	conf "snap = $(url 1)" "$line"
	reload
	logged daemon 'goes on with the configuration that it had' || fail "$line: $(cat "$WORK/daemon.log")"
done
rm /etc/snaptun/snap0.conf
reload
logged daemon 'goes on with the configuration that it had' || fail "$(cat "$WORK/daemon.log")"
expect "control planes" "$(planes)" "$before"
expect "tunnels" "$(tunnels)" "$ids"
new_token
sleep 5
expect "registrations with the next token" "$(count "$REGISTER" 1)" 1

step "another token file"
(umask 077 && make_token 172800 >"$WORK/token2")
configure "token-file = $WORK/token2" "snap = $(url 1)"
forget
reload
expect "registrations" "$(count "$REGISTER" 1)" 1
expect "tunnels" "$(tunnels)" "$ids"
forget
new_token
sleep 5
expect "registrations by the old file" "$(count "$REGISTER")" 0

step "another control plane, and two tunnels: they come, those that are there stay"
conf "snap = $(url 1)" "snap = $(url 2)" "tunnels = 2"
new_token 172800
reload 20
expect "control planes" "$(planes)" "$(url 1)/ registered 2
$(url 2)/ registered 2"
established 4 || fail "tunnels: $(tunnels)"

step "in the middle of a registration"
script "{behave: {\"p1/$REGISTER\": [{delay: 10}, {}]}}"
new_token 172900
sleep 3
reload 20
expect "control planes" "$(planes)" "$(url 1)/ registered 2
$(url 2)/ registered 2"

step "ten times in a row"
before=$(planes)
for _ in {1..10}; do
	kill -HUP "${RUNNING[daemon]}"
done
sleep 20
expect "control planes" "$(planes)" "$before"
established 4 || fail "tunnels: $(tunnels)"
counts_agree || fail "counts: $(planes)"

step "a daemon that has its options from the command line has nothing to read"
stop daemon || fail "it does not end well"
start_daemon --snap "$(url 1)"
sleep 3
reload
logged daemon 'no configuration file' || fail "it does not say so"
expect "control planes" "$(planes)" "$before"
