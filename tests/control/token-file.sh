#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon's token file is half written, goes, comes back, is open to everybody: the last
# good token stays, and a good one that comes is told to the control plane once.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
control

# tokens: those that came with registrations, each as it came.
tokens() {
	jq -r --arg method "/$REGISTER" 'select(.event == "request" and (.path | endswith($method))) |
		.headers.authorization | ltrimstr("Bearer ")' "$WORK/requests.json"
}

# quiet WHAT: nothing comes of it.
quiet() {
	sleep 70
	expect "registrations $1" "$(tokens)" ''
	expect "state $1" "$(plane state)" registered
	running daemon || fail "the daemon ended $1"
}

# heard WHAT: the token that is in the file comes once.
heard() {
	sleep 8
	expect "registrations $1" "$(tokens)" "$(cat "$WORK/token")"
	forget
}

step "no file yet: it is waited for"
rm "$WORK/token"
start_daemon --snap "$(url 1)"
sleep 100
expect "requests" "$(wc -l <"$WORK/requests.json")" 0
running daemon || fail "the daemon ended"
new_token
heard "when it comes"
established 1 || fail "tunnels: $(tunnels)"

step "half of one"
better=$(make_token)
printf %s "${better:0:60}" >"$WORK/token"
quiet "of a half"
expect "warnings" "$(grep -c 'not whole; the last one stays' "$WORK/daemon.log")" 1
printf '%s\n' "$better" >"$WORK/token"
heard "of the whole"

step "written piece by piece, slowly"
better=$(make_token)
{
	for ((i = 0; i < ${#better}; i += 40)); do
		printf %s "${better:i:40}"
		sleep 0.5
	done
} >"$WORK/token"
heard "of the pieces"

step "empty, nothing but white space, two tokens, a token that has expired, garbage"
for text in '' $'\n\n' "$better $better" "$(make_token -100)" $'\x01\x02' \
	"$(head -c 100000 /dev/zero | tr '\0' x)"; do
	printf %s "$text" >"$WORK/token"
	quiet "of ${text:0:20}"
done
new_token
heard "of a good one"

step "open to everybody"
new_token
heard "before"
make_token >"$WORK/token.new"
chmod 644 "$WORK/token.new"
mv "$WORK/token.new" "$WORK/token"
quiet "of an open one"
chmod 600 "$WORK/token"
heard "of the same, closed"

step "a folder, a device, a link to nowhere in its place"
for place in 'mkdir %' 'mknod -m 600 % c 1 5' 'ln -s /nowhere %'; do
	rm -rf "$WORK/token"
	# shellcheck disable=SC2086
	${place//%/$WORK/token}
	quiet "after $place"
done
rm "$WORK/token"
new_token
heard "of a good one"

step "removed, and the same comes back: nothing new"
mv "$WORK/token" "$WORK/aside"
quiet "without a file"
mv "$WORK/aside" "$WORK/token"
quiet "with the same"

step "its folder is another one"
mkdir "$WORK/folder"
cp -p "$WORK/token" "$WORK/folder"
stop daemon || fail "the daemon does not end well"
background daemon us snaptun daemon snap0 --token-file "$WORK/folder/token" --snap "$(url 1)"
sleep 5
forget
mv "$WORK/folder" "$WORK/old"
sleep 5
mkdir "$WORK/folder"
new_token
cp -p "$WORK/token" "$WORK/folder"
heard "of the new folder"

step "ten at once: the last one counts"
for _ in {1..10}; do
	new_token
	cp -p "$WORK/token" "$WORK/folder/new"
	mv "$WORK/folder/new" "$WORK/folder/token"
done
sleep 8
expect "the last token" "$(tokens | tail -n 1)" "$(cat "$WORK/token")"
between "registrations" "$(tokens | wc -l)" 1 3
established 1 || fail "tunnels: $(tunnels)"
! grep -qFf <(cut -d. -f3 "$WORK/token") "$WORK/daemon.log" || fail "the token is in the log"
