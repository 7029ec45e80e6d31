// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snaptun and snaptun-control: finds the subcommand, runs it, and sees that its output
 * arrived. Each has its own list of them.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "key.h"
#include "options.h"
#include "report.h"

static void print_help(void)
{
	printf("Usage: snaptun COMMAND [ARGUMENT...]\n\n"
	       "Configures SNAP tunnel devices (ip link add NAME type snaptun).\n\n");
	for (const struct command *const *command = commands; *command; command++)
		printf("  %-14s%s\n", (*command)->name, (*command)->summary);
	printf("\nsnaptun COMMAND --help tells more, snaptun(8) leads to the manuals;\n"
	       "snaptun --version tells the version.\n");
}

/* Whether the command's name is made of these words. */
static bool matches(const struct command *command, char **words, int count)
{
	const char *name = command->name;

	for (int i = 0; i < count; i++) {
		size_t length = strlen(words[i]);

		if (strncmp(name, words[i], length) != 0 ||
		    strchr(words[i], ' '))
			return false;
		name += length;
		if (i + 1 < count && *name++ != ' ')
			return false;
	}
	return !*name;
}

/* Finds the command that the arguments begin with and how many words it has. */
static const struct command *find(int argc, char **argv, int *words)
{
	for (*words = 1; *words <= 2 && *words <= argc; ++*words)
		for (const struct command *const *command = commands; *command; command++)
			if (matches(*command, argv, *words))
				return *command;
	return NULL;
}

/* Whether a word alone begins the names of some commands. */
static bool begins(const char *word)
{
	size_t length = strlen(word);

	for (const struct command *const *command = commands; *command; command++)
		if (!strncmp((*command)->name, word, length) &&
		    (*command)->name[length] == ' ')
			return true;
	return false;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h") ||
	       !strcmp(word, "help");
}

int main(int argc, char **argv)
{
	const struct command *command;
	enum status status;
	int words;

	if (argc < 2)
		return report_usage("a command is missing");
	if (is_help(argv[1]) ||
	    (argc == 3 && begins(argv[1]) && is_help(argv[2]))) {
		print_help();
		status = STATUS_OK;
	} else if (!strcmp(argv[1], "--version")) {
		puts("snaptun " VERSION);
		status = STATUS_OK;
	} else {
		command = find(argc - 1, argv + 1, &words);
		if (!command && begins(argv[1]))
			return report_usage("%s: add, set or del must follow; snaptun show shows all",
					    argv[1]);
		if (!command)
			return report_usage("unknown command \"%.64s\"", key_hide(argv[1]));
		report_begin(command->name);
		status = command->run(command, argc - words, argv + words);
	}
	if ((fflush(stdout) || ferror(stdout)) && status == STATUS_OK)
		status = report(STATUS_FAILED, "standard output: %s", strerror(errno));
	return status;
}
