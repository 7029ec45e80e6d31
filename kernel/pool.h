/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packet buffer pool: 64 KiB buffers, allocated ahead and recycled, for
 * batches and for packets that are too long for a linear buffer.
 */
#ifndef SNAPTUN_POOL_H
#define SNAPTUN_POOL_H

#include <linux/mm.h>

#define SNAPTUN_BUFFER_ORDER	get_order(65536)
#define SNAPTUN_BUFFER_SIZE	(PAGE_SIZE << SNAPTUN_BUFFER_ORDER)

/* A CPU's buffers: once there is a device; at most; of those, what one owner may have. */
#define SNAPTUN_POOL_FIRST	8U
#define SNAPTUN_POOL_MAX	256U
#define SNAPTUN_POOL_QUOTA	192U

/**
 * struct snaptun_pool_stats - the pool's counters
 * @allocated: buffers that exist
 * @in_use: buffers of them that somebody holds
 * @recycled: times a buffer was used again
 * @missed: times no buffer was to be had
 * @reclaimed: buffers given back to the machine
 */
struct snaptun_pool_stats {
	u64 allocated;
	u64 in_use;
	u64 recycled;
	u64 missed;
	u64 reclaimed;
};

int snaptun_pool_init(void);
void snaptun_pool_exit(void);
void snaptun_pool_prepare(void);
struct page *snaptun_pool_get(u32 owner);
struct page *snaptun_pool_allocate(unsigned int len);
bool snaptun_pool_has_made(struct page *page);
unsigned int snaptun_pool_reclaim(unsigned int n);
bool snaptun_pool_trim(void);
void snaptun_pool_read_stats(struct snaptun_pool_stats *stats);

#endif
