/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to try again what failed: pauses that grow, and that no two clients have in
 * common.
 */
#ifndef SNAPTUN_BACKOFF_H
#define SNAPTUN_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/* The longest that a server can have its clients wait, in milliseconds. */
#define BACKOFF_RETRY_AFTER_MAX	3600000U

/**
 * struct backoff_settings - how pauses grow
 * @base: What the pause before the first attempt would be, in milliseconds.
 * @factor: How much longer each is than the one before, in thousandths.
 * @max: Where they stop growing, in milliseconds.
 * @attempts_first: Attempts in a round where there was no success yet.
 * @attempts_renewal: Attempts in a round once there was one.
 * @round_interval: Pause between two rounds, in milliseconds.
 */
struct backoff_settings {
	uint32_t base;
	uint32_t factor;
	uint32_t max;
	uint32_t attempts_first;
	uint32_t attempts_renewal;
	uint32_t round_interval;
};

extern const struct backoff_settings backoff_defaults;

/**
 * struct backoff - attempts at one thing
 * @settings: How pauses grow.
 * @random: Where their lengths come from: a number of 32 bits, each as likely.
 * @renewal: There was a success.
 * @failed: Attempts of this round that failed.
 */
struct backoff {
	const struct backoff_settings *settings;
	uint32_t (*random)(void);
	bool renewal;
	uint32_t failed;
};

/**
 * backoff_random() - what @random usually is
 *
 * Return: a random number, of the kind that others may know.
 */
uint32_t backoff_random(void);

/**
 * backoff_delay() - the pause before the next attempt of a round
 * @settings: How pauses grow.
 * @failed: How many attempts of the round failed.
 * @random: A random number.
 *
 * It is between a half and the whole of base times factor to the power of @failed, or
 * of the maximum.
 *
 * Return: milliseconds.
 */
uint64_t backoff_delay(const struct backoff_settings *settings, uint32_t failed,
		       uint32_t random);

/**
 * backoff_pause() - the pause between two rounds
 * @settings: How long it is.
 * @random: A random number.
 *
 * Return: milliseconds, a fifth more or less than what is set.
 */
uint64_t backoff_pause(const struct backoff_settings *settings, uint32_t random);

/**
 * backoff_succeeded() - an attempt succeeded
 * @backoff: The attempts. What comes next is a renewal.
 */
void backoff_succeeded(struct backoff *backoff);

/**
 * backoff_failed() - an attempt failed
 * @backoff: The attempts.
 * @retry_after: How long the server asked to be left alone, in milliseconds; 0 if it
 *	did not. At most %BACKOFF_RETRY_AFTER_MAX of it count, and the pause comes on
 *	top: a server that sends all away is not to see all again at once.
 *
 * After the last attempt of a round, the next one begins a new round.
 *
 * Return: the pause before the next attempt, in milliseconds.
 */
uint64_t backoff_failed(struct backoff *backoff, uint64_t retry_after);

/**
 * backoff_refused() - an attempt failed, and so would another one soon
 * @backoff: The attempts. The round ends.
 * @retry_after: As for backoff_failed().
 *
 * Return: the pause before the next attempt, in milliseconds.
 */
uint64_t backoff_refused(struct backoff *backoff, uint64_t retry_after);

/**
 * backoff_round_is_over() - whether the last attempt of a round has failed
 * @backoff: The attempts.
 */
bool backoff_round_is_over(const struct backoff *backoff);

#endif /* SNAPTUN_BACKOFF_H */
