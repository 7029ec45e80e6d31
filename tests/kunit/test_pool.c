// SPDX-License-Identifier: GPL-2.0
/*
 * The packet buffer pool: it grows before it is empty, buffers come back when their
 * last holder is done, one owner leaves something for others, and what nobody has goes
 * back to the machine.
 */

#include <linux/mm.h>

#include "pool.h"
#include "test.h"

/* More than a CPU can have. */
#define MANY	(SNAPTUN_POOL_MAX + 8)

/* What tests take, on the CPU that each stays on. */
struct taken {
	struct page *pages[MANY];
	unsigned int n;
};

static void give_back(struct taken *taken)
{
	while (taken->n)
		put_page(taken->pages[--taken->n]);
}

/* Take what there is now. */
static void take_all(struct taken *taken, u32 owner)
{
	struct page *page;

	local_bh_disable();
	while (taken->n < MANY && (page = snaptun_pool_get(owner)))
		taken->pages[taken->n++] = page;
	local_bh_enable();
}

/* Take until the pool has grown as far as it does. */
static void take_most(struct taken *taken, u32 owner)
{
	unsigned int before;

	do {
		before = taken->n;
		take_all(taken, owner);
		/* Waits for what grows. */
		snaptun_pool_prepare();
	} while (taken->n != before);
}

static struct taken *new_taken(struct kunit *test)
{
	struct taken *taken = kunit_kzalloc(test, sizeof(*taken), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, taken);
	snaptun_pool_prepare();
	return taken;
}

static void buffer_is_64_kib_in_one_piece(struct kunit *test)
{
	struct taken *taken = new_taken(test);

	take_all(taken, 1001);
	KUNIT_ASSERT_GT(test, taken->n, 0);
	KUNIT_EXPECT_GE(test, page_size(taken->pages[0]), 65536);
	give_back(taken);
}

/* Is @page among what was taken? */
static bool has(const struct taken *taken, const struct page *page)
{
	unsigned int i;

	for (i = 0; i < taken->n; i++)
		if (taken->pages[i] == page)
			return true;
	return false;
}

static struct page *take_one(u32 owner)
{
	struct page *page;

	local_bh_disable();
	page = snaptun_pool_get(owner);
	local_bh_enable();
	return page;
}

static void buffer_comes_back_with_its_last_reference(struct kunit *test)
{
	struct taken *taken = new_taken(test);
	struct page *page;

	migrate_disable();
	page = take_one(1002);
	KUNIT_EXPECT_NOT_NULL(test, page);
	if (!page)
		goto out;
	get_page(page);
	put_page(page);
	take_all(taken, 1002);
	KUNIT_EXPECT_FALSE(test, has(taken, page));
	put_page(page);
	take_all(taken, 1002);
	KUNIT_EXPECT_TRUE(test, has(taken, page));
	give_back(taken);
out:
	migrate_enable();
}

static void buffer_that_was_used_last_goes_out_first(struct kunit *test)
{
	struct page *page, *again;

	migrate_disable();
	snaptun_pool_prepare();
	page = take_one(1007);
	KUNIT_EXPECT_NOT_NULL(test, page);
	if (page)
		put_page(page);
	again = take_one(1007);
	KUNIT_EXPECT_PTR_EQ(test, again, page);
	if (again)
		put_page(again);
	migrate_enable();
}

static void share_grows_before_it_is_empty(struct kunit *test)
{
	struct snaptun_pool_stats before, after;
	struct taken *taken = new_taken(test);
	unsigned int i;

	migrate_disable();
	snaptun_pool_read_stats(&before);
	for (i = 0; i < SNAPTUN_POOL_MAX / 2; i++) {
		taken->pages[taken->n] = take_one(1008);
		if (taken->pages[taken->n])
			taken->n++;
		/* The worker has its turn now and then. */
		if (i % 4 == 3)
			snaptun_pool_prepare();
	}
	snaptun_pool_read_stats(&after);
	KUNIT_EXPECT_EQ(test, taken->n, SNAPTUN_POOL_MAX / 2);
	KUNIT_EXPECT_EQ(test, after.missed, before.missed);
	give_back(taken);
	migrate_enable();
}

/* As a slow reader does it: a few of many come back now and then, in any order. */
static void free_buffers_are_found_among_many(struct kunit *test)
{
	struct taken *taken = new_taken(test);
	unsigned int i, found = 0;

	migrate_disable();
	take_most(taken, 1009);
	for (i = 0; i < taken->n; i++) {
		unsigned int n = i * 37 % taken->n;
		struct page *page = taken->pages[n];

		put_page(page);
		/* Nothing else is free, so it must be this one, sooner or later. */
		do {
			page = take_one(1009);
		} while (!page && ++found < 100 * MANY);
		KUNIT_EXPECT_PTR_EQ(test, page, taken->pages[n]);
		if (!page) {
			taken->pages[n] = taken->pages[--taken->n];
			break;
		}
	}
	give_back(taken);
	migrate_enable();
}

static void memory_goes_back_but_for_a_reserve(struct kunit *test)
{
	struct snaptun_pool_stats full, after;
	struct taken *taken = new_taken(test);
	unsigned int given;
	struct page *page;

	migrate_disable();
	take_most(taken, 1010);
	snaptun_pool_read_stats(&full);
	page = taken->pages[--taken->n];
	give_back(taken);
	given = snaptun_pool_reclaim(10);
	KUNIT_EXPECT_EQ(test, given, 10);
	given += snaptun_pool_reclaim(UINT_MAX);
	snaptun_pool_read_stats(&after);
	KUNIT_EXPECT_EQ(test, after.allocated, full.allocated - given);
	KUNIT_EXPECT_EQ(test, after.reclaimed, full.reclaimed + given);
	KUNIT_EXPECT_LE(test, after.allocated, 1 + 4 * num_possible_cpus());
	/* What somebody has is his. */
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 2);
	/* Packets go on. */
	take_all(taken, 1010);
	KUNIT_EXPECT_EQ(test, taken->n, 4);
	KUNIT_EXPECT_FALSE(test, has(taken, page));
	give_back(taken);
	put_page(page);
	migrate_enable();
}

static void unused_buffers_go_back(struct kunit *test)
{
	unsigned int first = SNAPTUN_POOL_FIRST * num_possible_cpus();
	struct snaptun_pool_stats stats;
	struct taken *taken = new_taken(test);
	unsigned int i;

	migrate_disable();
	take_most(taken, 1011);
	/* All that is in use stays. */
	KUNIT_EXPECT_TRUE(test, snaptun_pool_trim());
	KUNIT_EXPECT_TRUE(test, snaptun_pool_trim());
	snaptun_pool_read_stats(&stats);
	KUNIT_EXPECT_GE(test, stats.in_use, taken->n);
	give_back(taken);
	/* Nobody knows yet how long it was not used. */
	snaptun_pool_read_stats(&stats);
	for (i = 0; i < 10 && snaptun_pool_trim(); i++)
		;
	KUNIT_EXPECT_GE(test, i, 3);
	KUNIT_EXPECT_LT(test, i, 10);
	snaptun_pool_read_stats(&stats);
	KUNIT_EXPECT_LE(test, stats.allocated, first);
	KUNIT_EXPECT_GE(test, stats.allocated, SNAPTUN_POOL_FIRST);
	migrate_enable();
}

static void owner_leaves_something_for_others(struct kunit *test)
{
	struct taken *greedy = new_taken(test), *other = new_taken(test);

	migrate_disable();
	take_most(greedy, 1003);
	KUNIT_EXPECT_EQ(test, greedy->n, SNAPTUN_POOL_QUOTA);
	take_most(other, 1004);
	KUNIT_EXPECT_EQ(test, other->n, SNAPTUN_POOL_MAX - SNAPTUN_POOL_QUOTA);
	/* What the other gives back is not the greedy one's either. */
	give_back(other);
	take_most(greedy, 1003);
	KUNIT_EXPECT_EQ(test, greedy->n, SNAPTUN_POOL_QUOTA);
	/* Of what the greedy one gives back it has as much again. */
	give_back(greedy);
	take_most(greedy, 1003);
	KUNIT_EXPECT_EQ(test, greedy->n, SNAPTUN_POOL_QUOTA);
	give_back(greedy);
	/* Others may have what it had. */
	take_most(other, 1005);
	KUNIT_EXPECT_EQ(test, other->n, SNAPTUN_POOL_QUOTA);
	give_back(other);
	migrate_enable();
}

static void misses_are_counted(struct kunit *test)
{
	struct snaptun_pool_stats before, after;
	struct taken *taken = new_taken(test);

	migrate_disable();
	take_most(taken, 1006);
	snaptun_pool_read_stats(&before);
	take_all(taken, 1006);
	snaptun_pool_read_stats(&after);
	KUNIT_EXPECT_EQ(test, after.missed, before.missed + 1);
	KUNIT_EXPECT_GE(test, before.in_use, taken->n);
	give_back(taken);
	snaptun_pool_read_stats(&after);
	KUNIT_EXPECT_LT(test, after.in_use, before.in_use);
	migrate_enable();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(buffer_is_64_kib_in_one_piece),
	KUNIT_CASE(buffer_comes_back_with_its_last_reference),
	KUNIT_CASE(buffer_that_was_used_last_goes_out_first),
	KUNIT_CASE(share_grows_before_it_is_empty),
	KUNIT_CASE(free_buffers_are_found_among_many),
	KUNIT_CASE(memory_goes_back_but_for_a_reserve),
	KUNIT_CASE(unused_buffers_go_back),
	KUNIT_CASE(owner_leaves_something_for_others),
	KUNIT_CASE(misses_are_counted),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_pool",
	.test_cases = cases,
};

kunit_test_suite(suite);
