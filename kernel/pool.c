// SPDX-License-Identifier: GPL-2.0
/*
 * The packet buffer pool. Each CPU owns buffers and keeps a reference to each;
 * a packet that uses a part of one holds another. A buffer whose only reference
 * is the pool's is free, so giving back is put_page() by whoever was last, on
 * any CPU, and costs the pool nothing. The lowest free buffer goes out first:
 * it was used last and is still in the cache.
 *
 * Softirq never allocates here: a 64 KiB buffer is more than the page allocator
 * gives reliably without waiting. When a CPU finds none, a worker grows its
 * share up to a bound, and the caller does without for now.
 */

#include "pool.h"

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"

#define POOL_BUFFERS_FIRST	8	/* a CPU's, once a device exists */
#define POOL_BUFFERS_MAX	64	/* a CPU's */
#define POOL_QUOTA		48	/* of those, what one owner may have */

/**
 * struct pool_cpu - one CPU's buffers
 * @lock: makes the CPU's bottom halves one at a time on PREEMPT_RT
 * @buffers: the first @count are set; appended by the grow worker alone
 * @owners: who took each of them last, and so has it, or was the last to have it
 * @count: how many there are; written with release semantics
 * @wanted: how many there should be; grows with each miss
 * @recycled: times one was handed out
 * @missed: times none was free
 */
struct pool_cpu {
	local_lock_t lock;
	struct page *buffers[POOL_BUFFERS_MAX];
	u32 owners[POOL_BUFFERS_MAX];
	unsigned int count;
	unsigned int wanted;
	u64 recycled;
	u64 missed;
};

static DEFINE_PER_CPU(struct pool_cpu, pools) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

static void grow(struct work_struct *work)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(&pools, cpu);

		while (pool->count < READ_ONCE(pool->wanted)) {
			struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP |
							__GFP_NOWARN |
							__GFP_NORETRY,
							SNAPTUN_BUFFER_ORDER);

			if (!page) {
				/* The next miss asks again. */
				WRITE_ONCE(pool->wanted, pool->count);
				break;
			}
			pool->buffers[pool->count] = page;
			/* Pairs with the acquire in snaptun_pool_get(). */
			smp_store_release(&pool->count, pool->count + 1);
		}
	}
}

static DECLARE_WORK(grow_work, grow);

/**
 * snaptun_pool_prepare() - have buffers ready; a device was made
 *
 * Context: process.
 */
void snaptun_pool_prepare(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(&pools, cpu);

		if (READ_ONCE(pool->wanted) < POOL_BUFFERS_FIRST)
			WRITE_ONCE(pool->wanted, POOL_BUFFERS_FIRST);
	}
	schedule_work(&grow_work);
	flush_work(&grow_work);
}

/**
 * snaptun_pool_exit() - give up all buffers
 *
 * Packets that still hold one keep it until they are freed.
 *
 * Context: module exit; nobody asks for buffers any more.
 */
void snaptun_pool_exit(void)
{
	int cpu;

	cancel_work_sync(&grow_work);
	for_each_possible_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(&pools, cpu);

		while (pool->count)
			put_page(pool->buffers[--pool->count]);
	}
}

/* Has an owner as many buffers as one may have, used now or not? */
static bool quota_is_reached(const struct pool_cpu *pool, unsigned int count,
			     u32 owner)
{
	unsigned int i, n = 0;

	for (i = 0; i < count; i++)
		n += pool->owners[i] == owner;
	return n >= POOL_QUOTA;
}

/* A free buffer that @owner may have, or NULL. */
static struct page *find_free(struct pool_cpu *pool, unsigned int count, u32 owner)
{
	bool is_full = false, looked = false;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (page_ref_count(pool->buffers[i]) != 1)
			continue;
		if (pool->owners[i] != owner) {
			if (!looked)
				is_full = quota_is_reached(pool, count, owner);
			looked = true;
			if (is_full)
				continue;
			pool->owners[i] = owner;
		}
		/* What its last holder read or wrote came before. */
		smp_mb();
		return pool->buffers[i];
	}
	return NULL;
}

/**
 * snaptun_pool_get() - take a free buffer
 * @owner: who takes it; one that has its quota gets none of what others had last,
 *	so that something is left for them
 *
 * The buffer is the caller's while it holds the reference that it gets: what
 * it hands on takes one more, and the caller puts its own when it is done.
 *
 * Context: bottom halves disabled.
 *
 * Return: a compound page of SNAPTUN_BUFFER_SIZE bytes, or NULL.
 */
struct page *snaptun_pool_get(u32 owner)
{
	struct pool_cpu *pool = this_cpu_ptr(&pools);
	unsigned int count;
	struct page *page;

	snaptun_local_lock_bh(&pools.lock);
	/* Pairs with the release in grow(): the buffer before its count. */
	count = smp_load_acquire(&pool->count);
	page = find_free(pool, count, owner);
	if (page) {
		get_page(page);
		pool->recycled++;
	} else {
		pool->missed++;
		if (pool->wanted == count && count < POOL_BUFFERS_MAX) {
			WRITE_ONCE(pool->wanted,
				   min(count + POOL_BUFFERS_FIRST,
				       (unsigned int)POOL_BUFFERS_MAX));
			schedule_work(&grow_work);
		}
	}
	snaptun_local_unlock_bh(&pools.lock);
	return page;
}

/**
 * snaptun_pool_read_stats() - sum the counters of all CPUs
 * @stats: receives them; @in_use is a glimpse, not a sum at one moment
 *
 * Context: process.
 */
void snaptun_pool_read_stats(struct snaptun_pool_stats *stats)
{
	int cpu;

	memset(stats, 0, sizeof(*stats));
	for_each_possible_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(&pools, cpu);
		unsigned int i, count;

		/* Pairs with the release in grow(). */
		count = smp_load_acquire(&pool->count);

		stats->allocated += count;
		for (i = 0; i < count; i++)
			stats->in_use += page_ref_count(pool->buffers[i]) != 1;
		stats->recycled += READ_ONCE(pool->recycled);
		stats->missed += READ_ONCE(pool->missed);
	}
}
