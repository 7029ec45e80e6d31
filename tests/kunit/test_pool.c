// SPDX-License-Identifier: GPL-2.0
/*
 * The packet buffer pool: it grows when it is asked, buffers come back when their
 * last holder is done, and one owner leaves something for others.
 */

#include <linux/mm.h>

#include "pool.h"
#include "test.h"

/* More than a CPU can have. */
#define MANY	200

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

static void buffer_comes_back_with_its_last_reference(struct kunit *test)
{
	struct taken *taken = new_taken(test);
	struct page *page, *again;

	migrate_disable();
	local_bh_disable();
	page = snaptun_pool_get(1002);
	local_bh_enable();
	KUNIT_EXPECT_NOT_NULL(test, page);
	if (!page)
		goto out;
	get_page(page);
	put_page(page);
	take_all(taken, 1002);
	for (; taken->n; put_page(taken->pages[--taken->n]))
		KUNIT_EXPECT_PTR_NE(test, taken->pages[taken->n - 1], page);
	put_page(page);
	/* The lowest free one goes out first. */
	local_bh_disable();
	again = snaptun_pool_get(1002);
	local_bh_enable();
	KUNIT_EXPECT_PTR_EQ(test, again, page);
	if (again)
		put_page(again);
out:
	migrate_enable();
}

static void owner_leaves_something_for_others(struct kunit *test)
{
	struct taken *greedy = new_taken(test), *other = new_taken(test);

	migrate_disable();
	take_most(greedy, 1003);
	KUNIT_EXPECT_EQ(test, greedy->n, 48);
	take_most(other, 1004);
	KUNIT_EXPECT_EQ(test, other->n, 16);
	/* What the other gives back is not the greedy one's either. */
	give_back(other);
	take_most(greedy, 1003);
	KUNIT_EXPECT_EQ(test, greedy->n, 48);
	/* Of what the greedy one gives back it has as much again. */
	give_back(greedy);
	take_most(greedy, 1003);
	KUNIT_EXPECT_EQ(test, greedy->n, 48);
	give_back(greedy);
	/* Others may have what it had. */
	take_most(other, 1005);
	KUNIT_EXPECT_EQ(test, other->n, 48);
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
	KUNIT_CASE(owner_leaves_something_for_others),
	KUNIT_CASE(misses_are_counted),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_pool",
	.test_cases = cases,
};

kunit_test_suite(suite);
