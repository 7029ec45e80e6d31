#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Tokens and API keys are gone from memory when a call is over, whatever its outcome:
# from libcurl's and protobuf-c's, too, and from answers and errors.
#
# kernels: host
# shellcheck source-path=SCRIPTDIR source=helper/lib.sh
. "$(dirname "$0")/helper/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$root/tests/testbed/lib.sh"
export LC_ALL=C

need openssl python3
unset http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY
"$root/tests/control/certificates" "$work/certificates" || fail "there are no certificates"

# With the options of the helper itself.
libraries=$(sed -n 's/^LIBRARIES := //p' "$root/userspace/Makefile")
# shellcheck disable=SC2046,SC2086 # words
gcc -std=c11 -D_GNU_SOURCE -O2 -I"$root/userspace" -I"$root/include/uapi" \
	-Wl,-z,relro,-z,now -o "$work/call" "$root/tests/unit/helper/call.c" \
	"$root/build/helper/helper.a" \
	$(pkg-config --cflags --libs $libraries) || fail "the caller does not build"

# Each starts with what is nowhere else.
sent=Sent7c1e$(tr -dc a-z0-9 </dev/urandom | head -c 50 || true)
got=Got95d2a$(tr -dc a-z0-9 </dev/urandom | head -c 50 || true)
printf %s "$sent" >"$work/token"
"$root/tests/control/server" --log "$work/log" --script "$work/script" plain=127.0.0.1:0 \
	"tls=127.0.0.1:0,$work/certificates/good.pem,$work/certificates/good.key" \
	>"$work/listeners" &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
for ((tries = 0; tries < 100; tries++)); do
	if grep -qx ready "$work/listeners"; then break; fi
	sleep 0.1
done

# gone LISTENER WORDS: after both calls nothing is left; the caller says these words.
gone() {
	local line pid said=''

	coproc "$work/call" "$(awk -v name="$1" '$1 == name { print $2 }' "$work/listeners")" \
		"$work/token" "$work/certificates/ca.pem"
	pid=$COPROC_PID
	while read -r line <&"${COPROC[0]}" && [[ $line != "done" ]]; do said+=$line$'\n'; done
	dump "$pid" "$work/memory"
	kill "$pid"
	wait "$pid" || true
	[[ $said == *"$2"* ]] || fail "$1: the caller says: $said"
	# That the search works shows in what is there for certain.
	grep -qaF "$work/token" "$work/memory" || fail "$1: the dump has nothing"
	! grep -qaF "${sent:0:20}" "$work/memory" || fail "$1, $2: what was sent is in memory"
	! grep -qaF "${got:0:20}" "$work/memory" || fail "$1, $2: what was got is in memory"
}

for listener in plain tls; do
	echo "{\"token\": \"$got\"}" >"$work/script"
	gone "$listener" answered
	echo "{\"behave\": {\"*/*\": [{\"status\": 403, \"json\": {\"code\": \"permission_denied\",
		\"message\": \"$sent is wrong\"}}]}}" >"$work/script"
	gone "$listener" "... is wrong"
	echo '{"behave": {"*/*": [{"close": true}]}}' >"$work/script"
	gone "$listener" 'mpty reply'
done
