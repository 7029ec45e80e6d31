#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time
# A configuration file whose tokens come from a command: the daemon runs it, keeps to what it
# says, runs it again before the token ends, and survives its failures. A file that somebody
# else can write to is not used; SIGHUP has files read again.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

daemon() { background daemon us snaptun daemon "${@:-snap0}"; }
runs() { wc -l <"$WORK/runs"; }
more_runs() { (($(runs) > $1)); }
# gives TEXT…: from now on, that is what the command does, a shell script.
gives() {
	printf '%s\n' '#!/bin/sh' "echo \"\$@\" >>$WORK/runs" "$@" >"$WORK/command.new"
	chmod 755 "$WORK/command.new"
	mv "$WORK/command.new" "$WORK/command"
}
gives_token() { gives "cat $WORK/token"; }

topology
start_network
watch_calls
device
ip -n us link set snap0 up
: >"$WORK/runs"
own_folders
common=("endhost-api = http://$ENDHOST_API" "local-port = $OUR_PORT")
# Words as in a shell, but no shell.
configure "${common[@]}" '# a comment' '' "token-command = $WORK/command \"two words\" \$HOME *" \
	'token-command-timeout = 2'

step "it runs, with its words, and once"
new_token 100
gives_token
daemon
within 20 established 1 || fail "no tunnel: $(tunnels)"
expect "control planes" "$(plane_states)" "registered 1"
sleep 60
# shellcheck disable=SC2016 # as it is written there
expect "what it was called with" "$(cat "$WORK/runs")" 'two words $HOME *'
far_echoes 1 "$OUR_PORT" --count 100

step "again before the token ends"
before=$(registrations 1 | wc -l)
new_token 100
within 25 more_runs 1 || fail "it does not run again"
within 5 more_registrations 1 "$before" || fail "not registered again"

step "it fails, hangs, and says what is no token: all goes on until the end, and then again"
runs=$(runs)
gives 'echo it does not work >&2' 'exit 3'
sleep 85
more_runs "$runs" || fail "it does not run again"
logged daemon 'token command' || fail "nothing is said of it"
gives 'sleep 100'
sleep 60
gives 'echo no token at all'
sleep 100
running daemon || fail "the daemon has ended"
[[ $(plane_states) != registered* ]] || fail "control planes: $(plane_states)"
! pgrep -f "^/bin/sh $WORK/command" >"$WORK/left" || fail "the command still runs"
new_token 86400
gives_token
within 90 registered || fail "control planes: $(plane_states)"
within 10 far_echoes 1 "$OUR_PORT" --count 10
! grep -F "$(cat "$WORK/token")" "$WORK/daemon.log" || fail "the token is in the log"

step "SIGHUP: another configuration, but not one that is wrong"
configure "${common[@]}" "token-command = $WORK/command anew"
kill -HUP "${RUNNING[daemon]}"
within 10 logged daemon 'has its configuration anew' || fail "nothing is said of it"
within 10 grep -qx anew "$WORK/runs"
configure "${common[@]}" "token-command = $WORK/command wrong" 'no-such-key = 1'
kill -HUP "${RUNNING[daemon]}"
within 10 logged daemon 'goes on with the configuration that it had' || fail "nothing is said of it"
! grep -qx wrong "$WORK/runs" || fail "the wrong one is used"
expect "control planes" "$(plane_states)" "registered 1"
expect "tunnels" "$(tunnels | wc -l)" 1
stop daemon || fail "it does not end well"

step "files that others can write to, and commands on the command line"
configure "${common[@]}" "token-command = $WORK/command anew"
chmod 666 /etc/snaptun/snap0.conf
daemon
finished daemon && fail "a file that everybody can write to is used"
chmod 600 /etc/snaptun/snap0.conf
daemon snap0 none
finished daemon && fail "a configuration that is not there is used"
status=0
us snaptun connect snap0 --endhost-api "http://$ENDHOST_API" --token-command id 2>"$WORK/connect.log" || status=$?
expect "status" "$status" 2
