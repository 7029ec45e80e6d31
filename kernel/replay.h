/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The replay window: which counters of a session's received messages were
 * seen before.
 */
#ifndef SNAPTUN_REPLAY_H
#define SNAPTUN_REPLAY_H

#include <linux/bitops.h>
#include <linux/spinlock.h>

#include "messages.h"

/* One word more than the window, so that the oldest word can be cleared whole. */
#define SNAPTUN_REPLAY_WORDS	(SNAPTUN_REPLAY_WINDOW / BITS_PER_LONG + 1)
/* Likewise for the window that a session begins with. */
#define SNAPTUN_REPLAY_FEW	1024
#define SNAPTUN_REPLAY_FEW_WORDS	(SNAPTUN_REPLAY_FEW / BITS_PER_LONG + 1)

/**
 * struct snaptun_replay - replay window of one session
 * @lock: protects all of it; taken with bottom halves disabled
 * @next: one more than the greatest counter seen, 0 before the first
 * @seen: ring of bits, one a counter; word (counter / BITS_PER_LONG) modulo its
 *	length; @few, or memory of its own
 * @few: ring for a window of SNAPTUN_REPLAY_FEW counters, which are all that there are
 *	in the sessions of a tunnel that hardly anybody uses
 */
struct snaptun_replay {
	spinlock_t lock; /* all of it */
	u64 next;
	unsigned long *seen;
	unsigned long few[SNAPTUN_REPLAY_FEW_WORDS];
};

int snaptun_replay_setup(void);
void snaptun_replay_teardown(void);

void snaptun_replay_init(struct snaptun_replay *replay);
void snaptun_replay_destroy(struct snaptun_replay *replay);
u64 snaptun_replay_accept(struct snaptun_replay *replay, const u64 *counters,
			  unsigned int n);

#endif
