#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kernels: uml uml-debug stock
# long on: debian-6.1 uml-debug
# A link on the way that is too small for the device's MTU: messages go with DF, and
# once the way's MTU is known the senders are told (IP and SCION), so that TCP
# goes on; nothing is fragmented but what asked for it.
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2119
. "${0%/*}/lib.sh"

#	client ---- 198.51.100.0/24, 2001:db8:1::/64, 1500 ---- router ---- 192.0.2.0/24,
#	2001:db8::/64, 1300 ---- server
topology_with_small_link() {
	local ns

	topology_with_nat
	router nft delete table ip nat
	ip -n server route add default via 192.0.2.254
	ip -n client addr add 2001:db8:1::1/64 dev veth0 nodad
	ip -n router addr add 2001:db8:1::fe/64 dev inside nodad
	ip -n router addr add 2001:db8::fe/64 dev outside nodad
	ip -n server addr add 2001:db8::2/64 dev veth0 nodad
	ip -n client route add 2001:db8::/64 via 2001:db8:1::fe
	ip -n server route add 2001:db8:1::/64 via 2001:db8::fe
	router sysctl -qw net.ipv6.conf.all.forwarding=1
	ip -n router link set outside mtu 1300
	ip -n server link set veth0 mtu 1300
	for ns in client router; do
		ip netns exec "$ns" sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
	done
}

# too_big ADDRESS SIZE MTU: pings of that payload are refused once the MTU is known,
# which is this one.
too_big() {
	client ping -c 6 -i 0.3 -W 1 -M "do" -s "$2" "$1" >"$WORK/ping.log" 2>&1 &&
		fail "a packet too big went through"
	logged ping "mtu ?=? ?$3" || fail "the sender is not told of $3: $(cat "$WORK/ping.log")"
}

# fragments: how many the router has seen.
fragments() { router nft list counters inet | awk '/packets/ { n += $2 } END { print n + 0 }'; }

# waits: whether a packet waits for a session.
waits() { (($(tunnel client staged) > 0)); }

# What one underlay allows: IPv4 1300 - 20 - 8 - 32, IPv6 1300 - 40 - 8 - 32.
both_families() { # NAME MTU
	local reported

	step "over $1: IP"
	too_big 10.7.0.2 1300 "$2"
	too_big fd07::2 1300 "$(($2 > 1280 ? $2 : 1280))"
	client ping -q -c 2 -i 0.2 -W 2 -M "do" -s $(($2 - 28)) 10.7.0.2 || fail "what fits is lost"
	counted client tx-path-mtu 1 || fail "nothing was counted"
	expect "fragments" "$(fragments)" 0

	step "over $1: TCP in both directions"
	client iperf3 -c 10.7.0.2 -t 1 || fail "no TCP"
	client iperf3 -c 10.7.0.2 -t 1 -R || fail "no TCP the other way"
	expect "fragments" "$(fragments)" 0

	step "over $1: SCION"
	reported=$(client scion-echo too-big snap0 --src "$ASSIGNED" --dst "$REMOTE" --sizes 1400 --count 10) ||
		fail "no SCMP message: $reported"
	expect "reported MTU" "$reported" "$2"
	client scion-echo send snap0 --src "$ASSIGNED" --dst "$REMOTE" --count 10 --sizes "$2" ||
		fail "what fits is lost"
	expect "fragments" "$(fragments)" 0

	step "over $1: a packet that waited for a session"
	ip -n client link set snap0 down
	block client 'udp sport 5000'
	ip -n client link set snap0 up
	background waited client ping -c 1 -W 20 -M "do" -s 1300 10.7.0.2
	within 5 waits || fail "no packet waits"
	unblock client
	within 20 logged waited "mtu ?=? ?$2" || fail "its sender is not told: $(cat "$WORK/waited.log")"
	stop waited || true

	step "over $1: senders of IPv4 that ask for fragments get them"
	# Whoever knows the way's MTU, from TCP for instance, makes smaller packets at once.
	ip -n server route flush cache
	client ping -q -c 2 -i 0.2 -W 2 -M "dont" -s 1300 10.7.0.2 || fail "no answer"
	(($(fragments) > 0)) || fail "there were no fragments"
	router nft reset counters inet >/dev/null
}

topology_with_small_link
router nft -f - <<-EOF
	table inet seen {
		counter fragments4 { }
		counter fragments6 { }
		chain forward {
			type filter hook prerouting priority -500;
			ip frag-off & 0x3fff != 0 counter name fragments4
			exthdr frag exists counter name fragments6
		}
	}
EOF
responder
iperf3_server
scion_echo server
initiator
within 10 established client || fail "no session"
ASSIGNED=198.51.100.1:6000 REMOTE=192.0.2.2:5000
both_families IPv4 1240

ip -n client link del snap0
initiator --endpoint '[2001:db8::2]:5000'
within 10 established client || fail "no session"
ASSIGNED='[2001:db8:1::1]:6000' REMOTE='[2001:db8::2]:5000'
both_families IPv6 1220
