// SPDX-License-Identifier: GPL-2.0-or-later
/* Tokens from files that change in every way, and from standard input. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "token_scene.h"

static void open_file(const char *text)
{
	settings.file = scene_path("token");
	if (text)
		scene_file("token", 0600, text);
	open_source();
}

static void file_is_read_at_once(void **state)
{
	char text[TOKEN_SIZE + 8];
	int64_t expiry = 0;

	(void)state;
	snprintf(text, sizeof(text), "%s \r\n", good);
	open_file(text);
	assert_string_equal(token_source_get(source), good);
	assert_true(token_source_expiry(source, &expiry));
	assert_in_range(expiry, time(NULL) + 3590, time(NULL) + 3600);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
