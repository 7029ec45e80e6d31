// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window against a model that remembers every counter it ever took,
 * and its edges one by one.
 */

#include <linux/bitmap.h>
#include <linux/vmalloc.h>

#include "replay.h"
#include "test.h"

/* The model reaches over this many counters. */
#define REACH		BIT(24)
#define ROUNDS		12
#define STEPS		20000

#define LIMIT		SNAPTUN_REJECT_AFTER_MESSAGES

/**
 * struct model - what should be accepted, in the plainest words
 * @base: the first counter that it can remember
 * @any: one was accepted
 * @greatest: the greatest accepted
 * @taken: a bit for each counter from @base on
 */
struct model {
	u64 base;
	bool any;
	u64 greatest;
	unsigned long *taken;
};

static bool model_accept(struct model *model, u64 counter)
{
	if (counter >= LIMIT)
		return false;
	if (model->any && counter < model->greatest &&
	    model->greatest - counter >= SNAPTUN_REPLAY_WINDOW)
		return false;
	if (test_and_set_bit(counter - model->base, model->taken))
		return false;
	if (!model->any || counter > model->greatest)
		model->greatest = counter;
	model->any = true;
	return true;
}

static void free_bits(void *bits)
{
	vfree(bits);
}

static void destroy(void *replay)
{
	snaptun_replay_destroy(replay);
}

static struct snaptun_replay *new_replay(struct kunit *test)
{
	struct snaptun_replay *replay =
		kunit_kmalloc(test, sizeof(*replay), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, replay);
	snaptun_replay_init(replay);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy, replay));
	return replay;
}

static bool accept(struct snaptun_replay *replay, u64 counter)
{
	bool fresh;

	local_bh_disable();
	fresh = snaptun_replay_accept(replay, &counter, 1);
	local_bh_enable();
	return fresh;
}

/* A counter near the greatest, or near the border of the window. */
static u64 choose(struct snaptun_random *random, const struct model *model)
{
	u64 at = model->any ? model->greatest : model->base;
	u32 back;

	switch (snaptun_random_below(random, 16)) {
	case 0 ... 5:
		return at + 1;
	case 6:
		return at + snaptun_random_below(random, 64);
	case 7:
		return at + snaptun_random_below(random, 1024);
	case 8:
		/* The whole window, a word less or more. */
		return at + SNAPTUN_REPLAY_WINDOW - BITS_PER_LONG +
		       snaptun_random_below(random, 2 * BITS_PER_LONG);
	case 9:
		back = snaptun_random_below(random, 64);
		break;
	case 10 ... 12:
		back = snaptun_random_below(random, SNAPTUN_REPLAY_WINDOW);
		break;
	case 13:
		back = SNAPTUN_REPLAY_WINDOW - BITS_PER_LONG +
		       snaptun_random_below(random, 2 * BITS_PER_LONG);
		break;
	case 14:
		back = SNAPTUN_REPLAY_WINDOW - 2 +
		       snaptun_random_below(random, 4);
		break;
	default:
		back = snaptun_random_below(random, 8 * SNAPTUN_REPLAY_WINDOW);
		break;
	}
	return at - min_t(u64, back, at - model->base);
}

static void agree_from(struct kunit *test, u64 base, u64 seed)
{
	struct snaptun_random random = { .state = seed };
	struct snaptun_replay *replay = new_replay(test);
	struct model model = { .base = base };
	unsigned int step;

	model.taken = vzalloc(BITS_TO_LONGS(REACH) * sizeof(long));
	KUNIT_ASSERT_NOT_NULL(test, model.taken);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_bits,
							   model.taken));
	for (step = 0; step < STEPS; step++) {
		u64 counter = choose(&random, &model);
		u64 greatest = model.greatest;

		if (counter - base >= REACH)
			break;
		KUNIT_ASSERT_EQ_MSG(test, accept(replay, counter),
				    model_accept(&model, counter),
				    "seed %llu step %u: %llu after %llu", seed,
				    step, counter, greatest);
	}
}

static void window_agrees_with_the_model(struct kunit *test)
{
	unsigned int round;

	for (round = 1; round <= ROUNDS; round++)
		agree_from(test, 0, round);
}

static void window_agrees_with_the_model_at_high_counters(struct kunit *test)
{
	unsigned int round;

	/* Where 32 bits end, and where a signed number does. */
	for (round = 1; round <= ROUNDS / 2; round++) {
		agree_from(test, BIT_ULL(32) - REACH / 8, round);
		agree_from(test, BIT_ULL(63) - REACH / 8, round);
	}
}

static void window_agrees_with_the_model_at_the_limit(struct kunit *test)
{
	unsigned int round;

	for (round = 1; round <= ROUNDS; round++)
		agree_from(test, LIMIT - (round << 15), round);
}

static void each_counter_is_accepted_once(struct kunit *test)
{
	struct snaptun_replay *replay = new_replay(test);
	u64 counter;

	for (counter = 0; counter < 3 * SNAPTUN_REPLAY_WINDOW; counter++) {
		KUNIT_EXPECT_TRUE(test, accept(replay, counter));
		KUNIT_EXPECT_FALSE(test, accept(replay, counter));
	}
}

static void window_holds_8192_counters(struct kunit *test)
{
	const u64 greatest = 100000;
	struct snaptun_replay *replay = new_replay(test);
	unsigned int back;

	KUNIT_ASSERT_TRUE(test, accept(replay, greatest));
	KUNIT_EXPECT_FALSE(test, accept(replay, greatest - 8192));
	KUNIT_EXPECT_FALSE(test, accept(replay, 0));
	for (back = 8191; back; back--)
		KUNIT_EXPECT_TRUE_MSG(test, accept(replay, greatest - back),
				      "%u back", back);
	for (back = 0; back < 8192; back++)
		KUNIT_EXPECT_FALSE_MSG(test, accept(replay, greatest - back),
				       "%u back", back);
}

/* What lies in the words that a leap passes over was never seen. */
static void leap_forgets_what_the_ring_held(struct kunit *test)
{
	static const u64 leaps[] = {
		1, 63, 64, 65, 8191, 8192, 8193, 8255, 8256, 8257,
		2 * 8256, 1000 * 8256, BIT_ULL(32), BIT_ULL(40) + 17,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(leaps); i++) {
		struct snaptun_replay *replay = new_replay(test);
		u64 to = 8255 + leaps[i], from, counter;

		for (counter = 0; counter <= 8255; counter++)
			KUNIT_ASSERT_TRUE(test, accept(replay, counter));
		KUNIT_ASSERT_TRUE(test, accept(replay, to));
		from = max_t(u64, 8256, to - 8191);
		for (counter = from; counter < to; counter++)
			KUNIT_ASSERT_TRUE_MSG(test, accept(replay, counter),
					      "leap %llu: %llu", leaps[i],
					      counter);
	}
}

/* What was taken, and what is late, stays so when the window gets wide. */
static void wide_window_knows_what_the_narrow_one_saw(struct kunit *test)
{
	struct snaptun_replay *replay = new_replay(test);
	u64 counter;

	for (counter = 0; counter < SNAPTUN_REPLAY_FEW; counter += 3)
		KUNIT_ASSERT_TRUE(test, accept(replay, counter));
	KUNIT_EXPECT_PTR_EQ(test, replay->seen, &replay->few[0]);
	KUNIT_ASSERT_TRUE(test, accept(replay, SNAPTUN_REPLAY_FEW));
	KUNIT_EXPECT_PTR_NE(test, replay->seen, &replay->few[0]);
	KUNIT_ASSERT_TRUE(test, accept(replay, 8191));
	for (counter = 0; counter < SNAPTUN_REPLAY_FEW; counter++)
		KUNIT_EXPECT_EQ_MSG(test, accept(replay, counter), counter % 3 != 0,
				    "counter %llu", counter);
}

static void late_first_message_opens_the_window_there(struct kunit *test)
{
	struct snaptun_replay *replay = new_replay(test);

	KUNIT_EXPECT_TRUE(test, accept(replay, 5));
	KUNIT_EXPECT_TRUE(test, accept(replay, 0));
	KUNIT_EXPECT_FALSE(test, accept(replay, 0));
	KUNIT_EXPECT_FALSE(test, accept(replay, 5));
	KUNIT_EXPECT_TRUE(test, accept(replay, 6));
}

static void last_counter_is_the_one_before_the_limit(struct kunit *test)
{
	struct snaptun_replay *replay = new_replay(test);

	/* 2^64 - 2^13 - 1, Documentation/protocol.rst. */
	KUNIT_EXPECT_EQ(test, LIMIT, 0xffffffffffffdfffULL);
	KUNIT_EXPECT_FALSE(test, accept(replay, LIMIT));
	KUNIT_EXPECT_FALSE(test, accept(replay, U64_MAX));
	KUNIT_EXPECT_TRUE(test, accept(replay, 0));
	KUNIT_EXPECT_TRUE(test, accept(replay, LIMIT - 1));
	KUNIT_EXPECT_FALSE(test, accept(replay, LIMIT - 1));
	KUNIT_EXPECT_TRUE(test, accept(replay, LIMIT - 8192));
	KUNIT_EXPECT_FALSE(test, accept(replay, LIMIT - 8193));
}

static void counter_above_the_limit_moves_nothing(struct kunit *test)
{
	struct snaptun_replay *replay = new_replay(test);

	KUNIT_EXPECT_TRUE(test, accept(replay, 7));
	KUNIT_EXPECT_FALSE(test, accept(replay, U64_MAX));
	KUNIT_EXPECT_TRUE(test, accept(replay, 6));
	KUNIT_EXPECT_FALSE(test, accept(replay, 7));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(window_agrees_with_the_model),
	KUNIT_CASE(window_agrees_with_the_model_at_high_counters),
	KUNIT_CASE(window_agrees_with_the_model_at_the_limit),
	KUNIT_CASE(each_counter_is_accepted_once),
	KUNIT_CASE(window_holds_8192_counters),
	KUNIT_CASE(leap_forgets_what_the_ring_held),
	KUNIT_CASE(wide_window_knows_what_the_narrow_one_saw),
	KUNIT_CASE(late_first_message_opens_the_window_there),
	KUNIT_CASE(last_counter_is_the_one_before_the_limit),
	KUNIT_CASE(counter_above_the_limit_moves_nothing),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_replay",
	.test_cases = cases,
};

kunit_test_suite(suite);
