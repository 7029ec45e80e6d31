#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The pause before attempt n+1 is between the half and the whole of 1.2^n s, 20 s at
# most, and another one for each client. Retry-After comes on top, in both of its forms.
#
# kernels: uml-time
# shellcheck source-path=SCRIPTDIR source=scripted.sh disable=SC2119
. "${0%/*}/scripted.sh"

# What an attempt itself may take, its two requests, milliseconds.
CALLS=400

topology
control 3

# Discovery is tried like all else, and does not wait for another helper's turn.
step "three clients, 25 attempts each: every pause is as long as it is to be"
script '{behave: {"*/ListUnderlays": [{status: 503}]}}'
for n in 1 2 3; do
	background "client$n" us snaptun connect snap0 --endhost-api "$(url "$n")" \
		--token-file "$WORK/token" --attempts-first 25 --timeout 600
done
for n in 1 2 3; do
	status=0
	finished "client$n" || status=$?
	expect "status of client $n" "$status" "$UNREACHABLE"
	expect "attempts of client $n" "$(count "$LIST" "$n")" 25
	gaps "$LIST" "$n" >"$WORK/gaps.$n"
	awk -v calls="$CALLS" '{
		whole = 1000 * 1.2 ^ NR
		whole = whole > 20000 ? 20000 : whole
		if ($1 < whole / 2 - 20 || $1 > whole + calls) {
			print "pause " NR " of " $1 " ms"
			exit 1
		}
		part += ($1 - whole / 2) / whole * 2
	}
	# The mean of 24 even chances is within 4 times its deviation of the middle.
	END { if (part / NR < 0.26 || part / NR > 0.8) { print "a mean of " part / NR; exit 1 } }' \
		"$WORK/gaps.$n" >"$WORK/wrong" || fail "client $n: $(cat "$WORK/wrong")"
done

step "no two clients have the same pauses"
for n in 1 2 3; do
	close=$(paste "$WORK/gaps.$n" "$WORK/gaps.$((n % 3 + 1))" |
		awk '{ d = $1 - $2; n += (d < 0 ? -d : d) < 50 } END { print n + 0 }')
	((close <= 12)) || fail "clients $n and $((n % 3 + 1)) have $close of 24 pauses in common"
done

# after WHAT MIN MAX: when the second attempt came.
after() {
	forget
	expect "status" "$(status us snaptun connect snap0 --endhost-api "$(url 1)" \
		--token-file "$WORK/token" --attempts-first 2 --timeout 0)" "$UNREACHABLE"
	between "$1" "$(gaps "$LIST" 1)" "$2" "$3"
}

step "Retry-After in seconds, as a date, a date that has passed, and nonsense"
for code in 503 429; do
	script "{behave: {\"*/$LIST\": [{status: $code, headers: {\"Retry-After\": \"40\"}}]}}"
	after "40 s with $code" 40600 $((41200 + CALLS))
done
script "{behave: {\"*/$LIST\": [{status: 503, headers: {\"Retry-After\":
	\"$(LC_ALL=C date -u -d '+50 seconds' '+%a, %d %b %Y %H:%M:%S GMT')\"}}]}}"
# A date has whole seconds, and some have passed until it is read.
after "a date in 50 s" 45600 $((51200 + CALLS))
for text in "$(LC_ALL=C date -u -d '-1 hour' '+%a, %d %b %Y %H:%M:%S GMT')" soon -5; do
	script "{behave: {\"*/$LIST\": [{status: 503, headers: {\"Retry-After\": \"$text\"}}]}}"
	after "$text" 580 $((1200 + CALLS))
done

step "a server has its clients wait for an hour at most"
script "{behave: {\"*/$LIST\": [{status: 503, headers: {\"Retry-After\": \"999999\"}}]}}"
after "an hour" 3600600 $((3601200 + CALLS))

step "of the registration, too, and the right to register lasts"
script "{behave: {\"*/$REGISTER\": [{status: 503, headers: {\"Retry-After\": \"25\"}}, {}]}}"
forget
background connect us snaptun connect snap0 --snap "$(url 1)" --token-file "$WORK/token" \
	--request-timeout 1 --timeout 0
sleep 20
expect "state" "$(plane state)" registering
expect "registrations" "$(count "$REGISTER" 1)" 1
finished connect || fail "the second attempt fails"
between "pause" "$(gaps "$REGISTER" 1)" 25600 $((26200 + CALLS))
expect "control planes" "$(planes)" "$(url 1)/ registered 1"

step "a long pause leaves it to others"
script "{behave: {\"*/$REGISTER\": [{status: 503, headers: {\"Retry-After\": \"600\"}}, {}]}}"
forget
background connect us snaptun connect snap0 --snap "$(url 2)" --token-file "$WORK/token" \
	--timeout 0
sleep 550
expect "state" "$(plane state 2)" failed
expect "registrations" "$(count "$REGISTER" 2)" 1
us snaptun connect snap0 --snap "$(url 2)" --token-file "$WORK/token" ||
	fail "another helper cannot register meanwhile"
expect "registrations" "$(count "$REGISTER" 2)" 2
finished connect || fail "the first helper does not see that"
expect "registrations" "$(count "$REGISTER" 2)" 2
expect "state" "$(plane state 2)" registered
