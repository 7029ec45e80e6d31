// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the SNAP token comes from, and when another one is looked for. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "filewatch.h"
#include "key.h"
#include "program.h"
#include "report.h"
#include "token.h"

#define COMMAND_TIMEOUT	30000U
#define PAUSE_MIN	5000U

/* How long before it expires a token is renewed: a quarter of its life, or less. */
#define MARGIN_PART	4
#define MARGIN_MAX	300000

/* How much earlier that may be, by chance: a part of this time. */
#define MARGIN_CHANCE	5

/* How often what depends on the machine's clock is looked at. */
#define LOOKS		60000

#define MS_PER_SECOND	1000

#define API_KEY_MAX	1024
#define API_KEY_BEGIN	"aakey_"

/**
 * struct token_source - where tokens come from
 * @loop: The loop.
 * @settings: Where.
 * @token: The token; NULL while there was none.
 * @number: How many there were.
 * @has_expiry: It tells when it expires.
 * @expiry: When, in seconds since the epoch.
 * @renew_at: When to look for another, in milliseconds since the epoch, where
 *	@has_expiry.
 * @warned: It was said that the token expires and no other is there.
 * @backoff: Attempts to get one.
 * @file: The file, where there is one, as with @seen and what follows.
 * @seen: What the file was like when it was read last.
 * @program: The command while it runs.
 * @program_settings: What it is.
 * @fetching: The service was asked and has not answered.
 * @asked: When a command or service was asked last, by loop_now(); 0 for never.
 * @ask: Fires when a command or service is to be asked.
 * @look: Fires when the machine's clock is to be looked at.
 * @tell: Fires when @waiters are to be told.
 * @waiters: Those whose token was refused.
 * @telling: Those of them who are being told.
 * @usable: There was a token that had not expired when the clock was last looked at.
 * @failed: It failed the last time, and @ask stands for the pause after that.
 */
struct token_source {
	struct loop *loop;
	const struct token_settings *settings;
	char *token;
	uint64_t number;
	bool has_expiry;
	int64_t expiry;
	int64_t renew_at;
	bool warned;
	struct backoff backoff;
	struct filewatch file;
	struct stat seen;
	struct program *program;
	struct program_settings program_settings;
	bool fetching;
	uint64_t asked;
	struct loop_timer ask;
	struct loop_timer look;
	struct loop_timer tell;
	struct token_waiter *waiters;
	struct token_waiter *telling;
	bool usable;
	bool failed;
};

/* The machine's clock, in milliseconds since the epoch. */
static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / 1000000;
}

/* When a token expires, in milliseconds; as late as there are, if that is later. */
static int64_t expiry_ms(int64_t expiry)
{
	return expiry > INT64_MAX / MS_PER_SECOND ? INT64_MAX :
						    expiry * MS_PER_SECOND;
}

static bool is_standard_input(const struct token_settings *settings)
{
	return settings->file && !strcmp(settings->file, "-");
}

static bool is_asked(const struct token_settings *settings)
{
	return settings->command || settings->fetch;
}

/* What the source is, for reports. */
static const char *name_of(const struct token_settings *settings)
{
	if (is_standard_input(settings))
		return "token from standard input";
	if (settings->file)
		return "token file";
	return settings->command ? "token command" : "token service";
}

const char *token_source_get(const struct token_source *source)
{
	if (source->has_expiry && expiry_ms(source->expiry) <= clock_ms())
		return NULL;
	return source->token;
}

uint64_t token_source_number(const struct token_source *source)
{
	return source->number;
}

bool token_source_expiry(const struct token_source *source, int64_t *expiry)
{
	if (source->token && source->has_expiry)
		*expiry = source->expiry;
	return source->token && source->has_expiry;
}

uint64_t token_time_left(int64_t expiry)
{
	int64_t now = clock_ms();
	int64_t end = expiry_ms(expiry);

	if (end <= now)
		return 0;
	/* Before the epoch the clock may be as well. */
	return now < 0 || (uint64_t)(end - now) > TOKEN_TIME_MAX ?
	       TOKEN_TIME_MAX : (uint64_t)(end - now);
}

static void forget_token(struct token_source *source)
{
	if (source->token)
		key_wipe(source->token, strlen(source->token));
	free(source->token);
	source->token = NULL;
}

/* How long before a token expires that has this long to live to look for another. */
static int64_t margin(const struct token_source *source, int64_t life)
{
	int64_t least = life / MARGIN_PART;

	if (least > MARGIN_MAX)
		least = MARGIN_MAX;
	return least +
	       (int64_t)((uint64_t)(least / MARGIN_CHANCE) *
			 source->backoff.random() >> 32);
}

/* Has the command or service be asked after a delay, but never too often. */
static void ask_in(struct token_source *source, uint64_t delay)
{
	uint32_t pause = source->settings->pause_min ?
			 source->settings->pause_min : PAUSE_MIN;
	uint64_t now = loop_now();

	if (source->asked && now + delay < source->asked + pause)
		delay = source->asked + pause - now;
	loop_timer_set(source->loop, &source->ask, delay);
}

/* Plans to ask for the next token, if that is due before the clock is looked at again. */
static void plan(struct token_source *source)
{
	int64_t left;

	if (!is_asked(source->settings) || !source->has_expiry)
		return;
	left = source->renew_at - clock_ms();
	if (left < LOOKS)
		ask_in(source, left > 0 ? (uint64_t)left : 0);
}

/* Whether the command or service is at work. */
static bool is_at_work(const struct token_source *source)
{
	return source->program || source->fetching;
}

static void tell_waiters(struct token_source *source, enum token_news news)
{
	/* Those who wait again wait for the next one. */
	source->telling = source->waiters;
	source->waiters = NULL;
	loop_timer_cancel(source->loop, &source->tell);
	while (source->telling) {
		struct token_waiter *waiter = source->telling;

		source->telling = waiter->next;
		waiter->next = NULL;
		waiter->refreshed(waiter, news);
	}
}

/*
 * Takes what may be a token, an expired one only where that is said. Returns NULL, or
 * what is wrong with it.
 */
static const char *take(struct token_source *source, const char *text,
			size_t length, bool expired_too, bool *is_new)
{
	const char *wrong = jwt_check(text, length);
	bool has_expiry;
	int64_t expiry = 0;
	char *copy;

	*is_new = false;
	if (wrong)
		return wrong;
	has_expiry = jwt_expiry(text, &expiry);
	if (!expired_too && has_expiry && expiry_ms(expiry) <= clock_ms())
		return "holds a token that has expired";
	*is_new = !source->token || strcmp(source->token, text) != 0;
	if (*is_new) {
		copy = strdup(text);
		if (!copy)
			return "holds a token that there is no memory for";
		forget_token(source);
		source->token = copy;
		source->number++;
		source->warned = false;
	}
	source->has_expiry = has_expiry;
	source->expiry = expiry;
	if (has_expiry) {
		int64_t end = expiry_ms(expiry);

		source->renew_at = end - margin(source, end - clock_ms());
	}
	return NULL;
}

/* Tells all what came of an attempt. */
static void tell(struct token_source *source, bool is_new)
{
	if (is_new)
		source->settings->changed(source, source->settings->data);
	tell_waiters(source, is_new ? TOKEN_FRESH : TOKEN_NONE);
}

static void fail(struct token_source *source, bool permanent, uint64_t retry_after)
{
	uint64_t delay = permanent ? backoff_refused(&source->backoff, retry_after) :
				     backoff_failed(&source->backoff, retry_after);

	source->failed = true;
	loop_timer_set(source->loop, &source->ask, delay);
	tell_waiters(source, permanent ? TOKEN_NONE : TOKEN_LATER);
}

/* The command or service gave something. */
static void answer(struct token_source *source, const char *text, size_t length)
{
	bool is_new;
	const char *wrong = take(source, text, length, false, &is_new);

	if (wrong) {
		report(STATUS_FAILED, "%s: its answer %s", name_of(source->settings),
		       wrong);
		fail(source, false, 0);
		return;
	}
	source->usable = true;
	source->failed = false;
	backoff_succeeded(&source->backoff);
	plan(source);
	tell(source, is_new);
}

static void end_command(void *data, const char *output, size_t size)
{
	struct token_source *source = data;
	struct file_text text;

	source->program = NULL;
	if (!output) {
		fail(source, false, 0);
		return;
	}
	text = (struct file_text){ .bytes = malloc(size + 1), .size = size };
	if (!text.bytes) {
		report(STATUS_FAILED, "no memory");
		fail(source, false, 0);
		return;
	}
	memcpy(text.bytes, output, size + 1);
	file_trim(&text);
	answer(source, text.bytes, text.size);
	file_wipe(&text);
}

void token_fetched(struct token_source *source, const char *token)
{
	source->fetching = false;
	answer(source, token, strlen(token));
}

void token_fetch_failed(struct token_source *source, const char *error,
			bool permanent, uint64_t retry_after)
{
	source->fetching = false;
	report(STATUS_FAILED, "%s: %s", name_of(source->settings), error);
	fail(source, permanent, retry_after);
}

static enum status begin_fetch(struct token_source *source)
{
	struct token_fetch *fetch = source->settings->fetch;
	const char *path = source->settings->api_key_file;
	struct file_text key;
	enum status status;

	status = file_read("API key file", path, FILE_SECRET, API_KEY_MAX, &key);
	if (status != STATUS_OK)
		return status;
	file_trim(&key);
	if (strncmp(key.bytes, API_KEY_BEGIN, strlen(API_KEY_BEGIN)) != 0 ||
	    jwt_check(key.bytes, key.size)) {
		status = report(STATUS_FAILED, "API key file %s holds something else than one key, which begins with "
				API_KEY_BEGIN, key_hide(path));
	} else {
		source->fetching = true;
		status = fetch->begin(fetch, source, key.bytes);
		source->fetching = status == STATUS_OK;
	}
	file_wipe(&key);
	return status;
}

static void ask(struct loop_timer *timer)
{
	struct token_source *source = timer->data;
	enum status status;

	if (is_at_work(source))
		return;
	source->asked = loop_now();
	if (source->settings->command)
		status = program_run(source->loop, &source->program_settings,
				     &source->program);
	else
		status = begin_fetch(source);
	/* What is wrong here does not pass by itself. */
	if (status != STATUS_OK)
		fail(source, true, 0);
}

/* Whether the file is what it was when it was read last. */
static bool is_as_seen(const struct stat *now, const struct stat *seen)
{
	return now->st_dev == seen->st_dev && now->st_ino == seen->st_ino &&
	       now->st_size == seen->st_size && now->st_mode == seen->st_mode &&
	       now->st_uid == seen->st_uid &&
	       now->st_mtim.tv_sec == seen->st_mtim.tv_sec &&
	       now->st_mtim.tv_nsec == seen->st_mtim.tv_nsec &&
	       now->st_ctim.tv_sec == seen->st_ctim.tv_sec &&
	       now->st_ctim.tv_nsec == seen->st_ctim.tv_nsec;
}

/* Looks at the clock again in a minute, or when the token begins to expire. */
static void look_later(struct token_source *source)
{
	int64_t left = source->renew_at - clock_ms();

	loop_timer_set(source->loop, &source->look,
		       source->has_expiry && left > 0 && left < LOOKS ?
			       (uint64_t)left : LOOKS);
}

/* Reads the file, whatever it was; returns whether there is another token. */
static bool read_file(struct token_source *source)
{
	const char *path = source->settings->file;
	struct file_text text;
	const char *wrong;
	bool is_new;

	/* A change after this is another one. */
	if (stat(path, &source->seen))
		memset(&source->seen, 0, sizeof(source->seen));
	if (file_read("token file", path, FILE_SECRET, TOKEN_TEXT_MAX, &text) != STATUS_OK)
		return false;
	file_trim(&text);
	/* It may not have expired at all, where the machine's clock is yet to be set. */
	wrong = take(source, text.bytes, text.size, !token_source_get(source), &is_new);
	file_wipe(&text);
	if (!wrong && !token_source_get(source))
		wrong = "holds a token that has expired";
	if (wrong)
		report(STATUS_FAILED, "token file %s %s%s", key_hide(path), wrong,
		       token_source_get(source) ? "; the last one stays" : "");
	source->usable = token_source_get(source);
	look_later(source);
	return is_new && !wrong;
}

/* The file may have changed; one that went is no news, since its token stays. */
static void file_changed(struct filewatch *watch)
{
	struct token_source *source = watch->data;
	struct stat now;

	if (stat(source->settings->file, &now) ||
	    is_as_seen(&now, &source->seen))
		return;
	if (read_file(source))
		tell(source, true);
}

static void tell_later(struct loop_timer *timer)
{
	struct token_source *source = timer->data;
	bool is_new = source->settings->file &&
		      !is_standard_input(source->settings) && read_file(source);

	if (is_standard_input(source->settings))
		report(STATUS_FAILED, "the token was refused, and standard input has no other");
	tell(source, is_new);
}

/* Says once of a token that nobody renews that it expires. */
static void warn(struct token_source *source)
{
	if (!source->warned)
		report_warning("%s: the token expires soon, and there is no other",
			       name_of(source->settings));
	source->warned = true;
}

/* Looks at the clock, which may have been set, and plans until the next look. */
static void look(struct loop_timer *timer)
{
	struct token_source *source = timer->data;
	bool was_usable = source->usable;

	look_later(source);
	source->usable = token_source_get(source);
	if (source->usable && !is_asked(source->settings) && source->has_expiry &&
	    clock_ms() >= source->renew_at)
		warn(source);
	if (source->usable && !was_usable)
		source->settings->changed(source, source->settings->data);
	/* Where asking failed, the pause until the next time is set already. */
	if (!is_at_work(source) && !loop_timer_is_set(source->loop, &source->ask))
		plan(source);
}

static bool waits(const struct token_source *source,
		  const struct token_waiter *waiter)
{
	const struct token_waiter *each = source->waiters;

	while (each && each != waiter)
		each = each->next;
	return each;
}

void token_source_refresh(struct token_source *source, struct token_waiter *waiter)
{
	if (waiter && !waits(source, waiter)) {
		waiter->next = source->waiters;
		source->waiters = waiter;
	}
	if (!is_asked(source->settings))
		loop_timer_set(source->loop, &source->tell, 0);
	else if (!is_at_work(source) &&
		 !(source->failed && loop_timer_is_set(source->loop, &source->ask)))
		ask_in(source, 0);
}

void token_source_forget(struct token_source *source, struct token_waiter *waiter)
{
	struct token_waiter **lists[] = { &source->waiters, &source->telling };

	for (int i = 0; i < 2; i++) {
		struct token_waiter **place = lists[i];

		while (*place && *place != waiter)
			place = &(*place)->next;
		if (*place)
			*place = waiter->next;
	}
	waiter->next = NULL;
}

static enum status read_standard_input(struct token_source *source)
{
	const struct file_text *input = source->settings->input;
	struct file_text text = { .bytes = NULL };
	enum status status = STATUS_OK;
	const char *wrong;
	bool is_new;

	if (!input)
		status = file_read_descriptor(name_of(source->settings), STDIN_FILENO,
					      TOKEN_TEXT_MAX, &text);
	if (status != STATUS_OK)
		return status;
	file_trim(&text);
	if (!input)
		input = &text;
	wrong = take(source, input->bytes, input->size, false, &is_new);
	file_wipe(&text);
	source->usable = !wrong;
	return wrong ? report(STATUS_FAILED, "standard input %s", wrong) : STATUS_OK;
}

/* Begins to have tokens from where the settings say. */
static enum status begin(struct token_source *source)
{
	const struct token_settings *settings = source->settings;
	enum status status;

	if (is_standard_input(settings))
		return read_standard_input(source);
	if (settings->file) {
		/* First this, or what happens in between would be missed. */
		status = filewatch_begin(&source->file, source->loop, settings->file);
		if (status == STATUS_OK)
			read_file(source);
		return status;
	}
	if (settings->command) {
		status = program_check(name_of(settings), settings->command);
		if (status != STATUS_OK)
			return status;
	}
	loop_timer_set(source->loop, &source->ask, 0);
	return STATUS_OK;
}

enum status token_source_new(struct loop *loop, const struct token_settings *settings,
			     struct token_source **source)
{
	struct token_source *new = calloc(1, sizeof(*new));
	enum status status;

	*source = NULL;
	if (!new)
		return report(STATUS_FAILED, "no memory");
	new->loop = loop;
	new->settings = settings;
	new->backoff.settings = settings->backoff;
	new->backoff.random = settings->random ? settings->random : backoff_random;
	new->file = (struct filewatch){ .changed = file_changed, .data = new };
	new->program_settings = (struct program_settings){
		.what = name_of(settings), .command = settings->command,
		.timeout = settings->command_timeout ? settings->command_timeout :
						       COMMAND_TIMEOUT,
		.output_max = TOKEN_TEXT_MAX, .done = end_command, .data = new,
	};
	new->ask = (struct loop_timer){ .fire = ask, .data = new };
	new->look = (struct loop_timer){ .fire = look, .data = new };
	new->tell = (struct loop_timer){ .fire = tell_later, .data = new };
	status = begin(new);
	if (status != STATUS_OK) {
		token_source_free(new);
		return status;
	}
	loop_timer_set(loop, &new->look, 0);
	*source = new;
	return STATUS_OK;
}

void token_source_free(struct token_source *source)
{
	if (!source)
		return;
	loop_timer_cancel(source->loop, &source->ask);
	loop_timer_cancel(source->loop, &source->look);
	loop_timer_cancel(source->loop, &source->tell);
	filewatch_end(&source->file);
	program_stop(source->program);
	if (source->fetching)
		source->settings->fetch->cancel(source->settings->fetch);
	forget_token(source);
	free(source);
}
