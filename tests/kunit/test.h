/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all suites share: random bytes that are the same in every run, and
 * memory in which one byte too far crashes.
 */
#ifndef SNAPTUN_KUNIT_TEST_H
#define SNAPTUN_KUNIT_TEST_H

#include <kunit/test.h>
#include <linux/time64.h>
#include <linux/types.h>

#define SECONDS(s)	((u64)(s) * NSEC_PER_SEC)

/**
 * struct snaptun_random - a generator of reproducible numbers
 * @state: not zero
 */
struct snaptun_random {
	u64 state;
};

/* xorshift64*: as good as a test needs, and the same everywhere. */
static inline u32 snaptun_random_u32(struct snaptun_random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return (random->state * 0x2545F4914F6CDD1DULL) >> 32;
}

/* A number below @bound. */
static inline u32 snaptun_random_below(struct snaptun_random *random, u32 bound)
{
	return snaptun_random_u32(random) % bound;
}

static inline void snaptun_random_bytes(struct snaptun_random *random, u8 *to,
					size_t len)
{
	while (len--)
		*to++ = snaptun_random_u32(random);
}

static inline void snaptun_flip(void *bytes, unsigned int bit)
{
	((u8 *)bytes)[bit / 8] ^= 1 << (bit % 8);
}

void *snaptun_test_guarded(struct kunit *test, size_t len);

#endif
