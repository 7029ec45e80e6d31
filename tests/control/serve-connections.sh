#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients that are slow, silent, too many or talk nonsense do not keep `snaptun serve` from
# answering others: connections have bounds, for all and for one address, and so has the time
# that a request takes.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=serving.sh disable=SC2119
. "${0%/*}/serving.sh"

# What the manual says.
CONNECTIONS=512 OF_ONE=64 PATIENCE=30

# clients NAME NS SOURCE COUNT [TEXT [SECONDS]]: so many connections from that address, each of
# which sends a text, a byte each so many seconds. NAME.log has "open" when all of them are there,
# "said …" for what one hears, and "closed N" where the server ends one after N seconds.
clients() {
	background "$1" "$2" python3 "$WORK/clients" "$3" "${TO:-$CONTROL}" "${@:4}"
	within 20 logged "$1" '^open$' || fail "no connections"
}

# closed NAME: when the first and the last of these ended, and how many did.
closed() {
	sed -n 's/^closed //p' "$WORK/$1.log" |
		awk 'NR == 1 { first = $1 } { last = $1 } END { print first + 0, last + 0, NR }'
}

# ends NAME COUNT: all of them ended, when their time was over.
ends() {
	local first last count

	finished "$1" || fail "$1 failed"
	read -r first last count < <(closed "$1")
	expect "connections of $1 that ended" "$count" "$2"
	between "when the first of $1 ended" "$first" $((PATIENCE - 1)) $((PATIENCE + 2))
	between "when the last of $1 ended" "$last" $((PATIENCE - 1)) $((PATIENCE + 2))
}

# serves [NS SOURCE]: whether a call is answered at once, from that address.
serves() {
	clients call "${1:-us}" "${2:-192.0.2.1}" 1 "$call"
	within 5 logged call '^said HTTP/1.1 200 OK$' || return
	kill "${RUNNING[call]}"
	finished call || true
}

serving
cat >"$WORK/clients" <<-'END'
	import resource, selectors, socket, sys, time
	resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
	source, address, count, text, pause = sys.argv[1:] + ["", "0"][len(sys.argv) - 4:]
	host, port = address.rsplit(":", 1)
	text, pause = text.encode().decode("unicode_escape").encode(), float(pause)
	begin, clients = time.monotonic(), selectors.DefaultSelector()
	for _ in range(int(count)):
	    client = socket.create_connection((host, int(port)), source_address=(source, 0))
	    clients.register(client, selectors.EVENT_READ, [text])
	print("open", flush=True)
	while clients.get_map():
	    for key in list(clients.get_map().values()):
	        size = 1 if pause else len(text)
	        piece, key.data[0] = key.data[0][:size], key.data[0][size:]
	        try:
	            key.fileobj.sendall(piece)
	        except OSError:
	            pass
	    time.sleep(pause)
	    for key, _ in clients.select(0 if pause else None):
	        try:
	            said = key.fileobj.recv(4096)
	        except OSError:
	            said = b""
	        if said:
	            print("said", said.split(b"\r\n")[0].decode(), flush=True)
	        else:
	            print("closed", int(time.monotonic() - begin), flush=True)
	            clients.unregister(key.fileobj)
END
head="POST $SERVICE/$LOCATE HTTP/1.1\\r\\nHost: x\\r\\nContent-Type: application/proto\\r\\n"
head+="Authorization: Bearer $(token a)\\r\\n"
call="${head}Content-Length: 0\\r\\n\\r\\n"
ip -n us addr add 192.0.2.3/24 dev veth0
serve
serves || fail "a call is not answered"

step "silent connections end, and of one address there are only so many"
clients silent us 192.0.2.3 "$OF_ONE"
clients more us 192.0.2.3 1 "$call"
finished more || fail "it failed"
expect "one more" "$(closed more)" '0 0 1'
serves || fail "another address gets no answer"
ends silent "$OF_ONE"
serves us 192.0.2.3 || fail "there is no answer when they have ended"

step "requests that never end"
clients head us 192.0.2.3 5 "$head"
clients body us 192.0.2.3 5 "${head}Content-Length: 10\\r\\n\\r\\n12345"
clients slow us 192.0.2.3 5 "$call" 1
clients chunks us 192.0.2.3 5 "${head}Transfer-Encoding: chunked\\r\\n\\r\\n$(printf '1\\r\\n0\\r\\n%.0s' {1..100})" 1
serves || fail "another address gets no answer"
for name in head body slow chunks; do ends "$name" 5; done

step "one that is slow, and yet in time"
clients slow us 192.0.2.3 1 "$call" 0.02
within 60 logged slow '^said HTTP/1.1 200 OK$' || fail "no answer: $(<"$WORK/slow.log")"
finished slow || fail "it failed"

step "each request has its time anew, and so has a connection without one"
clients again us 192.0.2.3 1 "$call"
finished again || fail "it failed"
between "when it ended" "$(closed again | cut -d' ' -f1)" $((PATIENCE - 1)) $((PATIENCE + 2))
{
	for _ in 1 2 3; do
		printf '%b' "$call"
		sleep 20
	done
} | us socat -t 1 -,ignoreeof "TCP:$CONTROL" >"$WORK/answer" || true
expect "answers in one connection" "$(grep -ao 'HTTP/1.1 200 OK' "$WORK/answer" | wc -l)" 3

step "nonsense"
long=$(printf 'x%.0s' {1..1000})
nonsense=('\x16\x03\x01\x02\x00\x01\x00' '\r\n\r\n\r\n' 'POST\r\n\r\n' 'POST / HTTP/9.9\r\n\r\n' '\x00\x00\x00\x00\r\n\r\n'
	"${head}Content-Length: -1\\r\\n\\r\\n" "${head}Content-Length: x\\r\\n\\r\\n"
	"${head}Content-Length: 99999999999999999999999\\r\\n\\r\\n"
	"${head}Transfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n"
	"${head}$(for n in {1..60}; do printf '%s: %s\\r\\n' "X-$n" "$long"; done)\\r\\n"
	"POST /$long$long$long HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
for text in "${nonsense[@]}"; do
	clients nonsense us 192.0.2.3 3 "$text"
	finished nonsense || fail "no end of: ${text:0:60}"
	! logged nonsense '^said HTTP/1.1 2' || fail "an answer to: ${text:0:60}"
done
serves || fail "a call is not answered"
running serve || fail "it ended"
stop serve || fail "it does not end well"

step "by TLS it is the same"
"$ROOT/tests/control/certificates" "$WORK/tls" "$HOST"
serve --tls-certificate-file "$WORK/tls/good.pem" --tls-key-file "$WORK/tls/good.key"
clients silent us 192.0.2.3 "$OF_ONE"
us openssl s_client -connect "$CONTROL" </dev/null >/dev/null 2>&1 || fail "another address gets no answer"
ends silent "$OF_ONE"
stop serve || fail "it does not end well"

step "on loopback one address may have all of them, and those that wait get their turn"
TO=127.0.0.1:7001
serve --control-listen "$TO"
clients silent them 127.0.0.1 "$CONNECTIONS"
clients more them 127.0.0.1 5 "$call"
sleep 10
! logged more '^said' || fail "there are more than $CONNECTIONS"
ends silent "$CONNECTIONS"
serves them 127.0.0.1 || fail "there is no answer when they have ended"

step "when all of them close at once, others get an answer"
clients silent them 127.0.0.1 "$CONNECTIONS"
kill -STOP "${RUNNING[serve]}"
kill "${RUNNING[silent]}"
finished silent || true
kill -CONT "${RUNNING[serve]}"
serves them 127.0.0.1 || fail "there is no answer any more"
stop serve || fail "it does not end well"
