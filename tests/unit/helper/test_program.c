// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs that are run: what they print, how they fail, and that they all end. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"
#include "scene.h"

static char output[256];
static bool failed;
static int calls;

static void done(void *data, const char *text, size_t size)
{
	calls++;
	failed = !text;
	snprintf(output, sizeof(output), "%s", text ? text : "");
	if (text)
		assert_int_equal(strlen(text), size);
	loop_stop(data);
}

/* Runs a shell script, and waits for its end. */
static void run(const char *script, uint32_t timeout)
{
	struct program_settings settings = {
		.what = "test program", .timeout = timeout, .output_max = 100,
		.done = done, .data = scene_loop,
	};
	struct program *program;
	char text[1024];

	calls = 0;
	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
	settings.command = scene_file("script", 0700, text);
	assert_int_equal(program_run(scene_loop, &settings, &program), STATUS_OK);
	assert_true(scene_run(10000));
	assert_int_equal(calls, 1);
}

static void output_is_taken_whole(void **state)
{
	(void)state;
	run("printf 'one\\ntwo'; sleep 0.1; echo ' three'", 5000);
	assert_false(failed);
	assert_string_equal(output, "one\ntwo three\n");
	run(":", 5000);
	assert_false(failed);
	assert_string_equal(output, "");
	run("printf %0100d 1", 5000);
	assert_false(failed);
	assert_int_equal(strlen(output), 100);
	assert_false(scene_reported("snaptun"));
}

static void failure_is_told_with_its_reason(void **state)
{
	(void)state;
	run("echo so far; echo no such thing >&2; printf unfinished >&2; exit 7", 5000);
	assert_true(failed);
	scene_expect("snaptun: test program: no such thing\n");
	scene_expect("snaptun: test program: unfinished\n");
	scene_expect("snaptun: test program: exit status 7\n");
	run("kill -9 $$", 5000);
	assert_true(failed);
	scene_expect("snaptun: test program: ended by signal 9\n");
}

static void errors_show_no_secrets_and_no_flood(void **state)
{
	(void)state;
	run("echo token eyJhbGciOiJFZERTQSJ9.x >&2; echo key aakey_secret >&2; "
	    "printf '\\033[31mred\\n' >&2; seq 1000 >&2", 5000);
	assert_false(failed);
	assert_false(scene_reported("eyJ"));
	assert_false(scene_reported("secret_"));
	assert_false(scene_reported("aakey"));
	scene_expect("(a line with a secret in it)\n");
	scene_expect("\\x1b[31mred\n");
	scene_expect("test program: 17\n");
	scene_expect("(more lines)\n");
	assert_false(scene_reported("test program: 18\n"));
}

static void one_that_prints_too_much_is_ended(void **state)
{
	(void)state;
	run("printf %0101d 1; sleep 60", 50000);
	assert_true(failed);
	scene_expect("test program: prints too much\n");
	run("yes", 50000);
	assert_true(failed);
}

/* Reads a process's number from a file of the folder. */
static pid_t number_in(const char *name)
{
	FILE *file = fopen(scene_path(name), "re");
	char text[32];

	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	return (pid_t)strtol(text, NULL, 10);
}

/* Whether a process is there and no zombie that nobody waits for. */
static bool lives(pid_t pid)
{
	char path[64];
	char text[512];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return !strstr(text, ") Z ");
}

static bool dies(pid_t pid)
{
	for (int i = 0; i < 100 && lives(pid); i++)
		usleep(20000);
	return !lives(pid);
}

static void one_that_takes_too_long_ends_with_its_children(void **state)
{
	char script[512];

	(void)state;
	/* The child ignores the first signal and its parent's end. */
	snprintf(script, sizeof(script),
		 "(trap '' TERM; sleep 60 & echo $! >%s; wait) & wait",
		 scene_path("child"));
	run(script, 300);
	assert_true(failed);
	scene_expect("test program: took too long\n");
	assert_true(dies(number_in("child")));
}

static void one_that_does_not_listen_is_killed(void **state)
{
	uint64_t began = loop_now();

	(void)state;
	run("trap '' TERM; while :; do sleep 0.1; done", 200);
	assert_true(failed);
	assert_in_range(loop_now() - began, 2000, 8000);
	scene_expect("test program: took too long\n");
}

static void child_left_behind_keeps_nobody_waiting(void **state)
{
	uint64_t began = loop_now();

	(void)state;
	run("sleep 3 & echo done", 9000);
	assert_false(failed);
	assert_string_equal(output, "done\n");
	assert_true(loop_now() - began < 2500);
}

static void stopped_one_calls_nobody(void **state)
{
	struct program_settings settings = {
		.what = "test program", .timeout = 5000, .output_max = 100,
		.done = done, .data = scene_loop,
	};
	struct program *program;
	char text[512];
	pid_t child;

	(void)state;
	calls = 0;
	snprintf(text, sizeof(text), "#!/bin/sh\nsleep 60 & echo $! >%s; sleep 60\n",
		 scene_path("child"));
	settings.command = scene_file("script", 0700, text);
	assert_int_equal(program_run(scene_loop, &settings, &program), STATUS_OK);
	assert_false(scene_run(500));
	child = number_in("child");
	program_stop(program);
	program_stop(NULL);
	assert_true(dies(child));
	assert_int_equal(calls, 0);
}

static void it_has_no_descriptors_and_no_input(void **state)
{
	int fd = open("/dev/null", O_RDONLY);
	int high = fcntl(fd, F_DUPFD, 100);

	(void)state;
	run("cat; ls /proc/$$/fd", 5000);
	assert_false(failed);
	/* The shell has the script open, as a number that is its own choice. */
	assert_null(strstr(output, "100\n"));
	assert_null(strstr(output, "\n3\n"));
	assert_memory_equal(output, "0\n1\n", 4);
	close(fd);
	close(high);
}

static void signals_are_as_usual(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	run("kill -PIPE $$", 5000);
	signal(SIGPIPE, SIG_DFL);
	scene_expect("ended by signal 13\n");
}

static void words_are_split_at_white_space(void **state)
{
	char **words;

	(void)state;
	assert_null(program_words("  /bin/echo\t'a b'  c\"d 'e\"  '' ", &words));
	assert_string_equal(words[0], "/bin/echo");
	assert_string_equal(words[1], "a b");
	assert_string_equal(words[2], "cd 'e");
	assert_string_equal(words[3], "");
	assert_null(words[4]);
	free(words);
	assert_null(program_words("/a b c d", &words));
	assert_string_equal(words[3], "d");
	free(words);
	assert_string_equal(program_words("", &words), "there is no program");
	assert_string_equal(program_words("  ", &words), "there is no program");
	assert_string_equal(program_words("/bin/echo 'x", &words), "a quote has no end");
	assert_string_equal(program_words("echo x", &words),
			    "the program's name does not begin with a slash");
}

static void others_programs_are_not_run(void **state)
{
	char command[300];
	const char *path = scene_file("script", 0720, "#!/bin/sh\n");

	(void)state;
	assert_int_equal(program_check("test", path), STATUS_DENIED);
	scene_expect("can be written to by its group\n");
	chmod(path, 0702);
	assert_int_equal(program_check("test", path), STATUS_DENIED);
	scene_expect("can be written to by everybody\n");
	chmod(path, 0755);
	snprintf(command, sizeof(command), "%s and 'its arguments'", path);
	assert_int_equal(program_check("test", command), STATUS_OK);
	assert_int_equal(program_check("test", scene_path("none")), STATUS_NOT_FOUND);
	assert_int_equal(program_check("test", scene_folder), STATUS_DENIED);
	assert_int_equal(program_check("test", "relative"), STATUS_USAGE);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(program_check("test", path), STATUS_DENIED);
		scene_expect("is somebody else's\n");
	}
}

static void what_cannot_be_run_is_told_at_once(void **state)
{
	struct program_settings settings = {
		.what = "test program", .timeout = 5000, .output_max = 100, .done = done,
	};
	struct program *program;

	(void)state;
	settings.command = scene_file("script", 0600, "#!/bin/sh\n");
	assert_int_equal(program_run(scene_loop, &settings, &program), STATUS_FAILED);
	scene_expect("Permission denied\n");
	settings.command = scene_file("script", 0700, "#!/none\n");
	assert_int_equal(program_run(scene_loop, &settings, &program), STATUS_FAILED);
	settings.command = "/none";
	assert_int_equal(program_run(scene_loop, &settings, &program), STATUS_NOT_FOUND);
	settings.command = "none";
	assert_int_equal(program_run(scene_loop, &settings, &program), STATUS_USAGE);
	assert_null(program);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(output_is_taken_whole),
		TEST(failure_is_told_with_its_reason),
		TEST(errors_show_no_secrets_and_no_flood),
		TEST(one_that_prints_too_much_is_ended),
		TEST(one_that_takes_too_long_ends_with_its_children),
		TEST(one_that_does_not_listen_is_killed),
		TEST(child_left_behind_keeps_nobody_waiting),
		TEST(stopped_one_calls_nobody),
		TEST(it_has_no_descriptors_and_no_input),
		TEST(signals_are_as_usual),
		TEST(words_are_split_at_white_space),
		TEST(others_programs_are_not_run),
		TEST(what_cannot_be_run_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
