// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window, after RFC 6479: a ring of words in which moving forward
 * clears whole words instead of shifting bits. It gets the memory for its whole width
 * when a session comes to counters that need it.
 */

#include "replay.h"

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

static struct kmem_cache *window_cache;

/**
 * snaptun_replay_setup() - be ready to make windows wide
 *
 * Context: module init.
 *
 * Return: 0, or -ENOMEM.
 */
int __init snaptun_replay_setup(void)
{
	window_cache = kmem_cache_create("snaptun_window",
					 SNAPTUN_REPLAY_WORDS * sizeof(long),
					 __alignof__(long), 0, NULL);
	return window_cache ? 0 : -ENOMEM;
}

/**
 * snaptun_replay_teardown() - no window will be wide any more
 *
 * Context: module exit; all windows are destroyed.
 */
void snaptun_replay_teardown(void)
{
	kmem_cache_destroy(window_cache);
}

static bool is_narrow(const struct snaptun_replay *replay)
{
	return replay->seen == replay->few;
}

static unsigned int words(const struct snaptun_replay *replay)
{
	return is_narrow(replay) ? SNAPTUN_REPLAY_FEW_WORDS : SNAPTUN_REPLAY_WORDS;
}

static unsigned int word_of(const struct snaptun_replay *replay, u64 counter)
{
	u32 word;

	/* The compiler divides by constants without a division. */
	if (is_narrow(replay))
		div_u64_rem(counter / BITS_PER_LONG, SNAPTUN_REPLAY_FEW_WORDS, &word);
	else
		div_u64_rem(counter / BITS_PER_LONG, SNAPTUN_REPLAY_WORDS, &word);
	return word;
}

/* The place of the greatest counter seen, in words of all counters. */
static u64 greatest_word(const struct snaptun_replay *replay)
{
	return replay->next ? (replay->next - 1) / BITS_PER_LONG : 0;
}

/*
 * Make the window as wide as it gets. Below SNAPTUN_REPLAY_FEW nothing was refused yet
 * that the wide one would take. Where there is no memory it stays as it is, for now, and
 * then what was too old for it counts as seen.
 */
static void widen(struct snaptun_replay *replay)
{
	u64 word, greatest = greatest_word(replay);
	unsigned long *wide;
	u32 place;

	wide = kmem_cache_alloc(window_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!wide)
		return;
	memset(wide, 0xff, SNAPTUN_REPLAY_WORDS * sizeof(*wide));
	word = greatest - min_t(u64, greatest, SNAPTUN_REPLAY_FEW_WORDS - 1);
	for (; word <= greatest; word++) {
		div_u64_rem(word, SNAPTUN_REPLAY_WORDS, &place);
		wide[place] = replay->few[word_of(replay, word * BITS_PER_LONG)];
	}
	replay->seen = wide;
}

/**
 * snaptun_replay_init() - begin a window that has seen nothing
 * @replay: the window
 */
void snaptun_replay_init(struct snaptun_replay *replay)
{
	memset(replay, 0, sizeof(*replay));
	spin_lock_init(&replay->lock);
	replay->seen = replay->few;
}

/**
 * snaptun_replay_destroy() - free what a window took
 * @replay: the window
 *
 * Context: any; nobody uses it any more.
 */
void snaptun_replay_destroy(struct snaptun_replay *replay)
{
	if (!is_narrow(replay))
		kmem_cache_free(window_cache, replay->seen);
}

/* Take one counter; false where it was taken before, or nobody knows. */
static bool accept(struct snaptun_replay *replay, u64 counter)
{
	if (counter >= SNAPTUN_REJECT_AFTER_MESSAGES)
		return false;
	if (unlikely(is_narrow(replay) && counter >= SNAPTUN_REPLAY_FEW))
		widen(replay);
	if (counter >= replay->next) {
		u64 ahead = counter / BITS_PER_LONG - greatest_word(replay);
		unsigned int word = word_of(replay, counter);

		/* Words that the greatest counter enters begin empty. */
		for (ahead = min_t(u64, ahead, words(replay)); ahead; ahead--) {
			replay->seen[word] = 0;
			word = word ? word - 1 : words(replay) - 1;
		}
		replay->next = counter + 1;
	} else if (replay->next - counter >
		   (is_narrow(replay) ? SNAPTUN_REPLAY_FEW : SNAPTUN_REPLAY_WINDOW)) {
		return false;
	}
	return !__test_and_set_bit(counter % BITS_PER_LONG,
				   &replay->seen[word_of(replay, counter)]);
}

/**
 * snaptun_replay_accept() - take counters that were never seen
 * @replay: the window
 * @counters: counters of messages that are authentic, in the order of their arrival
 * @n: how many, 1 to 64
 *
 * Context: bottom halves disabled.
 *
 * Return: a bit for each counter, from the lowest on. One is 0 where the counter was
 * taken before, or lies SNAPTUN_REPLAY_WINDOW or more below the greatest, so that
 * nobody knows.
 */
u64 snaptun_replay_accept(struct snaptun_replay *replay, const u64 *counters,
			  unsigned int n)
{
	unsigned int i;
	u64 fresh = 0;

	spin_lock(&replay->lock);
	for (i = 0; i < n; i++)
		fresh |= (u64)accept(replay, counters[i]) << i;
	spin_unlock(&replay->lock);
	return fresh;
}
