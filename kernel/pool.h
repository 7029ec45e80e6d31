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

/**
 * struct snaptun_pool_stats - the pool's counters
 * @allocated: buffers that exist
 * @in_use: buffers of them that somebody holds
 * @recycled: times a buffer was used again
 * @missed: times no buffer was to be had
 */
struct snaptun_pool_stats {
	u64 allocated;
	u64 in_use;
	u64 recycled;
	u64 missed;
};

void snaptun_pool_exit(void);
void snaptun_pool_prepare(void);
struct page *snaptun_pool_get(u32 owner);
void snaptun_pool_read_stats(struct snaptun_pool_stats *stats);

#endif
