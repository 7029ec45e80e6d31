// SPDX-License-Identifier: GPL-2.0-or-later
/* Tries a call that takes the token until it succeeds, or it makes no sense to go on. */
#include "attempt.h"
#include "report.h"

#define MS_PER_SECOND	1000

static void end_round(struct attempt *attempt, const struct rpc_error *error,
		      uint64_t pause)
{
	attempt->running = false;
	attempt->over(attempt, error, pause);
}

static void end_without_token(struct attempt *attempt)
{
	struct rpc_error error = { .code = RPC_UNAUTHENTICATED };

	rpc_error_set(&error, RPC_UNAUTHENTICATED,
		      token_source_get(attempt->tokens) ?
			      "the token was refused, and there is no other one" :
			      "there is no token that has not expired");
	end_round(attempt, &error, backoff_refused(&attempt->backoff, 0));
}

static void try_now(struct attempt *attempt)
{
	const char *token = token_source_get(attempt->tokens);

	/* What was refused once would be again. */
	if (token && token_source_number(attempt->tokens) != attempt->refused) {
		attempt->number = token_source_number(attempt->tokens);
		attempt->try(attempt, token);
		return;
	}
	if (!attempt->refreshed) {
		attempt->refreshed = true;
		token_source_refresh(attempt->tokens, &attempt->waiter);
		return;
	}
	end_without_token(attempt);
}

static void try_again(struct loop_timer *timer)
{
	try_now(timer->data);
}

/* The source looked for another token; the old one may be all that there is. */
static void refreshed(struct token_waiter *waiter, enum token_news news)
{
	struct attempt *attempt = waiter->data;
	struct rpc_error error = { .code = RPC_UNAVAILABLE };

	switch (news) {
	case TOKEN_FRESH:
		try_now(attempt);
		break;
	case TOKEN_NONE:
		end_without_token(attempt);
		break;
	case TOKEN_LATER:
		/* The next try asks for one again. */
		attempt->refreshed = false;
		rpc_error_set(&error, RPC_UNAVAILABLE, "there is no token for now");
		attempt_failed(attempt, &error);
		break;
	}
}

void attempt_init(struct attempt *attempt, const struct backoff_settings *settings)
{
	attempt->backoff = (struct backoff){
		.settings = settings,
		.random = backoff_random,
	};
	attempt->timer = (struct loop_timer){ .fire = try_again, .data = attempt };
	attempt->waiter = (struct token_waiter){
		.refreshed = refreshed,
		.data = attempt,
	};
	attempt->refreshed = false;
	attempt->refused = 0;
	attempt->running = false;
}

void attempt_begin(struct attempt *attempt)
{
	if (attempt->running && !loop_timer_is_set(attempt->loop, &attempt->timer))
		return;
	loop_timer_cancel(attempt->loop, &attempt->timer);
	if (!attempt->running) {
		attempt->refreshed = false;
		attempt->refused = 0;
	}
	attempt->running = true;
	try_now(attempt);
}

void attempt_resume(struct attempt *attempt)
{
	try_now(attempt);
}

void attempt_succeeded(struct attempt *attempt)
{
	attempt->running = false;
	backoff_succeeded(&attempt->backoff);
}

void attempt_failed(struct attempt *attempt, const struct rpc_error *error)
{
	uint64_t retry_after = error->has_retry_after ?
			       (uint64_t)error->retry_after * MS_PER_SECOND : 0;
	const struct backoff *backoff = &attempt->backoff;
	uint64_t pause;

	/* The source may have found the next one while this one was on its way. */
	if (error->code == RPC_UNAUTHENTICATED &&
	    attempt->number != token_source_number(attempt->tokens)) {
		try_now(attempt);
		return;
	}
	if (error->code == RPC_UNAUTHENTICATED && !attempt->refreshed) {
		attempt->refreshed = true;
		attempt->refused = attempt->number;
		token_source_refresh(attempt->tokens, &attempt->waiter);
		return;
	}
	if (rpc_code_is_permanent(error->code)) {
		end_round(attempt, error, backoff_refused(&attempt->backoff, retry_after));
		return;
	}
	pause = backoff_failed(&attempt->backoff, retry_after);
	if (backoff_round_is_over(backoff)) {
		end_round(attempt, error, pause);
		return;
	}
	report_note("%s: %s; attempt %u of %u, next in %.1f s", attempt->what,
		    error->message, backoff->failed + 1,
		    backoff->renewal ? backoff->settings->attempts_renewal :
				       backoff->settings->attempts_first,
		    (double)pause / MS_PER_SECOND);
	if (attempt->paused)
		attempt->paused(attempt, pause);
	loop_timer_set(attempt->loop, &attempt->timer, pause);
}

void attempt_stop(struct attempt *attempt)
{
	loop_timer_cancel(attempt->loop, &attempt->timer);
	token_source_forget(attempt->tokens, &attempt->waiter);
	attempt->running = false;
}
