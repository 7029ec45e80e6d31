/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the SNAP token comes from: standard input, a file that others rewrite, a
 * command, or a service that gives one for an API key.
 *
 * A token expires by the clock of the machine, which people set. It is looked at when
 * a token is asked for, and at least once a minute for what is to be done in time.
 */
#ifndef SNAPTUN_TOKEN_H
#define SNAPTUN_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "backoff.h"
#include "command.h"
#include "file.h"
#include "jwt.h"
#include "loop.h"

/* The longest that the kernel takes a registration to last, a hundred years; in ms. */
#define TOKEN_TIME_MAX	(3155760000ULL * 1000)

/* The longest text that may be a token, with white space at its end. */
#define TOKEN_TEXT_MAX	(JWT_BYTES_MAX + 64)

struct token_source;

/**
 * struct token_fetch - asks a service for a token
 * @begin: Begins to. Copies what it needs of the API key, which is wiped when it
 *	returns. Unless it fails, which it reports, token_fetched() or
 *	token_fetch_failed() is called later, but not before it returns.
 * @cancel: Ends that early; neither is called any more.
 * @data: For their use.
 */
struct token_fetch {
	enum status (*begin)(struct token_fetch *fetch, struct token_source *source,
			     const char *api_key);
	void (*cancel)(struct token_fetch *fetch);
	void *data;
};

/**
 * struct token_settings - where tokens come from
 * @file: A file, "-" for standard input; or NULL.
 * @input: What was read from standard input already; NULL if nothing was.
 * @command: A command, as for program_run(); or NULL.
 * @command_timeout: How long it may take, in milliseconds; 0 for 30 s.
 * @fetch: The service; or NULL.
 * @api_key_file: What the service wants to see, with @fetch.
 * @backoff: How to try again.
 * @random: Where the pauses come from; NULL for backoff_random().
 * @pause_min: The least time between two tokens of a command or service, in
 *	milliseconds; 0 for 5 s.
 * @changed: Called when there is another token than before, but not for one that
 *	token_source_new() found already. May not free the source.
 * @data: For @changed's use, and that of who has the source.
 *
 * One of @file, @command and @fetch is there. All must stay as long as the source.
 */
struct token_settings {
	const char *file;
	const struct file_text *input;
	const char *command;
	uint32_t command_timeout;
	struct token_fetch *fetch;
	const char *api_key_file;
	const struct backoff_settings *backoff;
	uint32_t (*random)(void);
	uint32_t pause_min;
	void (*changed)(struct token_source *source, void *data);
	void *data;
};

/**
 * enum token_news - what came of looking for another token
 * @TOKEN_FRESH: There is another one.
 * @TOKEN_NONE: There is none.
 * @TOKEN_LATER: The source failed, which may pass; it is asked again by itself.
 */
enum token_news {
	TOKEN_FRESH,
	TOKEN_NONE,
	TOKEN_LATER,
};

/**
 * struct token_waiter - somebody whose token was refused
 * @refreshed: Called once the source has looked for another one, with what came of that.
 *	May wait again, but not free the source.
 * @data: For @refreshed's use.
 * @next: The source's own.
 *
 * Lies in what it belongs to.
 */
struct token_waiter {
	void (*refreshed)(struct token_waiter *waiter, enum token_news news);
	void *data;
	struct token_waiter *next;
};

/**
 * token_source_new() - begin to have tokens
 * @loop: The loop.
 * @settings: Where they come from; not copied.
 * @source: Where it goes; token_source_free() ends it. NULL on failure.
 *
 * Standard input and a file are read at once. A file without a token is waited for,
 * after a report; standard input without one is a failure.
 *
 * Return: %STATUS_OK, or another one after a report.
 */
enum status token_source_new(struct loop *loop, const struct token_settings *settings,
			     struct token_source **source);

/**
 * token_source_free() - end a source, and forget its token
 * @source: The source; may be NULL. Nobody is called any more.
 */
void token_source_free(struct token_source *source);

/**
 * token_source_get() - the token
 * @source: The source.
 *
 * Return: the token, until the loop goes on; NULL where there is none, or the last one
 * has expired.
 */
const char *token_source_get(const struct token_source *source);

/**
 * token_source_number() - which token it is
 * @source: The source.
 *
 * Return: a number that is another one once token_source_get() may give another token.
 */
uint64_t token_source_number(const struct token_source *source);

/**
 * token_source_expiry() - when the token expires
 * @source: The source.
 * @expiry: Where the time goes, in seconds since the epoch; untouched if unknown.
 *
 * Return: whether there is a token that tells. It may have expired.
 */
bool token_source_expiry(const struct token_source *source, int64_t *expiry);

/**
 * token_time_left() - how long it is until a token expires
 * @expiry: When it does, in seconds since the epoch.
 *
 * Return: milliseconds; 0 where it has, %TOKEN_TIME_MAX at most.
 */
uint64_t token_time_left(int64_t expiry);

/**
 * token_source_refresh() - look for another token, since this one was refused
 * @source: The source.
 * @waiter: Who is to be told; NULL for nobody. One that waits already waits on.
 *
 * A file is read again, a command or service asked again, once; one that has failed no
 * sooner than it would be anyway. Standard input has no other token.
 */
void token_source_refresh(struct token_source *source, struct token_waiter *waiter);

/**
 * token_source_forget() - have somebody wait no more
 * @source: The source.
 * @waiter: The one, who may not be waiting.
 */
void token_source_forget(struct token_source *source, struct token_waiter *waiter);

/**
 * token_fetched() - the service gave a token
 * @source: The source that asked.
 * @token: The token; copied.
 */
void token_fetched(struct token_source *source, const char *token);

/**
 * token_fetch_failed() - the service gave none
 * @source: The source that asked.
 * @error: Why, for the report.
 * @permanent: Asking again soon is of no use.
 * @retry_after: How long the service asked to be left alone, in milliseconds; or 0.
 */
void token_fetch_failed(struct token_source *source, const char *error,
			bool permanent, uint64_t retry_after);

#endif /* SNAPTUN_TOKEN_H */
