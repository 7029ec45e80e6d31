#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the daemon tells the service manager: READY once it has tried to register, whatever
# came of it; STATUS, how many control planes are registered; WATCHDOG twice in its
# interval, whatever it waits for; RELOADING and STOPPING.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

# heard LINE: when that was told, one a line.
heard() { sed -n "s/^\([0-9]*\) $1\$/\1/p" "$WORK/told"; }
how_often() { heard "$1" | wc -l; }
last_status() { sed -n 's/^[0-9]* STATUS=//p' "$WORK/told" | tail -n 1; }

# managed OPTION…: the daemon as a service, and nothing heard of it yet.
managed() {
	: >"$WORK/told"
	background daemon us env "NOTIFY_SOCKET=$address" "$watchdog" snaptun daemon snap0 \
		--token-file "$WORK/token" "$@"
}

topology
control 2
# The service manager: each line of each message, with its time in milliseconds.
cat >"$WORK/manager" <<-'END'
	import socket, sys, time
	manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	manager.bind(sys.argv[1].replace("@", "\0"))
	print("listening", flush=True)
	while True:
	    lines = manager.recv(4096).decode().split("\n")
	    now = int(time.clock_gettime(time.CLOCK_MONOTONIC) * 1000)
	    with open(sys.argv[2], "a") as log:
	        log.writelines(f"{now} {line}\n" for line in lines)
END

address=$WORK/notify watchdog=NONE=1
background manager python3 "$WORK/manager" "$address" "$WORK/told"
within 10 logged manager listening || fail "nobody listens"

step "it is ready when it is registered"
script "{behave: {\"*/$REGISTER\": [{delay: 10}, {}]}}"
managed --snap "$(url 1)"
sleep 5
expect "READY" "$(how_often READY=1)" 0
sleep 10
expect "READY" "$(how_often READY=1)" 1
expect "STATUS" "$(last_status)" 'snap0: 1 of 1 control planes registered'

step "it stops"
stop daemon || fail "it does not end well"
expect "STOPPING" "$(how_often STOPPING=1)" 1
expect "the last word" "$(tail -n 1 "$WORK/told" | cut -d' ' -f2)" STOPPING=1

step "it is ready when it has failed, and the status follows"
us snaptun disconnect snap0
script "{behave: {\"p1/$REGISTER\": [{status: 503}], \"p2/$REGISTER\": [{status: 403}]}}"
managed --snap "$(url 1)" --snap "$(url 2)"
sleep 30
expect "READY" "$(how_often READY=1)" 1
expect "STATUS" "$(last_status)" 'snap0: 0 of 2 control planes registered'
script "{behave: {\"p2/$REGISTER\": [{status: 403}]}}"
sleep 80
expect "STATUS" "$(last_status)" 'snap0: 1 of 2 control planes registered'
script '{}'
sleep 80
expect "STATUS" "$(last_status)" 'snap0: 2 of 2 control planes registered'
ip -n us link del snap0
sleep 5
expect "STATUS" "$(last_status)" 'snap0: no device'
device us
sleep 10
expect "STATUS" "$(last_status)" 'snap0: 2 of 2 control planes registered'
expect "READY" "$(how_often READY=1)" 1
expect "WATCHDOG without being asked" "$(how_often WATCHDOG=1)" 0
stop daemon || fail "it does not end well"

step "the watchdog, while nothing answers"
watchdog=WATCHDOG_USEC=10000000
us snaptun disconnect snap0
script "{behave: {\"*/*\": [{silent: true}]}}"
managed --snap "$(url 1)" --request-timeout 600
sleep 1000
between "WATCHDOG" "$(how_often WATCHDOG=1)" 195 202
expect "the longest pause is too long" "$(heard WATCHDOG=1 |
	awk 'NR > 1 && $1 - last > 6000 { print $1 - last } { last = $1 }')" ''
stop daemon || fail "it does not end well"

step "a watchdog of somebody else"
export WATCHDOG_PID=1
script '{}'
managed --snap "$(url 1)"
sleep 60
expect "WATCHDOG" "$(how_often WATCHDOG=1)" 0
expect "READY" "$(how_often READY=1)" 1
stop daemon || fail "it does not end well"
unset WATCHDOG_PID

step "reloading"
own_folders
configure "token-file = $WORK/token" "snap = $(url 1)"
: >"$WORK/told"
background daemon us env "NOTIFY_SOCKET=$address" snaptun daemon snap0
sleep 10
kill -HUP "${RUNNING[daemon]}"
sleep 10
expect "RELOADING and READY" "$(grep -oE '(RELOADING|READY)=1' "$WORK/told" | paste -sd ' ')" \
	'READY=1 RELOADING=1 READY=1'
expect "STATUS" "$(last_status)" 'snap0: 1 of 1 control planes registered'
stop daemon || fail "it does not end well"

step "an address in no folder, and one where nobody is"
address=@snaptun-test
stop manager || true
background manager us python3 "$WORK/manager" "$address" "$WORK/told"
within 10 logged manager listening || fail "nobody listens"
managed --snap "$(url 1)"
sleep 10
expect "READY" "$(how_often READY=1)" 1
stop daemon || fail "it does not end well"
stop manager || true
managed --snap "$(url 1)"
sleep 10
running daemon || fail "it ended"
established 1 || fail "tunnels: $(tunnels)"
