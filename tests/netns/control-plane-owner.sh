#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug
# One helper at a time registers with a control plane. What comes of it counts from that
# helper alone, and when its socket closes, or it is killed, another may begin: the
# device is registered as before, or not at all.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

# told EVENT STATE: the last event is this one.
told() { [[ $(tail -n 1 "$WORK/events.log" | jq -r '"\(.event) \(.state)"') == "control-plane-$1 $2" ]]; }

# is STATE: the control plane's.
is() { expect "state" "$(plane client 1 state)" "$1"; }
becomes() { [[ $(plane client 1 state) == "$1" ]]; }

make_hosts client server
device client
background events client snaptun monitor snap0 --json
within 10 logged events listening || fail "monitor does not listen"
client snaptun tunnel add snap0 --remote-key "$(key server)" --endpoint "$SERVER" --control-plane https://a >/dev/null
registrar one client
registrar two client

step "one at a time"
expect "what nobody does" "$(say one registered snap0 1 1000000)" \
	'ESTALE this socket does not register, or its time was up'
for state in failed idle; do
	expect "$state" "$(say one "$state" snap0 1)" 'ESTALE this socket does not register, or its time was up'
done
is idle
expect "one begins" "$(say one registering snap0 1 100000)" ok
is registering
within 5 told state registering || fail "told was $(tail -n 1 "$WORK/events.log")"
expect "two begins" "$(say two registering snap0 1 100000)" 'EBUSY another helper is registering'
for outcome in 'registered snap0 1 100000' 'failed snap0 1' 'idle snap0 1'; do
	expect "$outcome" "$(say two "$outcome")" 'ESTALE this socket does not register, or its time was up'
done
is registering
expect "one begins again" "$(say one registering snap0 1 50000000)" ok
(($(plane client 1 deadline) > 40000000)) || fail "the deadline is not set anew"
expect "one gives up" "$(say one idle snap0 1)" ok
is idle
within 5 told state idle || fail "told was $(tail -n 1 "$WORK/events.log")"
expect "deadline" "$(plane client 1 deadline)" none
expect "two begins" "$(say two registering snap0 1 100000)" ok
expect "one is done" "$(say one registered snap0 1 100000)" 'ESTALE this socket does not register, or its time was up'
expect "two fails" "$(say two failed snap0 1)" ok
is failed
within 5 told state failed || fail "told was $(tail -n 1 "$WORK/events.log")"
expect "two fails again" "$(say two failed snap0 1)" 'ESTALE this socket does not register, or its time was up'

step "what cannot be"
expect "no such control plane" "$(say one registering snap0 2 1000)" 'ENOENT no such control plane'
needs='EINVAL the state needs a time: deadline with registering, lifetime with registered'
expect "no deadline" "$(say one state snap0 1 1)" "$needs"
expect "a lifetime" "$(say one state snap0 1 1 lifetime 5)" 'EINVAL does not go with this state'
expect "no lifetime" "$(say one state snap0 1 2)" "$needs"
expect "both" "$(say one state snap0 1 2 lifetime 5 deadline 5)" 'EINVAL does not go with this state'
expect "a time that goes with nothing" "$(say one state snap0 1 3 lifetime 5)" 'EINVAL does not go with this state'
expect "no time" "$(say one registering snap0 1 0)" 'ERANGE no time at all'
expect "more than all time" "$(say one registering snap0 1 3155760000001)" 'ERANGE more than a hundred years'
[[ $(say one state snap0 1 4) == E* ]] || fail "there is a fifth state"
is failed

step "a socket closes"
expect "one begins" "$(say one registering snap0 1 100000000)" ok
stop one || true
within 10 becomes idle || fail "it is $(plane client 1 state)"
within 5 told lost idle || fail "told was $(tail -n 1 "$WORK/events.log")"
expect "two begins" "$(say two registering snap0 1 100000)" ok
expect "two is done" "$(say two registered snap0 1 100000000)" ok
is registered
within 5 told state registered || fail "told was $(tail -n 1 "$WORK/events.log")"
(($(plane client 1 lifetime) > 90000000)) || fail "it is registered for $(plane client 1 lifetime) ms"
client snaptun show snap0 >"$WORK/shown"
grep -qx '  control plane 1: registered for another 1 day, 3 hours' "$WORK/shown" || fail "people are not told for how long"

step "a helper is killed"
expect "two begins" "$(say two registering snap0 1 100000)" ok
is registering
(($(plane client 1 lifetime) > 90000000)) || fail "what was registered is forgotten"
kill -KILL "${RUNNING[two]}"
finished two || true
within 10 becomes registered || fail "it is $(plane client 1 state)"
within 5 told lost registered || fail "told was $(tail -n 1 "$WORK/events.log")"
(($(plane client 1 lifetime) > 90000000)) || fail "it is registered for $(plane client 1 lifetime) ms"
# A socket that owns nothing any more, and one that never did.
registrar one client
registrar two client
expect "one begins" "$(say one registering snap0 1 100000)" ok
expect "one is done" "$(say one registered snap0 1 200000000)" ok
(($(plane client 1 lifetime) > 190000000)) || fail "it is registered for $(plane client 1 lifetime) ms"
lines=$(wc -l <"$WORK/events.log")
stop one || true
stop two || true
registrar one client
expect "it begins" "$(say one registering snap0 1 100000)" ok
expect "it gives up" "$(say one idle snap0 1)" ok
is registered
expect "events" "$(tail -n +$((lines + 1)) "$WORK/events.log" | jq -r .state | xargs)" 'registering registered'

step "a socket with the same port in another namespace"
ip -n server link add snap1 type snaptun
server snaptun tunnel add snap1 --remote-key "$(key client)" --endpoint 192.0.2.1:1 --control-plane https://a >/dev/null
registrar here client 4711
registrar there server 4711
expect "it begins here" "$(say here registering snap0 1 100000)" ok
expect "it begins there" "$(say there registering snap1 1 100000)" ok
stop there || true
there() { [[ $(server snaptun show snap1 --json | jq -r '.[0]."control-planes"[0].state') == idle ]]; }
within 10 there || fail "the helper there is gone, and registers"
is registering
expect "it gives up here" "$(say here idle snap0 1)" ok
stop here || true
ip -n server link del snap1

step "what was made for a while, and all that goes with it"
[[ $(say one tunnel-new snap0 "$(key server)" 192.0.2.2 7000 https://b) == 'ok 2 2 0 1' ]] || fail "no tunnel"
[[ $(say one tunnel-new snap0 "$(key server)" 192.0.2.2 7001 https://b) == 'ok 3 2 0 2' ]] || fail "no tunnel"
[[ $(say one tunnel-new snap0 "$(key server)" 192.0.2.2 7002 https://a) == 'ok 4 1 2 2' ]] || fail "no tunnel"
[[ $(say one tunnel-new snap0 "$(key server)" 192.0.2.2 7003) == 'ok 5 0 0 0' ]] || fail "no tunnel"
expect "it begins with both" "$(say one registering snap0 2 100000) $(say one registering snap0 1 100000)" 'ok ok'
expect "tunnels" "$(references client)" 'a 2, b 2'
lines=$(wc -l <"$WORK/events.log")
kill -KILL "${RUNNING[one]}"
finished one || true
alone() { [[ $(tunnels client) == 1 && $(references client) == 'a 1' && $(plane client 1 state) == registered ]]; }
within 10 alone || fail "$(tunnels client) tunnels, control planes $(references client)"
what_was_told() { tail -n +$((lines + 1)) "$WORK/events.log" | jq -r .event | sort | uniq -c | awk '{ print $2, $1 }' | xargs; }
wanted='control-plane-del 1 control-plane-lost 1 tunnel-del 4'
all_told() { [[ $(what_was_told) == "$wanted" ]]; }
within 5 all_told || fail "what was told: $(what_was_told)"

step "the last tunnel goes while somebody registers"
registrar two client
expect "it begins" "$(say two registering snap0 1 100000)" ok
client snaptun tunnel del snap0 1
expect "control planes" "$(look client '."control-planes" | length')" 0
expect "it is done" "$(say two registered snap0 1 100000)" 'ENOENT no such control plane'
stop two || true
