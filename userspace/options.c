// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads command lines: options, operands, numbers and switches. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"
#include "options.h"
#include "report.h"

void options_print_help(const struct command *command)
{
	printf("Usage: snaptun %s%s%s\n\n%s.\n", command->name,
	       *command->synopsis ? " " : "", command->synopsis,
	       command->summary);
	if (command->details)
		printf("\n%s", command->details);
	if (command->print_more)
		command->print_more();
}

static int stop(struct options *options, enum status status)
{
	options->status = status;
	return OPTIONS_STOP;
}

static const struct option *find(const struct option *table, const char *name,
				 size_t length)
{
	for (; table->name; table++)
		if (strlen(table->name) == length &&
		    !strncmp(table->name, name, length))
			return table;
	return NULL;
}

static int take_operand(struct options *options, char *operand)
{
	if (options->operands_found == options->operands_max)
		return stop(options, report_usage("unexpected argument %s",
						  key_hide(operand)));
	options->operands[options->operands_found++] = operand;
	return OPTIONS_END;
}

static int finish(struct options *options)
{
	if (options->operands_found < options->operands_min)
		return stop(options, report_usage("too few arguments; usage: snaptun %s %s",
						  options->command->name,
						  options->command->synopsis));
	return OPTIONS_END;
}

int options_next(struct options *options)
{
	for (;;) {
		char *argument = optind < options->argc ?
				 options->argv[optind] : NULL;
		const struct option *match = NULL;
		const char *name;
		int option;

		if (argument && !strncmp(argument, "--", 2) && argument[2]) {
			name = argument + 2;
			match = find(options->table, name, strcspn(name, "="));
			if (!strcmp(name, "help")) {
				options_print_help(options->command);
				return stop(options, STATUS_OK);
			}
			if (!match)
				return stop(options, report_usage("unknown option --%.*s",
								  (int)strcspn(name, "="),
								  name));
		}

		/*
		 * "-" hands operands over in place, whatever POSIXLY_CORRECT
		 * says; ":" leaves the reports to us.
		 */
		option = getopt_long(options->argc, options->argv, "-:",
				     options->table, NULL);
		switch (option) {
		case -1:
			while (optind < options->argc)
				if (take_operand(options, options->argv[optind++]) ==
				    OPTIONS_STOP)
					return OPTIONS_STOP;
			return finish(options);
		case 1:
			if (take_operand(options, optarg) == OPTIONS_STOP)
				return OPTIONS_STOP;
			break;
		case ':':
			return stop(options, report_usage("--%s needs an argument",
							  match ? match->name : ""));
		case '?':
			if (match)
				return stop(options, report_usage("--%s takes no argument",
								  match->name));
			return stop(options, report_usage("unknown option %s",
							  key_hide(argument)));
		default:
			return option;
		}
	}
}

bool options_scan(const char *text, int base, uint32_t max, uint32_t *number)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	unsigned long long value;

	if (!*text || text[strspn(text, digits)])
		return false;
	errno = 0;
	value = strtoull(text, NULL, base);
	if (errno || value > max)
		return false;
	*number = (uint32_t)value;
	return true;
}

enum status options_number(const char *what, const char *text, uint32_t min,
			   uint32_t max, uint32_t *number)
{
	if (options_scan(text, 10, max, number) && *number >= min)
		return STATUS_OK;
	return report_usage("%s: \"%.64s\" is no number from %u to %u", what,
			    key_hide(text), min, max);
}

enum status options_mark(const char *what, const char *text, uint32_t *mark)
{
	bool hexadecimal = !strncmp(text, "0x", 2);

	*mark = 0;
	if (!strcmp(text, "off") ||
	    options_scan(hexadecimal ? text + 2 : text, hexadecimal ? 16 : 10,
			 UINT32_MAX, mark))
		return STATUS_OK;
	return report_usage("%s: \"%.64s\" is neither \"off\" nor a number from 0 to 0xffffffff",
			    what, key_hide(text));
}

enum status options_interval(const char *what, const char *text,
			     uint32_t *seconds)
{
	*seconds = 0;
	if (!strcmp(text, "off") ||
	    options_scan(text, 10, UINT16_MAX, seconds))
		return STATUS_OK;
	return report_usage("%s: \"%.64s\" is neither \"off\" nor a number of seconds up to %u",
			    what, key_hide(text), UINT16_MAX);
}

enum status options_switch(const char *what, const char *text, uint32_t *on)
{
	*on = !strcmp(text, "on");
	if (*on || !strcmp(text, "off"))
		return STATUS_OK;
	return report_usage("%s: \"%.64s\" is neither \"on\" nor \"off\"", what,
			    key_hide(text));
}
