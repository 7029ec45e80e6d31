#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon registers again when a tunnel gets no answers any more, though not all the
# time; when a registration has ended; and, where there is a next token, before that.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
control
background events us snaptun monitor snap0 --json
within 10 logged events listening || fail "monitor does not listen"
# told EVENT STATE: how often.
told() { count_lines "\"event\": *\"$1\".*\"state\": *\"$2\""; }
count_lines() { grep -cE -- "$1" "$WORK/events.log" || true; }

step "the SNAP forgets us: registered again once the tunnel has no answers"
start_daemon --snap "$(url 1)"
within 20 established 1 || fail "no tunnel: $(tunnels)"
expect "registrations" "$(count "$REGISTER")" 1
them snaptun identity del snap0 --key "$(key us)"
forget
for ((i = 0; i < 300; i++)); do
	sleep 1
	! asked 1 "$REGISTER" || break
done
asked 1 "$REGISTER" || fail "not registered again"
between "seconds that took" "$i" 20 230
expect "token in use" "$(jq -r 'select(.event == "request") | .headers.authorization' \
	"$WORK/requests.json" | sort -u)" "Bearer $(cat "$WORK/token")"

step "that does not help: it is done once a minute or so, and no more"
forget
sleep 600
between "registrations" "$(count "$REGISTER")" 5 13
grep -q '"state": *"expired"' "$WORK/events.log" || fail "the tunnel has not expired: $(tunnels)"

step "the SNAP knows us again"
them snaptun identity add snap0 --key "$(key us)"
for ((i = 0; i < 200; i++)); do
	sleep 1
	! established 1 || break
done
established 1 || fail "no session: $(tunnels)"
expect "how many tunnels" "$(tunnels | wc -l)" 1
sleep 60
forget
sleep 200
expect "requests while all is well" "$(wc -l <"$WORK/requests.json")" 0
stop daemon || fail "it does not end well"
us snaptun disconnect snap0

step "the SNAP never knew us: registered again, though the tunnel never sent anything"
them snaptun identity del snap0 --key "$(key us)"
forget
start_daemon --snap "$(url 1)"
registered_twice() { (($(count "$REGISTER") >= 2)); }
within 230 registered_twice || fail "not registered again"
them snaptun identity add snap0 --key "$(key us)"
within 60 established 1 || fail "no session: $(tunnels)"
stop daemon || fail "it does not end well"
us snaptun disconnect snap0
forget

step "a token of 100 s without another: the registration ends, and a token brings it back"
new_token 100
start_daemon --snap "$(url 1)"
within 20 established 1 || fail "no tunnel: $(tunnels)"
between "lifetime" "$(plane lifetime)" 60000 100000
sleep 120
expect "state" "$(plane state | sed s/failed/idle/)" idle
forget
sleep 300
expect "requests without a token" "$(wc -l <"$WORK/requests.json")" 0
new_token
sleep 5
expect "state" "$(plane state)" registered
expect "registrations" "$(count "$REGISTER")" 1
stop daemon || fail "it does not end well"
us snaptun disconnect snap0

step "a command with tokens of 120 s: registered before each of them runs out"
own_folders
cat >"$WORK/command" <<-END
	#!/bin/bash
	$(declare -f make_token)
	make_token 120
END
chmod 700 "$WORK/command"
configure "snap = $(url 1)" "token-command = $WORK/command"
background daemon us snaptun daemon snap0
within 20 established 1 || fail "no tunnel: $(tunnels)"
: >"$WORK/events.log"
forget
least=120000
for ((i = 0; i < 100; i++)); do
	sleep 10
	left=$(plane lifetime)
	[[ $left != none ]] || fail "not registered after $i times 10 s"
	((left >= least)) || least=$left
done
# A quarter of the token's life remains, and a fifth of that more or less.
between "registrations" "$(count "$REGISTER")" 10 13
between "the least that was left" "$least" 20000 60000
expect "registrations that ended" "$(told control-plane-state idle)" 0
established 1 || fail "tunnels: $(tunnels)"
