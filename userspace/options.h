/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads command lines: options, operands, numbers and switches. */
#ifndef SNAPTUN_OPTIONS_H
#define SNAPTUN_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "command.h"

#define OPTIONS_OPERANDS	16

/* What options_next() answers instead of an option. */
#define OPTIONS_END	(-1)
#define OPTIONS_STOP	(-2)

/**
 * struct options - a command line that is being read
 * @command: The subcommand, for its help.
 * @table: Long options; each value is the character that options_next()
 *	answers with.
 * @argc: Number of arguments.
 * @argv: The arguments, from the subcommand's last word on.
 * @operands_min: How many arguments that are no options there must be.
 * @operands_max: How many there may be; at most %OPTIONS_OPERANDS.
 * @operands: Those that were found, NULL where one was left out.
 * @operands_found: Their number.
 * @status: With %OPTIONS_STOP, what the subcommand must return.
 */
struct options {
	const struct command *command;
	const struct option *table;
	int argc;
	char **argv;
	int operands_min;
	int operands_max;
	char *operands[OPTIONS_OPERANDS];
	int operands_found;
	enum status status;
};

/**
 * options_next() - read up to the next option
 * @options: The command line. optarg is the option's argument.
 *
 * Options and operands may stand in any order. Unlike getopt_long() alone this
 * takes no abbreviated names: `--private-key KEY` must not turn into a file
 * name that lands in an error message. `--help` is dealt with here.
 *
 * Return: the option's character from @options->table, %OPTIONS_END at the end
 * of a command line that is complete, or %OPTIONS_STOP when help was printed or
 * something was wrong and reported.
 */
int options_next(struct options *options);

/**
 * options_print_help() - print one subcommand's usage to stdout
 * @command: The subcommand.
 */
void options_print_help(const struct command *command);

/**
 * options_scan() - read a number without a report
 * @text: Digits and nothing else.
 * @base: 10 or 16.
 * @max: The greatest that is right.
 * @number: Where the number goes; untouched on failure.
 *
 * Return: whether @text was such a number.
 */
bool options_scan(const char *text, int base, uint32_t max, uint32_t *number);

/**
 * options_number() - read an option's or operand's decimal number
 * @what: Its name, for the report.
 * @text: Its text: digits and nothing else.
 * @min: The least that is right.
 * @max: The greatest that is right.
 * @number: Where the number goes.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status options_number(const char *what, const char *text, uint32_t min,
			   uint32_t max, uint32_t *number);

/**
 * options_mark() - read a firewall mark
 * @what: The option's name, for the report.
 * @text: Decimal digits, 0x and hexadecimal digits, or "off".
 * @mark: Where the mark goes; 0 is off.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status options_mark(const char *what, const char *text, uint32_t *mark);

/**
 * options_interval() - read an interval in whole seconds
 * @what: The option's name, for the report.
 * @text: 0 to 65535, or "off".
 * @seconds: Where the interval goes; 0 is off.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status options_interval(const char *what, const char *text,
			     uint32_t *seconds);

/**
 * options_switch() - read "on" or "off"
 * @what: The option's name, for the report.
 * @text: Its text.
 * @on: 1 for "on", 0 for "off".
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status options_switch(const char *what, const char *text, uint32_t *on);

#endif /* SNAPTUN_OPTIONS_H */
