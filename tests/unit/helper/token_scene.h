/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A source of tokens that is tested, and what it told. Include after <cmocka.h>. */
#ifndef TEST_TOKEN_SCENE_H
#define TEST_TOKEN_SCENE_H

#include <time.h>

#include "scene.h"
#include "token.h"
#include "tokens.h"

/* Quick ones, so that the tests are. */
static const struct backoff_settings quick = {
	.base = 40, .factor = 1200, .max = 100, .attempts_first = 3,
	.attempts_renewal = 3, .round_interval = 400,
};

static struct token_settings settings;
static struct token_source *source;
static int changes;
static int answers;
static bool was_fresh;
static char good[TOKEN_SIZE];
static char better[TOKEN_SIZE];

static inline void changed(struct token_source *from, void *data)
{
	assert_ptr_equal(from, source);
	changes++;
	loop_stop(data);
}

static inline void refreshed(struct token_waiter *waiter, enum token_news news)
{
	answers++;
	was_fresh = news == TOKEN_FRESH;
	loop_stop(waiter->data);
}

static inline int begin(void **state)
{
	long long now = time(NULL);

	scene_begin(state);
	settings = (struct token_settings){
		.backoff = &quick, .pause_min = 50, .changed = changed, .data = scene_loop,
	};
	source = NULL;
	changes = 0;
	answers = 0;
	token_until(now + 3600, "good", good);
	token_until(now + 7200, "better", better);
	return 0;
}

static inline int end(void **state)
{
	token_source_free(source);
	return scene_end(state);
}

static inline void open_source(void)
{
	assert_int_equal(token_source_new(scene_loop, &settings, &source), STATUS_OK);
}

/* Asks for another token, and waits for what comes of it. */
static inline bool refresh(void)
{
	struct token_waiter waiter = { .refreshed = refreshed, .data = scene_loop };
	int before = answers;

	token_source_refresh(source, &waiter);
	token_source_refresh(source, &waiter);
	while (answers == before)
		assert_true(scene_run(5000));
	assert_int_equal(answers, before + 1);
	return was_fresh;
}

#endif /* TEST_TOKEN_SCENE_H */
