// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs another program and takes what it prints, while the loop goes on. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "jwt.h"
#include "key.h"
#include "program.h"
#include "report.h"

/* How long a program may take to end once it is asked to, in milliseconds. */
#define MERCY		2000

/* What is shown of the lines on its standard error, and of how many. */
#define LINE_SIZE	256
#define LINES_MAX	20

/* How often what children left behind write is read once it has ended. */
#define LAST_READS	64

/* Descriptors that it keeps. */
#define DESCRIPTORS	3

/**
 * struct program - a program that runs
 * @loop: The loop.
 * @settings: What was to be run.
 * @pid: Its process and process group.
 * @exited: Watched descriptor of the process.
 * @output: Watched descriptor of what it prints; -1 at its end, as @errors.
 * @errors: Watched descriptor of its standard error.
 * @late: Fires when it takes too long.
 * @asked: It was asked to end.
 * @wrong: What is wrong with it already; NULL if nothing is.
 * @text: What it printed so far, room for one byte more than is right and a zero.
 * @size: Bytes of it.
 * @line: A line of its standard error so far.
 * @line_size: Bytes of it.
 * @lines: Lines of it that were shown.
 */
struct program {
	struct loop *loop;
	const struct program_settings *settings;
	pid_t pid;
	struct loop_watch exited;
	struct loop_watch output;
	struct loop_watch errors;
	struct loop_timer late;
	bool asked;
	const char *wrong;
	char *text;
	size_t size;
	char line[LINE_SIZE];
	size_t line_size;
	unsigned int lines;
};

const char *program_words(const char *command, char ***words)
{
	/* No more words than every second character, and an end. */
	size_t most = strlen(command) / 2 + 2;
	char **list = malloc(most * sizeof(*list) + strlen(command) + 1);
	char *to = list ? (char *)(list + most) : NULL;
	size_t count = 0;

	*words = NULL;
	if (!list)
		return "no memory";
	for (;;) {
		char quote = '\0';

		while (isspace((unsigned char)*command))
			command++;
		if (!*command)
			break;
		list[count++] = to;
		for (; *command && (quote || !isspace((unsigned char)*command));
		     command++) {
			if (quote ? *command == quote :
				    *command == '"' || *command == '\'')
				quote = (char)(quote ? '\0' : *command);
			else
				*to++ = *command;
		}
		*to++ = '\0';
		if (quote) {
			free(list);
			return "a quote has no end";
		}
	}
	list[count] = NULL;
	if (!count || *list[0] != '/') {
		free(list);
		return count ? "the program's name does not begin with a slash" :
			       "there is no program";
	}
	*words = list;
	return NULL;
}

static enum status check(const char *what, const char *path)
{
	const char *wrong;
	struct stat file;

	if (stat(path, &file))
		return report(errno == EACCES ? STATUS_DENIED : STATUS_NOT_FOUND,
			      "%s: %s: %s", what, path, strerror(errno));
	wrong = file_distrust(&file, FILE_OWN);
	if (wrong)
		return report(STATUS_DENIED, "%s: %s %s", what, path, wrong);
	return STATUS_OK;
}

enum status program_check(const char *what, const char *command)
{
	enum status status;
	char **words;
	const char *wrong = program_words(command, &words);

	if (wrong)
		return report(STATUS_USAGE, "%s: %s", what, wrong);
	status = check(what, words[0]);
	free(words);
	return status;
}

static void close_watch(struct program *program, struct loop_watch *watch)
{
	if (watch->fd < 0)
		return;
	loop_unwatch(program->loop, watch);
	close(watch->fd);
	watch->fd = -1;
}

static void free_program(struct program *program)
{
	loop_timer_cancel(program->loop, &program->late);
	close_watch(program, &program->exited);
	close_watch(program, &program->output);
	close_watch(program, &program->errors);
	if (program->text)
		key_wipe(program->text, program->settings->output_max + 1);
	free(program->text);
	key_wipe(program->line, sizeof(program->line));
	free(program);
}

/* Signals the group, which exists as long as nobody waited for its first process. */
static void signal_group(const struct program *program, int signal)
{
	kill(-program->pid, signal);
}

static void ask_to_end(struct program *program, const char *why)
{
	if (program->wrong)
		return;
	program->wrong = why;
	program->asked = true;
	signal_group(program, SIGTERM);
	loop_timer_set(program->loop, &program->late, MERCY);
}

static void grow_late(struct loop_timer *timer)
{
	struct program *program = timer->data;

	if (program->asked)
		signal_group(program, SIGKILL);
	else
		ask_to_end(program, "took too long");
}

static void show_line(struct program *program)
{
	const char *what = program->settings->what;

	program->line[program->line_size] = '\0';
	if (program->line_size && program->lines < LINES_MAX)
		report(STATUS_FAILED, "%s: %s", what,
		       jwt_is_in(program->line) ? "(a line with a secret in it)" :
						  program->line);
	else if (program->line_size && program->lines == LINES_MAX)
		report(STATUS_FAILED, "%s: (more lines)", what);
	program->lines += program->line_size != 0;
	program->line_size = 0;
}

/* Returns whether there may be more. */
static bool read_errors(struct program *program)
{
	char bytes[1024];
	ssize_t got = read(program->errors.fd, bytes, sizeof(bytes));

	if (got < 0)
		return errno == EINTR;
	for (ssize_t i = 0; i < got; i++) {
		if (bytes[i] == '\n')
			show_line(program);
		else if (program->line_size < LINE_SIZE - 1)
			program->line[program->line_size++] = bytes[i];
	}
	key_wipe(bytes, sizeof(bytes));
	if (got)
		return true;
	close_watch(program, &program->errors);
	return false;
}

static bool read_output(struct program *program)
{
	size_t room = program->settings->output_max + 1 - program->size;
	ssize_t got = read(program->output.fd, program->text + program->size, room);

	if (got < 0)
		return errno == EINTR;
	program->size += (size_t)got;
	if ((size_t)got == room)
		ask_to_end(program, "prints too much");
	if (got && (size_t)got < room)
		return true;
	close_watch(program, &program->output);
	return false;
}

static void hear_errors(struct loop_watch *watch)
{
	read_errors(watch->data);
}

static void hear_output(struct loop_watch *watch)
{
	read_output(watch->data);
}

/* Reports how it ended; returns whether that was well. */
static bool ended_well(const struct program *program, const siginfo_t *end)
{
	const char *what = program->settings->what;

	if (program->wrong)
		report(STATUS_FAILED, "%s: %s", what, program->wrong);
	else if (end->si_code != CLD_EXITED)
		report(STATUS_FAILED, "%s: ended by signal %d", what, end->si_status);
	else if (end->si_status)
		report(STATUS_FAILED, "%s: exit status %d", what, end->si_status);
	else
		return true;
	return false;
}

static void end(struct loop_watch *watch)
{
	struct program *program = watch->data;
	const struct program_settings *settings = program->settings;
	siginfo_t ended = { .si_pid = 0 };
	bool well;

	/* Children that it left behind may keep the pipes open: what is there counts. */
	for (int i = 0; i < LAST_READS && program->output.fd >= 0; i++)
		if (!read_output(program))
			break;
	for (int i = 0; i < LAST_READS && program->errors.fd >= 0; i++)
		if (!read_errors(program))
			break;
	show_line(program);
	/* Those of one that was to end are to end with it. */
	if (program->asked)
		signal_group(program, SIGKILL);
	while (waitid(P_PID, (id_t)program->pid, &ended, WEXITED) && errno == EINTR)
		;
	well = ended_well(program, &ended);
	program->text[program->size] = '\0';
	settings->done(settings->data, well ? program->text : NULL,
		       well ? program->size : 0);
	free_program(program);
}

/* A pipe whose end to read is ours. */
static bool open_pipe(struct loop_watch *watch, int *theirs)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return false;
	watch->fd = ends[0];
	*theirs = ends[1];
	/* Only our end: programs expect to wait. */
	return !fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

/* Starts the process; returns an error number. */
static int spawn(struct program *program, char **words, int output, int errors)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int error;

	if (posix_spawn_file_actions_init(&files))
		return ENOMEM;
	if (posix_spawnattr_init(&attributes)) {
		posix_spawn_file_actions_destroy(&files);
		return ENOMEM;
	}
	sigemptyset(&signals);
	error = posix_spawnattr_setsigmask(&attributes, &signals);
	/* What is ignored here is not to be ignored there: SIGPIPE. */
	sigfillset(&signals);
	error = error ? error : posix_spawnattr_setsigdefault(&attributes, &signals);
	error = error ? error :
		posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
					 POSIX_SPAWN_SETSIGMASK |
					 POSIX_SPAWN_SETSIGDEF);
	error = error ? error :
		posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
						 O_RDONLY, 0);
	error = error ? error :
		posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
	error = error ? error :
		posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
	error = error ? error :
		posix_spawn_file_actions_addclosefrom_np(&files, DESCRIPTORS);
	error = error ? error :
		posix_spawn(&program->pid, words[0], &files, &attributes, words,
			    environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static int start(struct program *program, char **words)
{
	int output = -1;
	int errors = -1;
	int error = 0;

	if (!open_pipe(&program->output, &output) ||
	    !open_pipe(&program->errors, &errors))
		error = errno;
	else
		error = spawn(program, words, output, errors);
	if (output >= 0)
		close(output);
	if (errors >= 0)
		close(errors);
	if (error)
		return error;
	program->exited.fd = (int)syscall(SYS_pidfd_open, program->pid, 0);
	if (program->exited.fd >= 0)
		return 0;
	error = errno;
	signal_group(program, SIGKILL);
	waitpid(program->pid, NULL, 0);
	return error;
}

enum status program_run(struct loop *loop, const struct program_settings *settings,
			struct program **program)
{
	struct program *new = calloc(1, sizeof(*new));
	enum status status;
	const char *wrong;
	char **words;
	int error;

	*program = NULL;
	if (!new)
		return report(STATUS_FAILED, "no memory");
	new->loop = loop;
	new->settings = settings;
	new->exited = (struct loop_watch){ .fd = -1, .ready = end, .data = new };
	new->output = (struct loop_watch){ .fd = -1, .ready = hear_output, .data = new };
	new->errors = (struct loop_watch){ .fd = -1, .ready = hear_errors, .data = new };
	new->late = (struct loop_timer){ .fire = grow_late, .data = new };
	new->text = malloc(settings->output_max + 2);
	wrong = new->text ? program_words(settings->command, &words) : "no memory";
	if (wrong) {
		free_program(new);
		return report(STATUS_USAGE, "%s: %s", settings->what, wrong);
	}
	status = check(settings->what, words[0]);
	error = status == STATUS_OK ? start(new, words) : 0;
	if (error)
		status = report(STATUS_FAILED, "%s: cannot run %s: %s",
				settings->what, words[0], strerror(error));
	free(words);
	if (status != STATUS_OK) {
		free_program(new);
		return status;
	}
	loop_watch(loop, &new->exited);
	loop_watch(loop, &new->output);
	loop_watch(loop, &new->errors);
	loop_timer_set(loop, &new->late, settings->timeout);
	*program = new;
	return STATUS_OK;
}

void program_stop(struct program *program)
{
	if (!program)
		return;
	signal_group(program, SIGKILL);
	while (waitpid(program->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free_program(program);
}
