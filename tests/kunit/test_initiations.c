// SPDX-License-Identifier: GPL-2.0
/* The memory of accepted initiations, which stops replays from new addresses. */

#include <linux/string.h>

#include "compat.h"
#include "identity.h"
#include "test.h"

/* TAI64N seconds of the newest initiation in most cases. */
#define BASE	0x400000006b036780ULL

static void destroy(void *initiations)
{
	snaptun_initiations_destroy(initiations);
}

static struct snaptun_initiations *new_initiations(struct kunit *test)
{
	struct snaptun_initiations *initiations =
		kunit_kzalloc(test, sizeof(*initiations), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, initiations);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, destroy, initiations));
	return initiations;
}

/* An initiation of that time; @number tells equal times apart. */
static struct snaptun_initiation_id make(u64 seconds, u32 nanoseconds, u32 number)
{
	struct snaptun_initiation_id id = {};

	put_unaligned_be64(seconds, id.timestamp);
	put_unaligned_be32(nanoseconds, id.timestamp + 8);
	put_unaligned_be32(number, id.ephemeral + 28);
	return id;
}

static bool is_fresh(const struct snaptun_initiations *initiations, u64 seconds,
		     u32 nanoseconds, u32 number)
{
	const struct snaptun_initiation_id id =
		make(seconds, nanoseconds, number);

	return snaptun_initiations_fresh(initiations, &id);
}

static void remember(struct snaptun_initiations *initiations, u64 seconds,
		     u32 nanoseconds, u32 number)
{
	const struct snaptun_initiation_id id =
		make(seconds, nanoseconds, number);

	snaptun_initiations_remember(initiations, &id);
}

static void first_initiation_is_fresh(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);

	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE, 0, 0));
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, 1, 0, 0));
}

static void replay_is_not_fresh(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);

	remember(initiations, BASE, 5, 1);
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE, 5, 1));
}

static void looking_remembers_nothing(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);

	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE, 5, 1));
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE, 5, 1));
}

/* Two tunnels of a key may begin in the same nanosecond. */
static void same_time_with_another_ephemeral_is_fresh(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);

	remember(initiations, BASE, 5, 1);
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE, 5, 2));
}

static void older_one_of_another_tunnel_is_fresh(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);

	remember(initiations, BASE, 0, 1);
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE - 299, 0, 2));
	remember(initiations, BASE - 299, 0, 2);
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE - 299, 0, 2));
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE, 0, 1));
}

static void floor_is_300_seconds_below_the_newest(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);

	remember(initiations, BASE, 7, 1);
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE - 301, 999999999, 2));
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE - 300, 6, 2));
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE - 300, 7, 2));
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE - 300, 8, 2));
}

static void floor_never_falls(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);

	remember(initiations, BASE, 0, 1);
	remember(initiations, BASE - 200, 0, 2);
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE - 300, 0, 3));
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE - 400, 0, 3));
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE - 250, 0, 3));
}

static void replay_stays_refused_once_below_the_floor(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);

	remember(initiations, BASE, 0, 1);
	remember(initiations, BASE + 1000, 0, 2);
	KUNIT_EXPECT_EQ(test, initiations->count, 1);
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE, 0, 1));
}

static void sixty_four_are_remembered(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);
	unsigned int i;

	for (i = 0; i < 64; i++)
		remember(initiations, BASE + i, 0, i);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE + i, 0, i));
	/* Nothing was forgotten yet, so the floor is still far below. */
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE - 100, 0, 99));
}

static void full_set_raises_the_floor_to_its_oldest(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);
	unsigned int i;

	/* The oldest is neither the first nor the last to come. */
	for (i = 0; i < 64; i++)
		remember(initiations, BASE + (i + 32) % 64, 0, i);
	remember(initiations, BASE + 64, 0, 64);
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE, 0, 99));
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE, 1, 99));
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_FALSE(test, is_fresh(initiations,
						  BASE + (i + 32) % 64, 0, i));
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE + 64, 0, 64));
}

static void full_set_of_one_time_refuses_all_of_them(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);
	unsigned int i;

	for (i = 0; i <= 64; i++)
		remember(initiations, BASE, 5, i);
	for (i = 0; i <= 64; i++)
		KUNIT_EXPECT_FALSE(test, is_fresh(initiations, BASE, 5, i));
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, BASE, 6, 0));
}

/* A clock that begins at zero must not wrap the floor around. */
static void floor_stays_at_zero_in_the_first_300_seconds(struct kunit *test)
{
	struct snaptun_initiations *initiations = new_initiations(test);

	remember(initiations, 299, 0, 1);
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, 0, 1, 2));
	remember(initiations, 301, 0, 3);
	KUNIT_EXPECT_FALSE(test, is_fresh(initiations, 1, 0, 4));
	KUNIT_EXPECT_TRUE(test, is_fresh(initiations, 1, 1, 4));
}

static void nothing_is_accepted_twice(struct kunit *test)
{
	const unsigned int n = 5000;
	struct snaptun_random random = { .state = 3 };
	struct snaptun_initiations *initiations = new_initiations(test);
	struct snaptun_initiation_id *accepted;
	unsigned int i, taken = 0;
	u64 newest = BASE;

	accepted = kunit_kcalloc(test, n, sizeof(*accepted), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, accepted);
	for (i = 0; i < n; i++) {
		const struct snaptun_initiation_id id =
			make(newest - snaptun_random_below(&random, 320),
			     snaptun_random_u32(&random), i);

		newest += snaptun_random_below(&random, 3);
		if (snaptun_initiations_fresh(initiations, &id)) {
			snaptun_initiations_remember(initiations, &id);
			accepted[taken++] = id;
		}
		if (!taken)
			continue;
		/* One of the last hundred is played again. */
		KUNIT_ASSERT_FALSE(test,
				   snaptun_initiations_fresh(initiations,
							     &accepted[taken - 1 -
					snaptun_random_below(&random,
							     min(taken, 100U))]));
	}
	/* Refusing everything would be easy. */
	KUNIT_EXPECT_GT(test, taken, n / 10);
	for (i = 0; i < taken; i++)
		KUNIT_EXPECT_FALSE(test, snaptun_initiations_fresh(initiations,
								   &accepted[i]));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(first_initiation_is_fresh),
	KUNIT_CASE(replay_is_not_fresh),
	KUNIT_CASE(looking_remembers_nothing),
	KUNIT_CASE(same_time_with_another_ephemeral_is_fresh),
	KUNIT_CASE(older_one_of_another_tunnel_is_fresh),
	KUNIT_CASE(floor_is_300_seconds_below_the_newest),
	KUNIT_CASE(floor_never_falls),
	KUNIT_CASE(replay_stays_refused_once_below_the_floor),
	KUNIT_CASE(sixty_four_are_remembered),
	KUNIT_CASE(full_set_raises_the_floor_to_its_oldest),
	KUNIT_CASE(full_set_of_one_time_refuses_all_of_them),
	KUNIT_CASE(floor_stays_at_zero_in_the_first_300_seconds),
	KUNIT_CASE(nothing_is_accepted_twice),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_initiations",
	.test_cases = cases,
};

kunit_test_suite(suite);
