#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGHUP has `snaptun serve` read its configuration again, and what is new counts; one that makes
# no sense, or is for another device, changes nothing, and who is in stays in. The service
# manager is told how it is.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=serving.sh disable=SC2119
. "${0%/*}/serving.sh"

# conf [LINE…]: the configuration, with these lines in it.
conf() {
	own "$WORK/serve.conf" <<-END
		device = snap0
		private-key-file = $WORK/them.key
		listen-port = 5000
		token-key-file = $WORK/one.pub.pem
		insecure-http = on
		$(printf '%s\n' "$@")
	END
}
PLANE="data-plane = $DATA_PLANE" LISTEN="control-listen = $CONTROL"

# reload: it is told to read all of it again, and says what came of it.
reload() {
	: >"$WORK/serve.log"
	kill -HUP "${RUNNING[serve]}"
	within 20 logged serve ': control plane at ' || fail "nothing came of SIGHUP"
	running serve || fail "it ended"
}

# tells ADDR:PORT: where that control plane says that the data plane is, and where to register.
tells() {
	find_data_plane "$1" "$(<"$WORK/token")" || return
	echo "$DATA_PLANE $REGISTRY"
}

serving
# The service manager.
background manager them socat -u UNIX-RECV:"$WORK/notify" "CREATE:$WORK/told"
within 10 test -S "$WORK/notify" || fail "no service manager"
own "$WORK/token" < <(token laptop)
conf "$PLANE" "$LISTEN"
background serve them env "NOTIFY_SOCKET=$WORK/notify" WATCHDOG_USEC=10000000 \
	snaptun serve --config "$WORK/serve.conf"
within 20 logged serve ': control plane at ' || fail "nobody serves"
register "$CONTROL" "$(<"$WORK/token")" us || fail "status $(answered)"
before=$(there '.identities')

step "the same again"
reload
logged serve 'has its configuration anew' || fail "$(<"$WORK/serve.log")"
expect "what it tells" "$(tells "$CONTROL")" "$DATA_PLANE http://$CONTROL"

step "another data plane, URL, port of the device, and address"
conf 'data-plane = [2001:db8::7]:5001' "$LISTEN" 'control-url = https://snap.example' 'address = 10.9.0.1/24' 'mtu = 1400'
sed -i 's/^listen-port.*/listen-port = 5001/' "$WORK/serve.conf"
reload
expect "what it tells" "$(tells "$CONTROL")" '[2001:db8::7]:5001 https://snap.example'
expect "port" "$(there '."listen-port"')" 5001
expect "MTU and address" "$(ip -n them -j address show snap0 | jq -r '.[0] | "\(.mtu) \(.addr_info[0].local)"')" \
	'1400 10.9.0.1'
conf "$PLANE" "$LISTEN"
reload
expect "what it tells" "$(tells "$CONTROL")" "$DATA_PLANE http://$CONTROL"

step "it listens elsewhere, and not where it did"
for place in "$HOST:7002" "[::]:7003" "$CONTROL"; do
	url=()
	[[ $place != \[* ]] || url=('control-url = http://snap.example')
	conf "$PLANE" "control-listen = $place" "${url[@]}"
	reload
	tells "$HOST:${place##*:}" >/dev/null || fail "nobody serves at $place"
	expect "sockets that listen" "$(them ss -Hltn | wc -l)" 1
done

step "what makes no sense: all goes on, and it says so"
for line in 'colour = blue' 'listen-port = 0' 'device = snap1' 'insecure-http = off' 'control-url = nothing' \
	'control-listen = 192.0.2.77:7001' 'control-listen = 0.0.0.0:7001' 'token-key-file = /nonexistent/key' 'snap-as = 1'; do
	conf "$PLANE" "$LISTEN"
	sed -i "/^${line%% *} =/d" "$WORK/serve.conf"
	echo "$line" >>"$WORK/serve.conf"
	reload
	logged serve 'goes on with the configuration that it had' || fail "$line: $(<"$WORK/serve.log")"
	expect "what it tells" "$(tells "$CONTROL")" "$DATA_PLANE http://$CONTROL"
done
conf "$PLANE"
reload
logged serve 'control-listen is missing' || fail "$(<"$WORK/serve.log")"
conf "$PLANE" "$LISTEN"
chmod 666 "$WORK/serve.conf"
reload
logged serve 'goes on with the configuration that it had' || fail "$(<"$WORK/serve.log")"
rm "$WORK/serve.conf"
reload
logged serve 'goes on with the configuration that it had' || fail "$(<"$WORK/serve.log")"
expect "what it tells" "$(tells "$CONTROL")" "$DATA_PLANE http://$CONTROL"
expect "devices" "$(ip -n them -j link show type snaptun | jq -r '.[].ifname')" snap0

step "who is in is still in"
expect "identities" "$(there '.identities | map(.key)' | jq -c .)" "$(jq -c 'map(.key)' <<<"$before")"
sleep 20
stop serve || fail "it does not end well"

step "what the service manager heard"
within 10 grep -q STOPPING "$WORK/told" || fail "$(<"$WORK/told")"
grep -aoE '(READY|RELOADING|STOPPING)=1' "$WORK/told" | uniq >"$WORK/heard"
expect "first and last" "$(head -n 3 "$WORK/heard" | paste -sd ' ') $(tail -n 2 "$WORK/heard" | paste -sd ' ')" \
	'READY=1 RELOADING=1 READY=1 READY=1 STOPPING=1'
grep -aq "STATUS=snap0: control plane at http://$CONTROL" "$WORK/told" || fail "$(<"$WORK/told")"
(($(grep -ao WATCHDOG=1 "$WORK/told" | wc -l) > 3)) || fail "watchdog: $(<"$WORK/told")"

step "a command line has nothing to read again but keys"
serve
: >"$WORK/serve.log"
kill -HUP "${RUNNING[serve]}"
within 20 logged serve 'has its configuration anew' || fail "$(<"$WORK/serve.log")"
running serve || fail "it ended"
stop serve || fail "it does not end well"
