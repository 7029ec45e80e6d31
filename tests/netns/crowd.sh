# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# Many tunnels between two hosts, with real handshakes, and what they cost.
#
#	namespaces crowd0, crowd1, …                    namespace server
#	+----------------------------------+            +-----------------------+
#	| snap0  up to CROWD_PART tunnels, |            | snap0  listens on     |
#	|        each from a port of its   |            |        5000, one      |
#	|        own                       |            |        identity each  |
#	| veth0  198.18.N.1                |------------| vethN  198.18.N.2     |
#	+----------------------------------+            +-----------------------+
#
# Sourced after lib.sh, which keeps the keys:
#
#	crowd_hosts COUNT [ANSWER]   the hosts for so many tunnels; ANSWER off: keepalives
#	                             are no data, so that both sides can rest
#	crowd_connect KEEPALIVE      makes the tunnels, which connect, and waits for them;
#	                             KEEPALIVE in seconds, 1 or more
#	crowd_keepalive SECONDS      changes that for all; 0: they rest
#	crowd_leave                  the hosts of the crowd go; those who they left behind
#	                             on the server stay until their time is over
#	crowd_established            how many of the server's tunnels are established
#	crowd_tunnels                how many it has
#	crowd_memory                 bytes that the machine has in use, caches of files not
#	                             counted; good to some MB
#	crowd_slab                   those of them that are in slabs, for each CPU, or
#	                             mapped: all but long tables, and good to some KB
#
# Tunnels and sessions of both ends lie in the same slabs, so in both figures places that
# were freed among some that were not do not count: one end alone would have none.
#
# 100,000 tunnels take some 800 MB: tests/testbed/run --memory 3G.

# More do not find a port of their own on one host.
CROWD_PART=50000
CROWD=0 CROWD_HOSTS=0

crowd_hosts() {
	local answer=${2:-on} i ns

	CROWD=$1
	CROWD_HOSTS=$(((CROWD + CROWD_PART - 1) / CROWD_PART))
	work_folder server
	ip netns add server
	ip -n server link set lo up
	make_key server
	device server
	server snaptun set snap0 --listen-port 5000 --max-tunnels $((CROWD + 1000)) \
		--max-identity-tunnels $((CROWD + 1000)) --handshake-rate 1000000 \
		--source-rate 1000000 --source-burst 1000000
	ip -n server link set snap0 up
	# What arrives in one moment is not lost before anybody sees it.
	sysctl -qw net.core.netdev_max_backlog=200000
	for ((i = 0; i < CROWD_HOSTS; i++)); do
		ns=crowd$i
		ip netns add "$ns"
		ip link add veth0 netns "$ns" type veth peer name "veth$i" netns server
		ip -n "$ns" addr add "198.18.$i.1/24" dev veth0
		ip -n server addr add "198.18.$i.2/24" dev "veth$i"
		ip -n "$ns" link set veth0 up
		ip -n server link set "veth$i" up
		ip netns exec "$ns" sysctl -qw net.ipv4.ip_local_port_range='1024 65535'
		make_key "$ns"
		ip -n "$ns" link add snap0 type snaptun
		ip netns exec "$ns" snaptun set snap0 --private-key-file "$WORK/$ns.key" \
			--max-tunnels "$CROWD_PART" --handshake-rate 1000000 \
			--source-rate 1000000 --source-burst 1000000
		ip -n "$ns" link set snap0 up
		server snaptun identity add snap0 --key "$(key "$ns")" --keepalive off \
			--answer-keepalives "$answer"
	done
	CROWD_ANSWER=$([[ $answer == off ]] && echo 0 || echo 1)
}

# crowd_part N: how many tunnels that host of the crowd has.
crowd_part() {
	local left=$((CROWD - $1 * CROWD_PART))

	echo $((left < CROWD_PART ? left : CROWD_PART))
}

# crowd_established: how many of the server's tunnels are.
crowd_established() {
	local counts

	counts=$(server tunnels count snap0)
	echo "${counts% *}"
}

# crowd_tunnels: how many it has.
crowd_tunnels() {
	local counts

	counts=$(server tunnels count snap0)
	echo "${counts#* }"
}

crowd_is_connected() { (($(crowd_established) == CROWD)); }

crowd_connect() {
	local keepalive=$1 i hex pids=()

	hex=$(hex_key server)
	for ((i = 0; i < CROWD_HOSTS; i++)); do
		ip netns exec "crowd$i" tunnels new snap0 "$(crowd_part "$i")" "$hex" \
			"198.18.$i.2" 5000 "$keepalive" "$CROWD_ANSWER" &
		pids+=("$!")
	done
	for i in "${pids[@]}"; do
		wait "$i" || fail "not all tunnels could be made"
	done
	within 120 crowd_is_connected || fail "$(crowd_established) of $CROWD connect"
}

crowd_keepalive() {
	local i

	for ((i = 0; i < CROWD_HOSTS; i++)); do
		ip netns exec "crowd$i" tunnels set snap0 "$(crowd_part "$i")" "$1" "$CROWD_ANSWER"
	done
}

crowd_leave() {
	local i

	for ((i = 0; i < CROWD_HOSTS; i++)); do
		ip -n "crowd$i" link del snap0
		ip netns del "crowd$i"
	done
}

# crowd_settle: what nobody uses is free from now on, that of RCU, too.
crowd_settle() {
	sleep 2
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# crowd_kilobytes REGEX: the sum of those lines of /proc/meminfo.
crowd_kilobytes() { awk -v lines="^($1):" '$0 ~ lines { sum += $2 } END { print sum }' /proc/meminfo; }

# crowd_holes: bytes of free places in the slabs of tunnels and sessions.
crowd_holes() { awk '/^snaptun_/ { sum += ($3 - $2) * $6 * 4096 / $5 } END { printf "%d\n", sum }' /proc/slabinfo; }

crowd_memory() {
	crowd_settle
	echo $((($(crowd_kilobytes MemTotal) -
		$(crowd_kilobytes 'MemFree|Buffers|Cached|SReclaimable')) * 1024 - $(crowd_holes)))
}

crowd_slab() {
	crowd_settle
	echo $(($(crowd_kilobytes 'SUnreclaim|Percpu|VmallocUsed') * 1024 - $(crowd_holes)))
}
