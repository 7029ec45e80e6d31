// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window, after RFC 6479: a ring of words in which moving forward
 * clears whole words instead of shifting bits.
 */

#include "replay.h"

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

static unsigned int word_of(u64 counter)
{
	u32 word;

	div_u64_rem(counter / BITS_PER_LONG, SNAPTUN_REPLAY_WORDS, &word);
	return word;
}

/**
 * snaptun_replay_init() - begin a window that has seen nothing
 * @replay: the window
 */
void snaptun_replay_init(struct snaptun_replay *replay)
{
	memset(replay, 0, sizeof(*replay));
	spin_lock_init(&replay->lock);
}

/**
 * snaptun_replay_accept() - take a counter that was never seen
 * @replay: the window
 * @counter: counter of a message that is authentic
 *
 * Context: bottom halves disabled.
 *
 * Return: false where @counter was taken before, or lies SNAPTUN_REPLAY_WINDOW or
 * more below the greatest, so that nobody knows.
 */
bool snaptun_replay_accept(struct snaptun_replay *replay, u64 counter)
{
	bool fresh = false;

	spin_lock(&replay->lock);
	if (counter >= SNAPTUN_REJECT_AFTER_MESSAGES)
		goto out;
	if (counter >= replay->next) {
		u64 ahead = counter / BITS_PER_LONG -
			    (replay->next ? (replay->next - 1) / BITS_PER_LONG : 0);
		unsigned int word = word_of(counter);

		/* Words that the greatest counter enters begin empty. */
		for (ahead = min_t(u64, ahead, SNAPTUN_REPLAY_WORDS); ahead; ahead--) {
			replay->seen[word] = 0;
			word = word ? word - 1 : SNAPTUN_REPLAY_WORDS - 1;
		}
		replay->next = counter + 1;
	} else if (replay->next - counter > SNAPTUN_REPLAY_WINDOW) {
		goto out;
	}
	fresh = !__test_and_set_bit(counter % BITS_PER_LONG,
				    &replay->seen[word_of(counter)]);
out:
	spin_unlock(&replay->lock);
	return fresh;
}
