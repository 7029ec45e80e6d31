#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml-time uml-debug-time
# An identity is authorised until the latest end of those that its authorisations have.
# Each has a tag, and is replaced by the next one with that tag; there are eight at most.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

authorise() { server snaptun identity set snap0 --key "$(key client)" --lifetime "$@"; }
# asked WORD…: what the kernel says to a request with several authorisations.
asked() { say one authorise snap0 "$(key client)" "$@"; }
# tags: which there are, as text, with those that have an end in brackets.
tags() {
	look server '.identities[0].authorisations | map(if .lifetime then "(\(.tag))" else .tag end) | join(" ")'
}
all() { look server '.identities[0].authorisations | map("\(.tag) \(.lifetime // 0 | . / 60000 | floor)") | join(", ")'; }
works() { reaches client 10.7.0.2; }

topology
responder
initiator
registrar one server
background events server snaptun monitor snap0 --json
within 10 logged events listening || fail "monitor does not listen"
within 10 established client || fail "no session"
expect "tags" "$(tags)" ''
expect "authorisations" "$(look server '.identities[0].authorisations | length')" 1

step "the latest end counts"
authorise 30 --tag a
authorise 60 --tag b
expect "tags" "$(tags)" ' (61) (62)'
authorise 0
expect "tags" "$(tags)" '(61) (62)'
sleep 40
works || fail "no answer before the latest end"
expect "tags" "$(tags)" '(62)'
sleep 22
! works || fail "an answer after the latest end"
expect "tags" "$(tags)" ''

step "a tag is replaced"
authorise 1000 --tag b
authorise 20 --tag b
expect "tags" "$(tags)" '(62)'
sleep 15
authorise 20 --tag b
sleep 15
works || fail "no answer"
sleep 8
! works || fail "an answer after the end that was set last"
authorise 100 --tag b
works || within 10 works || fail "no answer"
authorise unlimited --tag c
authorise 0 --tag b
expect "tags" "$(tags)" '63'
works || fail "no answer"
expect "ends" "$(grep -c identity-ended "$WORK/events.log")" 2
authorise 0 --tag c

step "eight"
authorise 660 --tag 1
expect "several at once" "$(asked 2 720000 3 780000 4 840000 "''" 900000)" ok
expect "authorisations" "$(all)" '31 10, 32 11, 33 12, 34 13,  14'
expect "up to eight" "$(asked 5 900000 6 unlimited 7 30000)" ok
eight='31 10, 32 11, 33 12, 34 13,  14, 35 14, 36 0, 37 0'
expect "authorisations" "$(all)" "$eight"
full='ENOSPC the identity has as many authorisations as it can have'
expect "a ninth" "$(asked 8 900000)" "$full"
expect "a ninth after a change" "$(asked 1 unlimited 8 900000)" "$full"
! server snaptun identity set snap0 --key "$(key client)" --keepalive 77 --lifetime 9 --tag 9 2>"$WORK/refusal.log" ||
	fail "a ninth is taken"
logged refusal 'the identity has as many authorisations as it can have: No space left' || fail "$(cat "$WORK/refusal.log")"
long=$(printf '%033d' 0)
expect "a tag too long" "$(asked 1 unlimited "$long" 1000)" 'ERANGE longer than a tag can be'
! authorise 1 --tag "$long" 2>"$WORK/refusal.log" || fail "a tag of 33 bytes is taken"
logged refusal '--tag: longer than 32 bytes' || fail "$(cat "$WORK/refusal.log")"
expect "more than all time" "$(asked 1 3155760000001)" 'ERANGE more than a hundred years'
expect "authorisations" "$(all)" "$eight"
expect "keepalive" "$(look server '.identities[0].keepalive')" 0
expect "one for another" "$(asked 1 0 "${long:1}" 1000000)" ok
# One that has ended makes room.
expect "a ninth" "$(asked 9 1000000)" "$full"
sleep 31
expect "a ninth after an end" "$(asked 9 1000000)" ok
expect "tags" "$(tags)" "(32) (33) (34) () (35) 36 ($(printf '%064d' 0 | sed 's/00/30/g')) (39)"
works || within 200 works || fail "no answer"

step "a new identity"
server snaptun identity del snap0 --key "$(key client)"
server snaptun identity add snap0 --key "$(key client)" --lifetime 50 --tag x
expect "tags" "$(tags)" '(78)'
stop one || true
