#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# More than a thousand registrations, some after failures, do not have the daemon grow:
# neither its memory nor the files that it has open.
#
# kernels: uml-time
# timeout: 600
# long
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

topology
control 2
# Every third registration with the first one fails, and is done again.
script "{behave: {\"p1/$REGISTER\": [range(2000) | if . % 3 == 2 then {status: 503,
	json: {code: \"unavailable\", message: \"later\"}} else {} end]}}"
start_daemon --quiet --snap "$(url 1)" --snap "$(url 2)"
within 20 established 2 || fail "tunnels: $(tunnels)"
pid=${RUNNING[daemon]}
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
files() { find "/proc/$pid/fd" -mindepth 1 | wc -l; }

# renew TIMES: registrations with both of them, with one token after the other.
renew() {
	local n

	for ((n = 0; n < $1; n++)); do
		printf %s "${token%.*}.$((++tokens))" >"$WORK/token.new"
		mv "$WORK/token.new" "$WORK/token"
		sleep 3
	done
}
token=$(make_token) tokens=100000
umask 077

# What is done for the first time takes memory for good.
renew 50
memory=$(memory) files=$(files)
forget
renew 500
between "registrations" "$(count "$REGISTER")" 1200 1300
echo "memory: $memory KiB, then $(memory) KiB; files: $files, then $(files)"
(($(memory) <= memory + 256)) || fail "the daemon grew from $memory KiB to $(memory) KiB"
expect "files that are open" "$(files)" "$files"
expect "control planes" "$(planes)" "$(url 1)/ registered 1
$(url 2)/ registered 1"
established 2 || fail "tunnels: $(tunnels)"
