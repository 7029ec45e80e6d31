// SPDX-License-Identifier: GPL-2.0-or-later
/* Pauses between attempts: their bounds, their end, and what a server asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backoff.h"

static uint32_t next_random;

static uint32_t fake_random(void)
{
	return next_random;
}

static void pauses_grow_up_to_the_greatest(void **state)
{
	/* 1.2, 1.44, 1.728 s and so on, from the half to the whole of each. */
	static const uint64_t whole[] = { 1000, 1200, 1440, 1728, 2073 };

	(void)state;
	for (uint32_t n = 0; n < 5; n++) {
		uint64_t shortest = backoff_delay(&backoff_defaults, n, 0);
		uint64_t longest = backoff_delay(&backoff_defaults, n, UINT32_MAX);

		assert_in_range(shortest, whole[n] / 2, whole[n] / 2 + 1);
		assert_in_range(longest, whole[n] - 1, whole[n]);
	}
	assert_int_equal(backoff_delay(&backoff_defaults, 17, 0), 10000);
	assert_int_equal(backoff_delay(&backoff_defaults, UINT32_MAX, 0), 10000);
	assert_in_range(backoff_delay(&backoff_defaults, 1000, UINT32_MAX), 19999, 20000);
}

static void no_two_clients_are_in_step(void **state)
{
	uint64_t before = 0;

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		uint64_t delay = backoff_delay(&backoff_defaults, 5, i * 42000000U);

		assert_true(delay > before);
		before = delay;
	}
	assert_int_not_equal(backoff_random(), backoff_random());
}

static void strange_settings_still_end(void **state)
{
	struct backoff_settings settings = backoff_defaults;

	(void)state;
	settings.factor = 1000;
	assert_int_equal(backoff_delay(&settings, UINT32_MAX, 0), 500);
	settings.factor = 1001;
	settings.base = 1;
	assert_int_equal(backoff_delay(&settings, UINT32_MAX, 0), 10000);
	settings.base = 0;
	assert_int_equal(backoff_delay(&settings, UINT32_MAX, UINT32_MAX), 0);
	settings = (struct backoff_settings){
		.base = UINT32_MAX, .factor = UINT32_MAX, .max = UINT32_MAX,
	};
	assert_true(backoff_delay(&settings, 3, UINT32_MAX) <= UINT32_MAX);
}

static struct backoff begin(bool renewal)
{
	return (struct backoff){ .settings = &backoff_defaults,
				 .random = fake_random, .renewal = renewal };
}

/* How many failures it takes until the pause is one between rounds. */
static int round_of(struct backoff *backoff)
{
	int failures = 0;
	uint64_t pause;

	do {
		pause = backoff_failed(backoff, 0);
		failures++;
		assert_int_equal(backoff_round_is_over(backoff), pause >= 48000);
	} while (pause <= 20000);
	assert_in_range(pause, 48000, 72000);
	return failures;
}

static void rounds_follow_each_other(void **state)
{
	struct backoff backoff = begin(false);

	(void)state;
	next_random = 0;
	assert_int_equal(round_of(&backoff), 5);
	next_random = UINT32_MAX;
	assert_int_equal(round_of(&backoff), 5);
	backoff_failed(&backoff, 0);
	backoff_succeeded(&backoff);
	assert_int_equal(round_of(&backoff), 10);
	assert_int_equal(round_of(&backoff), 10);
}

static void pause_between_rounds_varies_by_a_fifth(void **state)
{
	(void)state;
	assert_int_equal(backoff_pause(&backoff_defaults, 0), 48000);
	assert_int_equal(backoff_pause(&backoff_defaults, UINT32_MAX / 2 + 1), 60000);
	assert_in_range(backoff_pause(&backoff_defaults, UINT32_MAX), 71999, 72000);
}

static void server_is_left_alone_as_long_as_it_asks(void **state)
{
	struct backoff backoff = begin(false);

	(void)state;
	next_random = 0;
	assert_in_range(backoff_failed(&backoff, 30000), 30600, 31200);
	next_random = UINT32_MAX;
	assert_in_range(backoff_failed(&backoff, 30000), 31400, 31440);
	next_random = 0;
	assert_in_range(backoff_failed(&backoff, UINT64_MAX), 3600000, 3620000);
}

static void refusal_ends_the_round(void **state)
{
	struct backoff backoff = begin(true);

	(void)state;
	next_random = 0;
	assert_int_equal(backoff_refused(&backoff, 0), 48000);
	assert_true(backoff_round_is_over(&backoff));
	assert_int_equal(backoff_refused(&backoff, 1000), 49000);
	assert_int_equal(round_of(&backoff), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_grow_up_to_the_greatest),
		cmocka_unit_test(no_two_clients_are_in_step),
		cmocka_unit_test(strange_settings_still_end),
		cmocka_unit_test(rounds_follow_each_other),
		cmocka_unit_test(pause_between_rounds_varies_by_a_fifth),
		cmocka_unit_test(server_is_left_alone_as_long_as_it_asks),
		cmocka_unit_test(refusal_ends_the_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
