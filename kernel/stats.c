// SPDX-License-Identifier: GPL-2.0
/* Counters of a device: one per event and per reason for a drop. */

#include "stats.h"

#include "device.h"
#include "trace.h"

static const char *const names[] = {
	[SNAPTUN_A_COUNTERS_TX_NO_TUNNEL] = "tx-no-tunnel",
	[SNAPTUN_A_COUNTERS_TX_MALFORMED] = "tx-malformed",
	[SNAPTUN_A_COUNTERS_TX_TOO_BIG] = "tx-too-big",
	[SNAPTUN_A_COUNTERS_TX_STAGED_OVERFLOW] = "tx-staged-overflow",
	[SNAPTUN_A_COUNTERS_TX_NO_SESSION] = "tx-no-session",
	[SNAPTUN_A_COUNTERS_TX_NO_BUFFER] = "tx-no-buffer",
	[SNAPTUN_A_COUNTERS_TX_NO_ROUTE] = "tx-no-route",
	[SNAPTUN_A_COUNTERS_TX_PATH_MTU] = "tx-path-mtu",
	[SNAPTUN_A_COUNTERS_TX_LOOP] = "tx-loop",
	[SNAPTUN_A_COUNTERS_TX_UNREGISTERED] = "tx-unregistered",
	[SNAPTUN_A_COUNTERS_TX_UNAUTHORISED] = "tx-unauthorised",
	[SNAPTUN_A_COUNTERS_RX_MALFORMED] = "rx-malformed",
	[SNAPTUN_A_COUNTERS_RX_BAD_MAC1] = "rx-bad-mac1",
	[SNAPTUN_A_COUNTERS_RX_QUEUE_FULL] = "rx-queue-full",
	[SNAPTUN_A_COUNTERS_RX_RATE_LIMITED] = "rx-rate-limited",
	[SNAPTUN_A_COUNTERS_RX_BAD_HANDSHAKE] = "rx-bad-handshake",
	[SNAPTUN_A_COUNTERS_RX_UNKNOWN_IDENTITY] = "rx-unknown-identity",
	[SNAPTUN_A_COUNTERS_RX_REPLAYED_HANDSHAKE] = "rx-replayed-handshake",
	[SNAPTUN_A_COUNTERS_RX_FOREIGN_KEY] = "rx-foreign-key",
	[SNAPTUN_A_COUNTERS_RX_TUNNEL_LIMIT] = "rx-tunnel-limit",
	[SNAPTUN_A_COUNTERS_RX_BAD_COOKIE] = "rx-bad-cookie",
	[SNAPTUN_A_COUNTERS_RX_NO_SESSION] = "rx-no-session",
	[SNAPTUN_A_COUNTERS_RX_WRONG_SOURCE] = "rx-wrong-source",
	[SNAPTUN_A_COUNTERS_RX_EXPIRED] = "rx-expired",
	[SNAPTUN_A_COUNTERS_RX_BAD_TAG] = "rx-bad-tag",
	[SNAPTUN_A_COUNTERS_RX_REPLAY] = "rx-replay",
	[SNAPTUN_A_COUNTERS_RX_BAD_PAYLOAD] = "rx-bad-payload",
	[SNAPTUN_A_COUNTERS_RX_NOT_ALLOWED] = "rx-not-allowed",
	[SNAPTUN_A_COUNTERS_RX_BAD_ECN] = "rx-bad-ecn",
	[SNAPTUN_A_COUNTERS_RX_NO_BUFFER] = "rx-no-buffer",
	[SNAPTUN_A_COUNTERS_RX_BACKLOG] = "rx-backlog",
	[SNAPTUN_A_COUNTERS_RX_DOWN] = "rx-down",
	[SNAPTUN_A_COUNTERS_RX_UNAUTHORISED] = "rx-unauthorised",
	[SNAPTUN_A_COUNTERS_HANDSHAKES_INITIATED] = "handshakes-initiated",
	[SNAPTUN_A_COUNTERS_HANDSHAKES_ANSWERED] = "handshakes-answered",
	[SNAPTUN_A_COUNTERS_SESSIONS] = "sessions",
	[SNAPTUN_A_COUNTERS_TUNNELS_EVICTED] = "tunnels-evicted",
	[SNAPTUN_A_COUNTERS_KEEPALIVES_SENT] = "keepalives-sent",
	[SNAPTUN_A_COUNTERS_KEEPALIVES_RECEIVED] = "keepalives-received",
	[SNAPTUN_A_COUNTERS_COOKIES_SENT] = "cookies-sent",
	[SNAPTUN_A_COUNTERS_COOKIES_RECEIVED] = "cookies-received",
};

static_assert(ARRAY_SIZE(names) == SNAPTUN_A_COUNTERS_MAX + 1);

/**
 * snaptun_counter_name() - what the netlink interface calls a counter
 * @counter: SNAPTUN_A_COUNTERS_*, but for _PAD
 */
const char *snaptun_counter_name(unsigned int counter)
{
	return names[counter];
}

/**
 * snaptun_stats_alloc() - make a set of counters, all zero
 *
 * Context: process.
 *
 * Return: the counters, for free_percpu(), or NULL.
 */
struct snaptun_stats __percpu *snaptun_stats_alloc(void)
{
	struct snaptun_stats __percpu *stats;
	int cpu;

	stats = alloc_percpu_gfp(struct snaptun_stats, GFP_KERNEL_ACCOUNT);
	if (!stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(stats, cpu)->syncp);
	return stats;
}

/**
 * snaptun_stats_add() - count
 * @stats: the counters
 * @counter: SNAPTUN_A_COUNTERS_*
 * @n: how many
 *
 * Context: any but hard interrupts.
 */
void snaptun_stats_add(struct snaptun_stats __percpu *stats,
		       unsigned int counter, unsigned int n)
{
	struct snaptun_stats *mine;

	local_bh_disable();
	mine = this_cpu_ptr(stats);
	u64_stats_update_begin(&mine->syncp);
	u64_stats_add(&mine->counts[counter], n);
	u64_stats_update_end(&mine->syncp);
	local_bh_enable();
}

/**
 * snaptun_stats_read() - sum of a counter over all CPUs
 * @stats: the counters
 * @counter: SNAPTUN_A_COUNTERS_*
 */
u64 snaptun_stats_read(struct snaptun_stats __percpu *stats,
		       unsigned int counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct snaptun_stats *theirs = per_cpu_ptr(stats, cpu);
		unsigned int start;
		u64 count;

		do {
			start = u64_stats_fetch_begin(&theirs->syncp);
			count = u64_stats_read(&theirs->counts[counter]);
		} while (u64_stats_fetch_retry(&theirs->syncp, start));
		sum += count;
	}
	return sum;
}

/**
 * snaptun_stats_received() - packets go up from the device
 * @dev: the device
 * @packets: how many
 * @bytes: their bytes
 *
 * Context: bottom halves disabled.
 */
void snaptun_stats_received(struct net_device *dev, unsigned int packets,
			    unsigned int bytes)
{
	struct pcpu_sw_netstats *mine = this_cpu_ptr(dev->tstats);

	u64_stats_update_begin(&mine->syncp);
	u64_stats_add(&mine->rx_packets, packets);
	u64_stats_add(&mine->rx_bytes, bytes);
	u64_stats_update_end(&mine->syncp);
}

/**
 * snaptun_drop_n() - count what is dropped, and show it to who traces
 * @snap: the device
 * @counter: SNAPTUN_A_COUNTERS_*, the reason
 * @n: how many packets or messages
 *
 * Context: any but hard interrupts.
 */
void snaptun_drop_n(struct snaptun_device *snap, unsigned int counter,
		    unsigned int n)
{
	snaptun_stats_add(snap->stats, counter, n);
	trace_snaptun_drop(snap->dev, names[counter], n);
}

/* What the core calls it: modules have no reasons of their own. */
static enum skb_drop_reason core_reason(unsigned int counter)
{
	switch (counter) {
	case SNAPTUN_A_COUNTERS_TX_MALFORMED:
	case SNAPTUN_A_COUNTERS_RX_BAD_PAYLOAD:
		return SKB_DROP_REASON_UNHANDLED_PROTO;
	case SNAPTUN_A_COUNTERS_TX_TOO_BIG:
	case SNAPTUN_A_COUNTERS_TX_PATH_MTU:
		return SKB_DROP_REASON_PKT_TOO_BIG;
	case SNAPTUN_A_COUNTERS_TX_STAGED_OVERFLOW:
		return SKB_DROP_REASON_FULL_RING;
	case SNAPTUN_A_COUNTERS_TX_NO_BUFFER:
	case SNAPTUN_A_COUNTERS_RX_NO_BUFFER:
		return SKB_DROP_REASON_NOMEM;
	case SNAPTUN_A_COUNTERS_RX_BACKLOG:
		return SKB_DROP_REASON_CPU_BACKLOG;
	case SNAPTUN_A_COUNTERS_RX_NOT_ALLOWED:
		return SKB_DROP_REASON_IP_RPFILTER;
	default:
		return SKB_DROP_REASON_NOT_SPECIFIED;
	}
}

/**
 * snaptun_free_skb() - free a packet that is done with
 * @skb: the packet
 * @counter: SNAPTUN_A_COUNTERS_*, as which it was counted where it was dropped, or 0
 *
 * Context: any but hard interrupts.
 */
void snaptun_free_skb(struct sk_buff *skb, unsigned int counter)
{
	if (counter)
		kfree_skb_reason(skb, core_reason(counter));
	else
		consume_skb(skb);
}

/**
 * snaptun_drop_skb() - drop a packet
 * @snap: the device
 * @skb: the packet; freed
 * @counter: SNAPTUN_A_COUNTERS_*, the reason
 *
 * Context: any but hard interrupts.
 */
void snaptun_drop_skb(struct snaptun_device *snap, struct sk_buff *skb,
		      unsigned int counter)
{
	snaptun_drop_n(snap, counter, 1);
	snaptun_free_skb(skb, counter);
}
