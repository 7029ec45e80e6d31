/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tries a call that takes the token until it succeeds, or it makes no sense to go on. */
#ifndef SNAPTUN_ATTEMPT_H
#define SNAPTUN_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "backoff.h"
#include "loop.h"
#include "rpc.h"
#include "token.h"

/**
 * struct attempt - something that is tried
 * @loop: The loop.
 * @tokens: Where tokens come from.
 * @what: What is tried, for reports: "registering with URL". Not copied.
 * @try: Tries it once, and has attempt_succeeded() or attempt_failed() called in the
 *	end, which may be before it returns.
 * @over: The round is over, without success. The next one may begin after @pause
 *	milliseconds.
 * @paused: Another try follows in @pause milliseconds; NULL where nobody cares.
 * @data: For the use of these.
 * @backoff: How often, and when; attempt_init() makes it, and what follows.
 * @timer: The next try.
 * @waiter: A fresh token is waited for.
 * @number: Which token the last try began with.
 * @refused: Which one was refused in this round; 0 for none.
 * @refreshed: In this round there was one, or the source was asked.
 * @running: A round is under way.
 *
 * Lies in what it belongs to.
 */
struct attempt {
	struct loop *loop;
	struct token_source *tokens;
	const char *what;
	void (*try)(struct attempt *attempt, const char *token);
	void (*over)(struct attempt *attempt, const struct rpc_error *error,
		     uint64_t pause);
	void (*paused)(struct attempt *attempt, uint64_t pause);
	void *data;
	struct backoff backoff;
	struct loop_timer timer;
	struct token_waiter waiter;
	uint64_t number;
	uint64_t refused;
	bool refreshed;
	bool running;
};

/**
 * attempt_init() - nothing was tried yet
 * @attempt: The attempt, with all filled in that is the caller's.
 * @settings: How often it is tried, and when; not copied.
 */
void attempt_init(struct attempt *attempt, const struct backoff_settings *settings);

/**
 * attempt_begin() - begin a round
 * @attempt: The attempt. One that is in a pause of a round tries at once; one that is
 *	being tried goes on.
 *
 * @attempt->try may be called before this returns.
 */
void attempt_begin(struct attempt *attempt);

/**
 * attempt_resume() - try again what was neither a success nor a failure
 * @attempt: The attempt, which is being tried.
 *
 * @attempt->try may be called before this returns.
 */
void attempt_resume(struct attempt *attempt);

/**
 * attempt_succeeded() - the last try succeeded
 * @attempt: The attempt.
 */
void attempt_succeeded(struct attempt *attempt);

/**
 * attempt_failed() - the last try failed
 * @attempt: The attempt.
 * @error: Why.
 *
 * What would fail again ends the round. Where the token was refused, the source is
 * asked for another one first, once in a round, unless it has another one by itself. A
 * source that fails counts as a try that failed.
 */
void attempt_failed(struct attempt *attempt, const struct rpc_error *error);

/**
 * attempt_stop() - end a round early
 * @attempt: The attempt. What its last try began is its owner's to end.
 */
void attempt_stop(struct attempt *attempt);

#endif /* SNAPTUN_ATTEMPT_H */
