#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1
# Thousands of datagrams that mean nothing, from a stranger and from the client's own
# address: each is counted, nothing is kept, nothing is logged, nothing is answered,
# and the tunnel works all the while.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

topology
connect
reaches client 10.7.0.2 || fail "no answer"
ip -n client addr add 192.0.2.77/24 dev veth0

# The reasons for which they may be refused.
refused() {
	look server '.counters | ."rx-malformed" + ."rx-bad-mac1" + ."rx-no-session" +
		."rx-bad-cookie" + ."rx-wrong-source" + ."rx-bad-handshake" + ."rx-queue-full"'
}
# All that a datagram could change.
state() {
	look server '[.tunnels[] | {id, state, endpoint}], .identities,
		(.counters | {sessions, "handshakes-answered", "cookies-sent"}), .pool."in-use"'
}
all_refused() { (($(refused) >= before + count)); }

state=$(state)
capture answers server 'udp and src port 5000 and dst host 192.0.2.77'
dmesg=$(dmesg | wc -l)
background ping client ping -q -i 0.05 -c 40 -W 2 10.7.0.2

step "from a stranger"
before=$(refused)
count=$(client garbage 192.0.2.77 4000 192.0.2.2 5000)
((count > 4000)) || fail "only $count datagrams"
within 10 all_refused || fail "$(($(refused) - before)) of $count datagrams were counted"
(($(counter server rx-malformed) > 4000)) || fail "malformed ones are not told apart"
counted server rx-bad-mac1 1 || fail "a wrong mac1 is not told apart"
counted server rx-no-session 1 || fail "an unknown session is not told apart"

finished ping || fail "pings were lost meanwhile"
logged ping ' 0% packet loss' || fail "pings were lost meanwhile"

step "from the client's address"
client snaptun tunnel del snap0 1
before=$(refused)
count=$(client garbage 192.0.2.1 6000 192.0.2.2 5000)
within 10 all_refused || fail "$(($(refused) - before)) of $count datagrams were counted"

step "to all hosts of the link, who could not answer from there"
malformed=$(counter server rx-malformed)
before=$(refused) count=2
{ printf '\1\0\0\0' && head -c $((INITIATION - 4)) /dev/zero; } >"$WORK/initiation"
for group in 'UDP4-DATAGRAM:192.0.2.255:5000,broadcast' 'UDP6-DATAGRAM:[ff02::1%veth0]:5000'; do
	client socat -u "FILE:$WORK/initiation" "$group" || fail "cannot be sent to $group"
done
within 10 all_refused || fail "$(($(refused) - before)) of $count datagrams were counted"
expect "malformed ones" $(($(counter server rx-malformed) - malformed)) 2

expect "state of the server" "$(state)" "$state"
expect "lines in the kernel's log" "$(dmesg | wc -l)" "$dmesg"
stop answers || true
expect "answers" "$(datagrams answers 192.0.2.2.5000)" 0

step "a client still gets in"
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --local-port 6000
within 10 reaches client 10.7.0.2 || fail "no answer"
