// SPDX-License-Identifier: GPL-2.0-or-later
/* Tokens from commands and from a service: failures, renewals, pauses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "token_scene.h"

/* Has a script give tokens; it can count its runs. */
static void open_command(const char *script)
{
	static char text[4096];

	snprintf(text, sizeof(text),
		 "#!/bin/sh\ncd %s && echo run >>runs && runs=$(wc -l <runs)\n%s\n",
		 scene_folder, script);
	settings.command = scene_file("command", 0700, text);
	open_source();
}

static int runs(void)
{
	struct stat file;

	return stat(scene_path("runs"), &file) ? 0 : (int)file.st_size / 4;
}

static void command_prints_the_token(void **state)
{
	(void)state;
	scene_file("token", 0600, good);
	open_command("cat token; echo");
	assert_null(token_source_get(source));
	assert_true(scene_run(5000));
	assert_string_equal(token_source_get(source), good);
	assert_false(scene_run(500));
	assert_int_equal(runs(), 1);
	assert_false(refresh());
	scene_file("token", 0600, better);
	assert_true(refresh());
	assert_string_equal(token_source_get(source), better);
	assert_int_equal(runs(), 3);
	assert_int_equal(changes, 2);
}

static void command_that_fails_is_run_again(void **state)
{
	(void)state;
	scene_file("token", 0600, good);
	open_command("[ $runs -ge 3 ] || { echo not yet >&2; exit 5; }\ncat token");
	assert_true(scene_run(5000));
	assert_string_equal(token_source_get(source), good);
	assert_int_equal(runs(), 3);
	scene_expect("snaptun: token command: not yet\n");
	scene_expect("snaptun: token command: exit status 5\n");
}

static void command_that_fails_leaves_the_last_token(void **state)
{
	(void)state;
	scene_file("token", 0600, good);
	open_command("[ $runs = 1 ] && cat token");
	assert_true(scene_run(5000));
	assert_false(refresh());
	assert_string_equal(token_source_get(source), good);
	/* Three in the first round, then a pause of 320 to 480 ms, and so on. */
	assert_false(scene_run(1000));
	assert_in_range(runs(), 4, 12);
	assert_int_equal(changes, 1);
}

static void answers_that_are_no_tokens_are_failures(void **state)
{
	char expired[TOKEN_SIZE];

	(void)state;
	token_until(time(NULL) - 1, "expired", expired);
	scene_file("expired", 0600, expired);
	scene_file("token", 0600, good);
	open_command("case $runs in 1) echo two words ;; 2) ;; 3) yes ;;\n"
		     "4) cat expired ;; 5) printf 'a\\0b' ;; *) cat token ;; esac");
	assert_true(scene_run(10000));
	assert_string_equal(token_source_get(source), good);
	scene_expect("token command: its answer holds something else than one token");
	scene_expect("token command: its answer holds no token, nothing at all\n");
	scene_expect("token command: prints too much\n");
	scene_expect("token command: its answer holds a token that has expired\n");
	assert_int_equal(runs(), 6);
}

static void command_that_hangs_is_ended(void **state)
{
	(void)state;
	scene_file("token", 0600, good);
	settings.command_timeout = 300;
	open_command("[ $runs -gt 1 ] || sleep 60; cat token");
	assert_true(scene_run(5000));
	assert_int_equal(runs(), 2);
	scene_expect("token command: took too long\n");
}

static void token_is_renewed_before_it_expires(void **state)
{
	int64_t expiry;

	(void)state;
	/* Each lives for 4 to 5 seconds, and has another expiry than the one before. */
	open_command("exp=$(($(date +%s) + 5))\n"
		     "payload=$(printf '{\"exp\":%d,\"jti\":\"%d\"}' $exp $runs | base64 -w0 | tr -d =)\n"
		     "printf 'eyJhIjoxfQ.%s.c2lnbmF0dXJl' $payload");
	for (int i = 1; i <= 3; i++) {
		assert_true(scene_run(6000));
		assert_int_equal(changes, i);
		assert_int_equal(runs(), i);
		assert_non_null(token_source_get(source));
		assert_true(token_source_expiry(source, &expiry));
		assert_in_range(expiry, time(NULL) + 3, time(NULL) + 5);
	}
}

static void one_token_for_ever_keeps_nobody_busy(void **state)
{
	char brief[TOKEN_SIZE];

	(void)state;
	token_until(time(NULL) + 3, "brief", brief);
	scene_file("token", 0600, brief);
	settings.pause_min = 400;
	open_command("cat token");
	assert_true(scene_run(5000));
	assert_false(scene_run(3500));
	assert_null(token_source_get(source));
	/* Eight pauses at most, and failures once it has expired. */
	assert_in_range(runs(), 4, 20);
	assert_int_equal(changes, 1);
}

static void refresh_waits_for_the_least_pause(void **state)
{
	uint64_t began;

	(void)state;
	scene_file("token", 0600, good);
	settings.pause_min = 700;
	open_command("cat token");
	assert_true(scene_run(5000));
	began = loop_now();
	assert_false(refresh());
	assert_in_range(loop_now() - began, 400, 2000);
}

static void source_that_ends_ends_its_command(void **state)
{
	int waits;

	(void)state;
	open_command("sleep 60");
	for (waits = 0; waits < 100 && !runs(); waits++)
		assert_false(scene_run(300));
	assert_int_equal(runs(), 1);
	token_source_free(source);
	source = NULL;
}

static void command_of_others_is_refused(void **state)
{
	(void)state;
	settings.command = scene_file("command", 0722, "#!/bin/sh\n");
	assert_int_equal(token_source_new(scene_loop, &settings, &source), STATUS_DENIED);
	settings.command = "cat token";
	assert_int_equal(token_source_new(scene_loop, &settings, &source), STATUS_USAGE);
	assert_null(source);
}

/* A service: notes what it is asked, and answers when a timer fires. */
static struct service {
	struct token_fetch fetch;
	struct loop_timer timer;
	char key[64];
	int asked;
	int cancelled;
	const char *token;
	bool permanent;
	uint64_t retry_after;
} service;

static void answer(struct loop_timer *timer)
{
	(void)timer;
	if (service.token)
		token_fetched(source, service.token);
	else
		token_fetch_failed(source, "no such device", service.permanent,
				   service.retry_after);
	loop_stop(scene_loop);
}

static enum status begin_fetch(struct token_fetch *fetch, struct token_source *from,
			       const char *api_key)
{
	assert_ptr_equal(fetch, &service.fetch);
	assert_non_null(from);
	service.asked++;
	snprintf(service.key, sizeof(service.key), "%s", api_key);
	loop_timer_set(scene_loop, &service.timer, 20);
	return STATUS_OK;
}

static void cancel_fetch(struct token_fetch *fetch)
{
	assert_ptr_equal(fetch, &service.fetch);
	service.cancelled++;
	loop_timer_cancel(scene_loop, &service.timer);
}

static void open_service(const char *token)
{
	service = (struct service){
		.fetch = { .begin = begin_fetch, .cancel = cancel_fetch },
		.timer = { .fire = answer }, .token = token,
	};
	settings.fetch = &service.fetch;
	settings.api_key_file = scene_path("key");
	open_source();
}

static void service_gets_the_key_and_gives_a_token(void **state)
{
	(void)state;
	scene_file("key", 0600, "aakey_1234\n");
	open_service(good);
	assert_true(scene_run(3000));
	assert_string_equal(service.key, "aakey_1234");
	assert_string_equal(token_source_get(source), good);
	service.token = better;
	assert_true(refresh());
	assert_string_equal(token_source_get(source), better);
	assert_int_equal(service.asked, 2);
	assert_int_equal(service.cancelled, 0);
}

static void service_is_asked_again_later(void **state)
{
	uint64_t began;

	(void)state;
	scene_file("key", 0600, "aakey_1234\n");
	open_service(NULL);
	service.retry_after = 500;
	assert_true(scene_run(3000));
	scene_expect("snaptun: token service: no such device\n");
	began = loop_now();
	service.retry_after = 0;
	assert_true(scene_run(3000));
	assert_in_range(loop_now() - began, 500, 1500);
	/* A permanent answer ends the round. */
	service.permanent = true;
	assert_true(scene_run(3000));
	began = loop_now();
	assert_true(scene_run(3000));
	assert_in_range(loop_now() - began, 320, 1500);
	assert_int_equal(service.asked, 4);
}

static void bad_key_asks_nobody(void **state)
{
	(void)state;
	scene_file("key", 0644, "aakey_1234\n");
	open_service(good);
	assert_false(scene_run(60));
	scene_expect("can be read by everybody\n");
	scene_file("key", 0600, "1234\n");
	assert_false(scene_run(700));
	scene_expect("holds something else than one key, which begins with aakey_\n");
	scene_file("key", 0600, "aakey_1 2\n");
	assert_false(scene_run(600));
	unlink(scene_path("key"));
	assert_false(scene_run(600));
	scene_expect("No such file or directory\n");
	assert_int_equal(service.asked, 0);
	scene_file("key", 0600, "aakey_1");
	assert_true(scene_run(3000));
	assert_string_equal(token_source_get(source), good);
}

static void source_that_ends_cancels_its_question(void **state)
{
	(void)state;
	scene_file("key", 0600, "aakey_1234\n");
	open_service(good);
	assert_false(scene_run(10));
	token_source_free(source);
	source = NULL;
	assert_int_equal(service.asked, 1);
	assert_int_equal(service.cancelled, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(command_prints_the_token),
		TEST(command_that_fails_is_run_again),
		TEST(command_that_fails_leaves_the_last_token),
		TEST(answers_that_are_no_tokens_are_failures),
		TEST(command_that_hangs_is_ended),
		TEST(token_is_renewed_before_it_expires),
		TEST(one_token_for_ever_keeps_nobody_busy),
		TEST(refresh_waits_for_the_least_pause),
		TEST(source_that_ends_ends_its_command),
		TEST(command_of_others_is_refused),
		TEST(service_gets_the_key_and_gives_a_token),
		TEST(service_is_asked_again_later),
		TEST(bad_key_asks_nobody),
		TEST(source_that_ends_cancels_its_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
