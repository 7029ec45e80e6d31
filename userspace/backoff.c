// SPDX-License-Identifier: GPL-2.0-or-later
/* When to try again: pauses that grow, and that no two clients have in common. */
#include <openssl/rand.h>

#include "backoff.h"

#define THOUSAND	1000U

const struct backoff_settings backoff_defaults = {
	.base = 1000,
	.factor = 1200,
	.max = 20000,
	.attempts_first = 5,
	.attempts_renewal = 10,
	.round_interval = 60000,
};

uint32_t backoff_random(void)
{
	uint32_t random;

	/* Without it, pauses are as long as they get: late, but not a crowd. */
	if (RAND_bytes((unsigned char *)&random, sizeof(random)) != 1)
		random = UINT32_MAX;
	return random;
}

/* A part of a length: none of it for random 0, nearly all for the greatest. */
static uint64_t part(uint64_t length, uint32_t random)
{
	return length * random >> 32;
}

uint64_t backoff_delay(const struct backoff_settings *settings, uint32_t failed,
		       uint32_t random)
{
	uint64_t delay = settings->base;

	/* One that does not grow would never end the loop by its length. */
	if (settings->factor <= THOUSAND)
		failed = 0;
	while (failed-- && delay && delay < settings->max) {
		uint64_t longer = delay * settings->factor / THOUSAND;

		/* A short one must not be rounded to what it was for ever. */
		delay = longer > delay ? longer : delay + 1;
	}
	if (delay > settings->max)
		delay = settings->max;
	return delay - delay / 2 + part(delay / 2, random);
}

uint64_t backoff_pause(const struct backoff_settings *settings, uint32_t random)
{
	uint64_t fifth = settings->round_interval / 5;

	return settings->round_interval - fifth + part(2 * fifth, random);
}

void backoff_succeeded(struct backoff *backoff)
{
	backoff->renewal = true;
	backoff->failed = 0;
}

static uint32_t attempts(const struct backoff *backoff)
{
	return backoff->renewal ? backoff->settings->attempts_renewal :
				  backoff->settings->attempts_first;
}

bool backoff_round_is_over(const struct backoff *backoff)
{
	return backoff->failed >= attempts(backoff);
}

uint64_t backoff_failed(struct backoff *backoff, uint64_t retry_after)
{
	uint32_t random = backoff->random();
	uint64_t delay;

	if (retry_after > BACKOFF_RETRY_AFTER_MAX)
		retry_after = BACKOFF_RETRY_AFTER_MAX;
	if (backoff_round_is_over(backoff))
		backoff->failed = 0;
	backoff->failed++;
	delay = backoff_round_is_over(backoff) ?
		backoff_pause(backoff->settings, random) :
		backoff_delay(backoff->settings, backoff->failed, random);
	return retry_after + delay;
}

uint64_t backoff_refused(struct backoff *backoff, uint64_t retry_after)
{
	uint32_t last = attempts(backoff);

	backoff->failed = last ? last - 1 : 0;
	return backoff_failed(backoff, retry_after);
}
