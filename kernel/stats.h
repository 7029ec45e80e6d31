/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of a device: one per event and per reason for a drop, numbered as
 * the attributes of the netlink interface that show them.
 */
#ifndef SNAPTUN_STATS_H
#define SNAPTUN_STATS_H

#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>
#include <uapi/linux/snaptun.h>

/**
 * struct snaptun_stats - one CPU's counters
 * @syncp: written with bottom halves disabled
 * @counts: by SNAPTUN_A_COUNTERS_*
 */
struct snaptun_stats {
	struct u64_stats_sync syncp;
	u64_stats_t counts[SNAPTUN_A_COUNTERS_MAX + 1];
};

struct snaptun_device;

/* Counters are numbered from the first to the last without a gap. */
#define SNAPTUN_COUNTER_FIRST	(SNAPTUN_A_COUNTERS_PAD + 1)
#define SNAPTUN_COUNTERS	(SNAPTUN_A_COUNTERS_MAX - SNAPTUN_COUNTER_FIRST + 1)

struct net_device;

struct snaptun_stats __percpu *snaptun_stats_alloc(void);
void snaptun_stats_received(struct net_device *dev, unsigned int packets,
			    unsigned int bytes);
void snaptun_stats_add(struct snaptun_stats __percpu *stats,
		       unsigned int counter, unsigned int n);
u64 snaptun_stats_read(struct snaptun_stats __percpu *stats,
		       unsigned int counter);

const char *snaptun_counter_name(unsigned int counter);
void snaptun_drop_n(struct snaptun_device *snap, unsigned int counter,
		    unsigned int n);
void snaptun_free_skb(struct sk_buff *skb, unsigned int counter);
void snaptun_drop_skb(struct snaptun_device *snap, struct sk_buff *skb,
		      unsigned int counter);

/* Something happened: snaptun_count(snap, SESSIONS). */
#define snaptun_count(snap, name) \
	snaptun_stats_add((snap)->stats, SNAPTUN_A_COUNTERS_##name, 1)

/* A packet or message is dropped: snaptun_drop(snap, RX_REPLAY). */
#define snaptun_drop(snap, name) \
	snaptun_drop_n(snap, SNAPTUN_A_COUNTERS_##name, 1)

#endif
