// SPDX-License-Identifier: GPL-2.0-or-later
/* Token sources: files that change in every way, commands, a service, renewals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

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

static void changed(struct token_source *from, void *data)
{
	assert_ptr_equal(from, source);
	changes++;
	loop_stop(data);
}

static void refreshed(struct token_waiter *waiter, bool fresh)
{
	answers++;
	was_fresh = fresh;
	loop_stop(waiter->data);
}

static int begin(void **state)
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

static int end(void **state)
{
	token_source_free(source);
	return scene_end(state);
}

static void open_source(void)
{
	assert_int_equal(token_source_new(scene_loop, &settings, &source), STATUS_OK);
}

static void open_file(const char *text)
{
	settings.file = scene_path("token");
	if (text)
		scene_file("token", 0600, text);
	open_source();
}

/* Asks for another token, and waits for what comes of it. */
static bool refresh(void)
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

static void file_is_read_at_once(void **state)
{
	char text[TOKEN_SIZE + 8];
	char tag[JWT_TAG_SIZE];
	int64_t expiry = 0;

	(void)state;
	snprintf(text, sizeof(text), "%s \r\n", good);
	open_file(text);
	assert_string_equal(token_source_get(source), good);
	assert_true(token_source_expiry(source, &expiry));
	assert_in_range(expiry, time(NULL) + 3590, time(NULL) + 3600);
	assert_string_equal(token_source_tag(source, tag), "c2lnbmF0dXJlLXNp");
	assert_false(scene_run(300));
	assert_int_equal(changes, 0);
	assert_false(scene_reported("snaptun"));
}

static void file_is_waited_for(void **state)
{
	(void)state;
	open_file(NULL);
	assert_null(token_source_get(source));
	scene_expect("No such file or directory\n");
	scene_file("token", 0600, good);
	assert_true(scene_run(3000));
	assert_string_equal(token_source_get(source), good);
}

static void file_that_takes_its_place_is_read(void **state)
{
	(void)state;
	open_file(good);
	for (int i = 0; i < 4; i++) {
		scene_file("new", 0600, i % 2 ? good : better);
		assert_int_equal(rename(scene_path("new"), scene_path("token")), 0);
		assert_true(scene_run(3000));
		assert_int_equal(changes, i + 1);
		assert_string_equal(token_source_get(source), i % 2 ? good : better);
	}
}

static void file_that_is_rewritten_is_read(void **state)
{
	(void)state;
	open_file(good);
	scene_file("token", 0600, better);
	assert_true(scene_run(3000));
	assert_string_equal(token_source_get(source), better);
	/* The same again is no change. */
	scene_file("token", 0600, better);
	assert_false(scene_run(500));
	assert_int_equal(changes, 1);
}

static void half_a_token_is_not_taken(void **state)
{
	size_t half = (size_t)(strrchr(better, '.') - better) + 20;
	int fd;

	(void)state;
	open_file(good);
	/* A writer that pauses within the signature. */
	fd = open(scene_path("token"), O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(write(fd, better, half), half);
	assert_false(scene_run(700));
	assert_string_equal(token_source_get(source), good);
	assert_int_equal(write(fd, better + half, strlen(better) - half),
			 strlen(better) - half);
	close(fd);
	assert_true(scene_run(3000));
	assert_string_equal(token_source_get(source), better);
	assert_int_equal(changes, 1);
	/* One that goes away within the payload. */
	scene_write("token", 0600, good, 40);
	assert_false(scene_run(400));
	assert_string_equal(token_source_get(source), better);
	scene_expect("holds a token that is not whole; the last one stays\n");
	scene_file("token", 0600, good);
	assert_true(scene_run(3000));
	assert_string_equal(token_source_get(source), good);
}

static void what_is_no_token_is_not_taken(void **state)
{
	char large[JWT_BYTES_MAX + 100];

	(void)state;
	open_file(good);
	scene_file("token", 0600, "two words");
	assert_false(scene_run(400));
	scene_expect("holds something else than one token");
	scene_file("token", 0600, "");
	assert_false(scene_run(400));
	scene_expect("holds no token, nothing at all; the last one stays\n");
	memset(large, 'a', sizeof(large));
	scene_write("token", 0600, large, sizeof(large));
	assert_false(scene_run(400));
	scene_expect("is longer than");
	scene_write("token", 0600, "a\0b", 3);
	assert_false(scene_run(400));
	assert_string_equal(token_source_get(source), good);
	assert_int_equal(changes, 0);
	scene_file("token", 0600, "opaque");
	assert_true(scene_run(3000));
	assert_string_equal(token_source_get(source), "opaque");
}

static void file_that_goes_leaves_its_token(void **state)
{
	(void)state;
	open_file(good);
	unlink(scene_path("token"));
	assert_false(scene_run(400));
	assert_string_equal(token_source_get(source), good);
	scene_file("token", 0600, better);
	assert_true(scene_run(3000));
	assert_string_equal(token_source_get(source), better);
}

static void folder_may_come_later_and_go(void **state)
{
	(void)state;
	settings.file = scene_path("folder/token");
	open_source();
	assert_int_equal(mkdir(scene_path("folder"), 0700), 0);
	scene_file("folder/token", 0600, good);
	assert_true(scene_run(5000));
	assert_string_equal(token_source_get(source), good);
	assert_int_equal(rename(scene_path("folder"), scene_path("gone")), 0);
	assert_false(scene_run(300));
	assert_int_equal(mkdir(scene_path("folder"), 0700), 0);
	scene_file("folder/token", 0600, better);
	assert_true(scene_run(5000));
	assert_string_equal(token_source_get(source), better);
}

static void link_that_leads_elsewhere_is_followed(void **state)
{
	(void)state;
	scene_file("one", 0600, good);
	scene_file("two", 0600, better);
	assert_int_equal(symlink("one", scene_path("current")), 0);
	assert_int_equal(symlink("current", scene_path("token")), 0);
	settings.file = scene_path("token");
	open_source();
	assert_int_equal(symlink("two", scene_path("next")), 0);
	assert_int_equal(rename(scene_path("next"), scene_path("current")), 0);
	assert_true(scene_run(3000));
	assert_string_equal(token_source_get(source), better);
}

static void file_that_others_can_open_is_refused(void **state)
{
	static const mode_t modes[] = { 0604, 0602, 0666, 0644 };

	(void)state;
	open_file(good);
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		scene_file("new", modes[i], better);
		assert_int_equal(rename(scene_path("new"), scene_path("token")), 0);
		assert_false(scene_run(300));
		assert_string_equal(token_source_get(source), good);
	}
	scene_expect("can be read by everybody\n");
	scene_expect("can be written to by everybody\n");
	if (geteuid() == 0) {
		assert_int_equal(chmod(scene_path("token"), 0600), 0);
		assert_int_equal(chown(scene_path("token"), 65534, 0), 0);
		assert_false(scene_run(300));
		scene_expect("is somebody else's\n");
		assert_int_equal(chown(scene_path("token"), 0, 0), 0);
	}
	assert_int_equal(chmod(scene_path("token"), 0640), 0);
	assert_true(scene_run(3000));
	assert_string_equal(token_source_get(source), better);
}

static void what_is_no_file_is_refused(void **state)
{
	(void)state;
	settings.file = scene_path("pipe");
	assert_int_equal(mkfifo(settings.file, 0600), 0);
	open_source();
	assert_null(token_source_get(source));
	scene_expect("is no regular file\n");
	token_source_free(source);
	settings.file = scene_folder;
	open_source();
	assert_null(token_source_get(source));
}

static void expired_token_is_not_given(void **state)
{
	char expired[TOKEN_SIZE];
	char brief[TOKEN_SIZE];

	(void)state;
	token_until(time(NULL) - 5, "expired", expired);
	token_until(time(NULL) + 4, "brief", brief);
	open_file(expired);
	assert_null(token_source_get(source));
	scene_expect("holds a token that has expired\n");
	scene_file("token", 0600, brief);
	assert_true(scene_run(2500));
	assert_string_equal(token_source_get(source), brief);
	/* As long as it is good, an expired one does not take its place. */
	scene_file("token", 0600, expired);
	assert_false(scene_run(200));
	scene_expect("holds a token that has expired; the last one stays\n");
	assert_false(scene_run(4000));
	assert_null(token_source_get(source));
	assert_int_equal(changes, 1);
}

static void end_of_a_file_s_token_is_told_in_time(void **state)
{
	char brief[TOKEN_SIZE];

	(void)state;
	token_until(time(NULL) + 4, "brief", brief);
	open_file(good);
	scene_file("token", 0600, brief);
	assert_true(scene_run(3000));
	assert_false(scene_reported("expires soon"));
	assert_false(scene_run(3700));
	scene_expect("snaptun: warning: token file: the token expires soon, and there is no other\n");
	assert_null(strstr(strstr(scene_reports, "soon") + 1, "soon"));
}

static void refresh_reads_the_file_again(void **state)
{
	(void)state;
	open_file(good);
	assert_false(refresh());
	scene_file("token", 0600, better);
	assert_true(refresh());
	assert_string_equal(token_source_get(source), better);
	assert_int_equal(changes, 1);
	token_source_refresh(source, NULL);
	assert_false(scene_run(300));
}

static void who_forgets_is_not_told(void **state)
{
	struct token_waiter waiters[3];

	(void)state;
	open_file(good);
	for (int i = 0; i < 3; i++) {
		waiters[i] = (struct token_waiter){ .refreshed = refreshed,
						    .data = scene_loop };
		token_source_refresh(source, &waiters[i]);
	}
	token_source_forget(source, &waiters[1]);
	token_source_forget(source, &waiters[1]);
	assert_true(scene_run(1000));
	assert_int_equal(answers, 2);
}

/* Has the source read this from standard input. */
static enum status open_input(const char *text)
{
	const char *path = scene_file("input", 0600, text);
	int saved = dup(STDIN_FILENO);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum status status;

	dup2(fd, STDIN_FILENO);
	close(fd);
	settings.file = "-";
	status = token_source_new(scene_loop, &settings, &source);
	if (saved >= 0)
		dup2(saved, STDIN_FILENO);
	close(saved);
	return status;
}

static void standard_input_is_read_once(void **state)
{
	char expired[TOKEN_SIZE];

	(void)state;
	assert_int_equal(open_input(""), STATUS_FAILED);
	assert_null(source);
	assert_int_equal(open_input("no token"), STATUS_FAILED);
	token_until(time(NULL) - 5, "expired", expired);
	assert_int_equal(open_input(expired), STATUS_FAILED);
	scene_expect("standard input holds a token that has expired\n");
	assert_int_equal(open_input(good), STATUS_OK);
	assert_string_equal(token_source_get(source), good);
	assert_false(refresh());
	scene_expect("standard input has no other\n");
}

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
	(void)state;
	open_command("sleep 60");
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
		TEST(file_is_read_at_once),
		TEST(file_is_waited_for),
		TEST(file_that_takes_its_place_is_read),
		TEST(file_that_is_rewritten_is_read),
		TEST(half_a_token_is_not_taken),
		TEST(what_is_no_token_is_not_taken),
		TEST(file_that_goes_leaves_its_token),
		TEST(folder_may_come_later_and_go),
		TEST(link_that_leads_elsewhere_is_followed),
		TEST(file_that_others_can_open_is_refused),
		TEST(what_is_no_file_is_refused),
		TEST(expired_token_is_not_given),
		TEST(end_of_a_file_s_token_is_told_in_time),
		TEST(refresh_reads_the_file_again),
		TEST(who_forgets_is_not_told),
		TEST(standard_input_is_read_once),
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
