// SPDX-License-Identifier: GPL-2.0
/* The reasons why a key is authorised: which tag replaces which, and how many fit. */

#include <linux/string.h>

#include "identity.h"
#include "test.h"
#include "timers.h"

#define NOW	SECONDS(1000)

static struct snaptun_authorisations *new_authorisations(struct kunit *test)
{
	struct snaptun_authorisations *all =
		kunit_kzalloc(test, sizeof(*all), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, all);
	return all;
}

static int put(struct snaptun_authorisations *all, const char *tag, u64 until,
	       u64 now)
{
	struct snaptun_authorisation new = {
		.until = until,
		.tag_len = strlen(tag),
	};

	memcpy(new.tag, tag, new.tag_len);
	return snaptun_authorisations_put(all, &new, now);
}

/* The end of the one with that tag, or 0 where there is none; -1 for several. */
static u64 end_of(const struct snaptun_authorisations *all, const char *tag)
{
	u64 until = 0;
	unsigned int i;

	for (i = 0; i < all->n; i++) {
		if (all->list[i].tag_len != strlen(tag) ||
		    memcmp(all->list[i].tag, tag, strlen(tag)))
			continue;
		if (until)
			return -1;
		until = all->list[i].until;
	}
	return until;
}

static void same_tag_is_replaced(struct kunit *test)
{
	struct snaptun_authorisations *all = new_authorisations(test);

	KUNIT_EXPECT_EQ(test, put(all, "a", NOW + 5, NOW), 0);
	KUNIT_EXPECT_EQ(test, put(all, "a", NOW + 9, NOW), 0);
	KUNIT_EXPECT_EQ(test, end_of(all, "a"), NOW + 9);
	/* A shorter time counts as well. */
	KUNIT_EXPECT_EQ(test, put(all, "a", NOW + 2, NOW), 0);
	KUNIT_EXPECT_EQ(test, end_of(all, "a"), NOW + 2);
	KUNIT_EXPECT_EQ(test, all->n, 1);
}

static void other_tags_stay(struct kunit *test)
{
	static const char *const tags[] = { "", "a", "b", "ab", "aa" };
	struct snaptun_authorisations *all = new_authorisations(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tags); i++)
		KUNIT_EXPECT_EQ(test, put(all, tags[i], NOW + 1 + i, NOW), 0);
	for (i = 0; i < ARRAY_SIZE(tags); i++)
		KUNIT_EXPECT_EQ(test, end_of(all, tags[i]), NOW + 1 + i);
	KUNIT_EXPECT_EQ(test, all->n, ARRAY_SIZE(tags));
}

static void the_whole_tag_counts(struct kunit *test)
{
	struct snaptun_authorisations *all = new_authorisations(test);
	struct snaptun_authorisation new = { .until = NOW + 1 };

	new.tag_len = SNAPTUN_AUTHORISATION_TAG_MAX;
	KUNIT_EXPECT_EQ(test, snaptun_authorisations_put(all, &new, NOW), 0);
	new.tag[SNAPTUN_AUTHORISATION_TAG_MAX - 1] = 1;
	KUNIT_EXPECT_EQ(test, snaptun_authorisations_put(all, &new, NOW), 0);
	new.tag_len--;
	KUNIT_EXPECT_EQ(test, snaptun_authorisations_put(all, &new, NOW), 0);
	KUNIT_EXPECT_EQ(test, all->n, 3);
}

static void no_time_removes(struct kunit *test)
{
	struct snaptun_authorisations *all = new_authorisations(test);

	KUNIT_EXPECT_EQ(test, put(all, "a", NOW + 5, NOW), 0);
	KUNIT_EXPECT_EQ(test, put(all, "b", SNAPTUN_NEVER, NOW), 0);
	KUNIT_EXPECT_EQ(test, put(all, "a", 0, NOW), 0);
	KUNIT_EXPECT_EQ(test, all->n, 1);
	KUNIT_EXPECT_EQ(test, end_of(all, "b"), SNAPTUN_NEVER);
	KUNIT_EXPECT_EQ(test, put(all, "c", 0, NOW), 0);
	KUNIT_EXPECT_EQ(test, put(all, "b", NOW, NOW), 0);
	KUNIT_EXPECT_EQ(test, all->n, 0);
}

static void what_has_ended_goes(struct kunit *test)
{
	struct snaptun_authorisations *all = new_authorisations(test);

	KUNIT_EXPECT_EQ(test, put(all, "a", NOW + 5, NOW), 0);
	KUNIT_EXPECT_EQ(test, put(all, "b", NOW + 6, NOW), 0);
	KUNIT_EXPECT_EQ(test, put(all, "c", NOW + 9, NOW + 5), 0);
	KUNIT_EXPECT_EQ(test, all->n, 2);
	KUNIT_EXPECT_EQ(test, end_of(all, "b"), NOW + 6);
	KUNIT_EXPECT_EQ(test, end_of(all, "c"), NOW + 9);
}

static void a_ninth_is_refused(struct kunit *test)
{
	struct snaptun_authorisations *all = new_authorisations(test);
	struct snaptun_authorisations *before = new_authorisations(test);
	char tag[] = "1";

	for (; tag[0] <= '8'; tag[0]++)
		KUNIT_EXPECT_EQ(test, put(all, tag, NOW + tag[0], NOW), 0);
	*before = *all;
	KUNIT_EXPECT_EQ(test, put(all, "9", SNAPTUN_NEVER, NOW), -ENOSPC);
	KUNIT_EXPECT_MEMEQ(test, all, before, sizeof(*all));
	/* Not in the place of another, nor when one makes room. */
	KUNIT_EXPECT_EQ(test, put(all, "8", SNAPTUN_NEVER, NOW), 0);
	KUNIT_EXPECT_EQ(test, put(all, "9", 0, NOW), 0);
	KUNIT_EXPECT_EQ(test, put(all, "9", SNAPTUN_NEVER, NOW + '1'), 0);
	KUNIT_EXPECT_EQ(test, all->n, 8);
	KUNIT_EXPECT_EQ(test, end_of(all, "1"), 0);
	KUNIT_EXPECT_EQ(test, end_of(all, "9"), SNAPTUN_NEVER);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(same_tag_is_replaced),
	KUNIT_CASE(other_tags_stay),
	KUNIT_CASE(the_whole_tag_counts),
	KUNIT_CASE(no_time_removes),
	KUNIT_CASE(what_has_ended_goes),
	KUNIT_CASE(a_ninth_is_refused),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_authorisations",
	.test_cases = cases,
};

kunit_test_suite(suite);
