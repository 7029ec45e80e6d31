// SPDX-License-Identifier: GPL-2.0
/*
 * The packet buffer pool. Each CPU has a share of buffers, and the share a
 * reference to each of its buffers; a packet that uses a part of one holds another.
 * A buffer whose only reference is the share's is free, so giving back is put_page()
 * by whoever was last, on any CPU, and costs the pool nothing.
 *
 * The price is that nobody tells the pool. So it looks at some of the buffers that
 * were taken each time that it is asked for one, at those first that nobody looked at
 * for longest, and what it finds free goes onto a stack: the one that was found last,
 * and is likely still in the cache, is the first to go out again. That is the same work
 * for few buffers and for many.
 *
 * Softirq never allocates here: a 64 KiB buffer is more than the page allocator
 * gives reliably without waiting. A worker lets a share grow before it is empty, and
 * shrink again when it was too large for a while; the machine takes back what is free
 * when its memory is short. What goes back is whole: nothing of it stays behind in
 * small pieces.
 */

#include "pool.h"

#include <linux/cpumask.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/topology.h>
#include <linux/workqueue.h>

#include "compat.h"

/* Free buffers, or a quarter of the share, below which it grows by a half. */
#define POOL_LOW		4U
/* Free buffers of a share that nobody takes back. */
#define POOL_RESERVE		4U
/* What one call looks at, and where it would find nothing else. */
#define POOL_LOOK		2U
#define POOL_SEARCH		16U
/* All buffers together are no more than this part of the memory. */
#define POOL_OF_MEMORY		32
/* How long a share does not grow where it could not, and none where memory was short. */
#define POOL_PAUSE		HZ
#define POOL_LONG_PAUSE		(10 * HZ)
/* How often a share that has grown is looked at. */
#define POOL_TRIM_INTERVAL	(60 * HZ)

/**
 * struct pool_taken - a buffer that is not known to be free
 * @page: the buffer
 * @owner: who took it
 */
struct pool_taken {
	struct page *page;
	u32 owner;
};

/**
 * struct pool_cpu - one CPU's share
 * @lock: protects all of it; taken with bottom halves disabled
 * @n_free: how many of @free there are
 * @n_taken: how many of @taken there are
 * @first_taken: place of the one that was not looked at for longest
 * @idle: the fewest that were free since the last look at it
 * @asked: the worker is to look whether it should grow
 * @pauses_until: jiffies before which it does not try, 0 where it may
 * @last: the buffer that went out last; its page is NULL where there is none
 * @free: stack of buffers that nobody has; the top was used last
 * @taken: ring of the others but for @last
 * @recycled: times one was handed out
 * @missed: times there was none to hand out
 * @reclaimed: buffers given back to the machine
 */
struct pool_cpu {
	spinlock_t lock; /* all of it */
	unsigned int n_free;
	unsigned int n_taken;
	unsigned int first_taken;
	unsigned int idle;
	bool asked;
	unsigned long pauses_until;
	struct pool_taken last;
	struct page *free[SNAPTUN_POOL_MAX];
	struct pool_taken taken[SNAPTUN_POOL_MAX];
	u64 recycled;
	u64 missed;
	u64 reclaimed;
};

static struct pool_cpu __percpu *pools;
/* Buffers of all shares. */
static atomic_t buffers;
/* Memory was short: no share grows much until then, jiffies. */
static unsigned long short_until;
static struct workqueue_struct *workers;
static struct shrinker *shrinker;

static void grow(struct work_struct *work);
static void trim(struct work_struct *work);
static DECLARE_WORK(grow_work, grow);
/* Wakes no CPU that sleeps. */
static DECLARE_DEFERRABLE_WORK(trim_work, trim);

static unsigned int share_of(const struct pool_cpu *pool)
{
	return pool->n_free + pool->n_taken + !!pool->last.page;
}

static bool is_free(const struct page *page)
{
	if (page_ref_count(page) != 1)
		return false;
	/* What its last holder read or wrote came before. */
	smp_acquire__after_ctrl_dep();
	return true;
}

static void push_taken(struct pool_cpu *pool, struct pool_taken taken)
{
	unsigned int place = pool->first_taken + pool->n_taken++;

	pool->taken[place % SNAPTUN_POOL_MAX] = taken;
}

static struct pool_taken pop_taken(struct pool_cpu *pool)
{
	unsigned int place = pool->first_taken++;

	pool->n_taken--;
	return pool->taken[place % SNAPTUN_POOL_MAX];
}

static void push_free(struct pool_cpu *pool, struct page *page)
{
	pool->free[pool->n_free++] = page;
}

/* Look at @n of the buffers that were taken: are they free again? */
static void notice(struct pool_cpu *pool, unsigned int n)
{
	for (n = min(n, pool->n_taken); n; n--) {
		struct pool_taken taken = pop_taken(pool);

		if (is_free(taken.page))
			push_free(pool, taken.page);
		else
			push_taken(pool, taken);
	}
}

static void notice_last(struct pool_cpu *pool)
{
	if (pool->last.page)
		push_taken(pool, pool->last);
	pool->last.page = NULL;
}

static void notice_all(struct pool_cpu *pool)
{
	notice_last(pool);
	notice(pool, pool->n_taken);
}

/* Has an owner as many buffers as one may have? */
static bool quota_is_reached(const struct pool_cpu *pool, u32 owner)
{
	unsigned int i, n = 0;

	if (likely(pool->n_taken < SNAPTUN_POOL_QUOTA))
		return false;
	for (i = 0; i < pool->n_taken; i++)
		n += pool->taken[(pool->first_taken + i) % SNAPTUN_POOL_MAX].owner ==
		     owner;
	return n >= SNAPTUN_POOL_QUOTA;
}

/* A buffer that nobody has, for @owner, or NULL. */
static struct page *take(struct pool_cpu *pool, u32 owner)
{
	if (pool->last.page && pool->last.owner == owner &&
	    is_free(pool->last.page))
		return pool->last.page;
	notice_last(pool);
	notice(pool, POOL_LOOK);
	if (unlikely(!pool->n_free || pool->n_taken >= SNAPTUN_POOL_QUOTA))
		notice(pool, POOL_SEARCH);
	if (!pool->n_free || quota_is_reached(pool, owner))
		return NULL;
	pool->last.page = pool->free[--pool->n_free];
	pool->last.owner = owner;
	pool->idle = min(pool->idle, pool->n_free);
	return pool->last.page;
}

static bool is_low(const struct pool_cpu *pool)
{
	return pool->n_free < max(POOL_LOW, share_of(pool) / 4);
}

/* Times from which on shares may grow are 0 where they may. */
static void set_pause(unsigned long *until, unsigned long time)
{
	WRITE_ONCE(*until, (jiffies + time) ?: 1);
}

static bool is_pausing(unsigned long *until)
{
	unsigned long then = READ_ONCE(*until);

	if (!then)
		return false;
	if (time_before(jiffies, then))
		return true;
	/* Unless a pause was just begun. */
	cmpxchg(until, then, 0);
	return false;
}

/* Have the worker look at a share that is low. */
static void ask(struct pool_cpu *pool)
{
	if (pool->asked || share_of(pool) == SNAPTUN_POOL_MAX ||
	    is_pausing(&pool->pauses_until))
		return;
	/* The machine would take away again what it has to give. */
	if (share_of(pool) >= SNAPTUN_POOL_FIRST && is_pausing(&short_until))
		return;
	pool->asked = true;
	queue_work(workers, &grow_work);
}

/**
 * snaptun_pool_get() - take a free buffer
 * @owner: who takes it; one that has its quota of a CPU's buffers gets none, so that
 *	something is left for others
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
	struct pool_cpu *pool = this_cpu_ptr(pools);
	struct page *page;

	spin_lock(&pool->lock);
	page = take(pool, owner);
	if (likely(page)) {
		get_page(page);
		pool->recycled++;
	} else {
		pool->missed++;
	}
	if (unlikely(is_low(pool)))
		ask(pool);
	spin_unlock(&pool->lock);
	return page;
}

/* How many buffers a share should get now. */
static unsigned int wanted(const struct pool_cpu *pool)
{
	unsigned int share = share_of(pool);
	int left = totalram_pages() / POOL_OF_MEMORY / (1 << SNAPTUN_BUFFER_ORDER) -
		   atomic_read(&buffers);

	if (share < SNAPTUN_POOL_FIRST)
		return SNAPTUN_POOL_FIRST - share;
	if (!is_low(pool) || left <= 0)
		return 0;
	return min3(max(SNAPTUN_POOL_FIRST, share / 2), SNAPTUN_POOL_MAX - share,
		    (unsigned int)left);
}

/* Pages that are made here say so; the core has no use for the field while they live. */
static void mark(struct page *page)
{
	set_page_private(page, (unsigned long)&pools);
}

static void free_buffer(struct page *page)
{
	set_page_private(page, 0);
	put_page(page);
}

/**
 * snaptun_pool_has_made() - was a page made here?
 * @page: a page of a packet
 *
 * Then no program can write to it. Of single pages it is never said: older kernels leave
 * the mark in some that were freed, until they are the first of a compound page again.
 *
 * Context: any.
 */
bool snaptun_pool_has_made(struct page *page)
{
	return PageCompound(page) &&
	       page_private(compound_head(page)) == (unsigned long)&pools;
}

static bool add_buffer(struct pool_cpu *pool, int cpu)
{
	struct page *page = alloc_pages_node(cpu_to_node(cpu),
					     GFP_KERNEL | __GFP_COMP |
					     __GFP_NOWARN | __GFP_NORETRY,
					     SNAPTUN_BUFFER_ORDER);

	if (!page)
		return false;
	mark(page);
	atomic_inc(&buffers);
	spin_lock_bh(&pool->lock);
	push_free(pool, page);
	spin_unlock_bh(&pool->lock);
	return true;
}

static void grow(struct work_struct *work)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(pools, cpu);
		unsigned int n = 0;

		spin_lock_bh(&pool->lock);
		if (pool->asked) {
			notice_all(pool);
			n = wanted(pool);
		}
		spin_unlock_bh(&pool->lock);
		while (n && add_buffer(pool, cpu))
			n--;
		spin_lock_bh(&pool->lock);
		/* There was no memory, or all shares together may not have more. */
		if (pool->asked && is_low(pool) && share_of(pool) < SNAPTUN_POOL_MAX)
			set_pause(&pool->pauses_until, POOL_PAUSE);
		pool->asked = false;
		spin_unlock_bh(&pool->lock);
		cond_resched();
	}
	queue_delayed_work(workers, &trim_work, POOL_TRIM_INTERVAL);
}

static unsigned int give_some_back(struct pool_cpu *pool, unsigned int n)
{
	struct page *pages[16];
	unsigned int i;

	spin_lock_bh(&pool->lock);
	n = min(n, pool->n_free - min(pool->n_free, POOL_RESERVE));
	n = min_t(unsigned int, n, ARRAY_SIZE(pages));
	memcpy(pages, pool->free, n * sizeof(*pages));
	pool->n_free -= n;
	memmove(pool->free, pool->free + n, pool->n_free * sizeof(*pages));
	pool->idle = min(pool->idle, pool->n_free);
	pool->reclaimed += n;
	spin_unlock_bh(&pool->lock);
	atomic_sub(n, &buffers);
	for (i = 0; i < n; i++)
		free_buffer(pages[i]);
	return n;
}

/* Give up to @n free buffers back, those first that were not used for longest. */
static unsigned int give_back(struct pool_cpu *pool, unsigned int n)
{
	unsigned int some, before = n;

	do {
		some = give_some_back(pool, n);
		n -= some;
	} while (some);
	return before - n;
}

/**
 * snaptun_pool_allocate() - have the machine stand in for a pool that has no buffer
 * @len: bytes that are needed, at most SNAPTUN_BUFFER_SIZE
 *
 * What waits in sockets may be more for a while than the pool has. It is bounded by what
 * is charged to them, so these buffers are no larger than they need to be, and whoever
 * holds one is to pay for all of it. The machine is asked for what it has at hand, and
 * nobody waits.
 *
 * Context: bottom halves disabled.
 *
 * Return: a compound page, whose reference is the caller's, or NULL.
 */
struct page *snaptun_pool_allocate(unsigned int len)
{
	unsigned int order = get_order(len);
	gfp_t gfp = GFP_NOWAIT | __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY |
		    __GFP_NOMEMALLOC;
	struct page *page;

	/* Nobody is to be woken for each of those that are seldom there. */
	if (order > PAGE_ALLOC_COSTLY_ORDER)
		gfp &= ~__GFP_RECLAIM;
	page = alloc_pages(gfp, order);
	if (page && order)
		mark(page);
	return page;
}

/**
 * snaptun_pool_reclaim() - give free buffers back to the machine
 * @n: at most how many
 *
 * Each CPU keeps some, with which packets go on. Who gives first changes from call to
 * call.
 *
 * Context: process.
 *
 * Return: how many were given back.
 */
unsigned int snaptun_pool_reclaim(unsigned int n)
{
	static atomic_t first = ATOMIC_INIT(0);
	unsigned int start = (unsigned int)atomic_inc_return(&first);
	unsigned int i, cpu, before = n;

	for (i = 0; i < nr_cpu_ids && n; i++) {
		struct pool_cpu *pool;

		cpu = (start + i) % nr_cpu_ids;
		if (!cpu_possible(cpu))
			continue;
		pool = per_cpu_ptr(pools, cpu);
		spin_lock_bh(&pool->lock);
		notice_all(pool);
		spin_unlock_bh(&pool->lock);
		n -= give_back(pool, n);
	}
	return before - n;
}

/**
 * snaptun_pool_trim() - look whether CPUs have more buffers than they need
 *
 * Of what was free all the time since the last look, a CPU gives back all but half of its
 * share. (It would not grow again before three quarters are in
 * use.)
 *
 * Context: process.
 *
 * Return: whether some have more than they had at first.
 */
bool snaptun_pool_trim(void)
{
	bool is_larger = false;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(pools, cpu);
		unsigned int share, n;

		spin_lock_bh(&pool->lock);
		notice_all(pool);
		share = share_of(pool);
		n = pool->idle - min(pool->idle, share / 2);
		n = min(n, share - min(share, SNAPTUN_POOL_FIRST));
		spin_unlock_bh(&pool->lock);
		give_back(pool, n);
		spin_lock_bh(&pool->lock);
		pool->idle = pool->n_free;
		if (share_of(pool) > SNAPTUN_POOL_FIRST)
			is_larger = true;
		spin_unlock_bh(&pool->lock);
	}
	return is_larger;
}

static void trim(struct work_struct *work)
{
	if (snaptun_pool_trim())
		queue_delayed_work(workers, &trim_work, POOL_TRIM_INTERVAL);
}

/* In pages, as other caches count. Some are in use, but to know which costs more. */
static unsigned long count_reclaimable(struct shrinker *shrinker,
				       struct shrink_control *control)
{
	unsigned int kept = num_online_cpus() * POOL_RESERVE;
	unsigned int n = atomic_read(&buffers);

	return n > kept ? (unsigned long)(n - kept) << SNAPTUN_BUFFER_ORDER :
			  SHRINK_EMPTY;
}

static unsigned long reclaim(struct shrinker *shrinker,
			     struct shrink_control *control)
{
	unsigned long n = DIV_ROUND_UP(control->nr_to_scan,
				       1UL << SNAPTUN_BUFFER_ORDER);

	set_pause(&short_until, POOL_LONG_PAUSE);
	n = snaptun_pool_reclaim(n);
	return n ? n << SNAPTUN_BUFFER_ORDER : SHRINK_STOP;
}

/**
 * snaptun_pool_init() - begin without buffers
 *
 * Context: module init.
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_pool_init(void)
{
	int cpu;

	pools = alloc_percpu(struct pool_cpu);
	if (!pools)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(pools, cpu);

		spin_lock_init(&pool->lock);
	}
	workers = alloc_workqueue("snaptun-pool", WQ_UNBOUND | WQ_HIGHPRI, 0);
	if (!workers)
		goto free_pools;
	shrinker = snaptun_shrinker_new("snaptun-pool", count_reclaimable, reclaim);
	if (!shrinker)
		goto destroy_workers;
	return 0;

destroy_workers:
	destroy_workqueue(workers);
free_pools:
	free_percpu(pools);
	return -ENOMEM;
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

	snaptun_shrinker_free(shrinker);
	cancel_work_sync(&grow_work);
	cancel_delayed_work_sync(&trim_work);
	destroy_workqueue(workers);
	for_each_possible_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(pools, cpu);

		notice_last(pool);
		while (pool->n_taken)
			put_page(pop_taken(pool).page);
		while (pool->n_free)
			free_buffer(pool->free[--pool->n_free]);
	}
	free_percpu(pools);
}

/**
 * snaptun_pool_prepare() - have buffers ready; a device was made
 *
 * Context: process.
 */
void snaptun_pool_prepare(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(pools, cpu);

		spin_lock_bh(&pool->lock);
		if (share_of(pool) < SNAPTUN_POOL_FIRST)
			pool->asked = true;
		spin_unlock_bh(&pool->lock);
	}
	queue_work(workers, &grow_work);
	flush_work(&grow_work);
}

/**
 * snaptun_pool_read_stats() - sum the counters of all CPUs
 * @stats: receives them; not all at one moment
 *
 * Context: process.
 */
void snaptun_pool_read_stats(struct snaptun_pool_stats *stats)
{
	int cpu;

	memset(stats, 0, sizeof(*stats));
	for_each_possible_cpu(cpu) {
		struct pool_cpu *pool = per_cpu_ptr(pools, cpu);

		spin_lock_bh(&pool->lock);
		notice(pool, pool->n_taken);
		stats->allocated += share_of(pool);
		stats->in_use += pool->n_taken;
		if (pool->last.page && !is_free(pool->last.page))
			stats->in_use++;
		stats->recycled += pool->recycled;
		stats->missed += pool->missed;
		stats->reclaimed += pool->reclaimed;
		spin_unlock_bh(&pool->lock);
	}
}
