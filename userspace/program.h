/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs another program and takes what it prints, while the loop goes on. */
#ifndef SNAPTUN_PROGRAM_H
#define SNAPTUN_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "command.h"
#include "loop.h"

struct program;

/**
 * struct program_settings - what to run, and what to do then
 * @what: What the program is, for reports: what it writes to standard error becomes
 *	reports, too.
 * @command: Its name, which begins with a slash, and its arguments, with white space
 *	between them and quotes of either kind around what holds some. No shell.
 * @timeout: How long it may take, in milliseconds.
 * @output_max: The most bytes that it may print.
 * @done: Called when it ended: with what it printed, and a zero after that, or with
 *	NULL after a report of what went wrong. The output is wiped afterwards, and the
 *	program freed.
 * @data: For @done's use.
 */
struct program_settings {
	const char *what;
	const char *command;
	uint32_t timeout;
	size_t output_max;
	void (*done)(void *data, const char *output, size_t size);
	void *data;
};

/**
 * program_check() - whether a program may be run
 * @what: What it is, for the report.
 * @command: Its name and arguments.
 *
 * It must be root's or the caller's, and nobody else may write to it.
 *
 * Return: %STATUS_OK, or after a report %STATUS_USAGE where @command makes no sense,
 * %STATUS_NOT_FOUND or %STATUS_DENIED.
 */
enum status program_check(const char *what, const char *command);

/**
 * program_words() - take a command apart
 * @command: Name and arguments.
 * @words: Where the words go, NULL after the last; one free() is for all of them.
 *
 * Return: NULL, or what is wrong with it.
 */
const char *program_words(const char *command, char ***words);

/**
 * program_run() - begin to run a program
 * @loop: The loop.
 * @settings: What to run; not copied, and must stay until the end.
 * @program: Where it goes until @settings->done is called; program_stop() ends it
 *	before that.
 *
 * The program has a process group of its own, /dev/null as its standard input, the
 * environment of the caller, and no other descriptor.
 *
 * Return: as program_check(), and %STATUS_FAILED.
 */
enum status program_run(struct loop *loop, const struct program_settings *settings,
			struct program **program);

/**
 * program_stop() - end a program and its children at once, and call nobody
 * @program: The program; may be NULL.
 */
void program_stop(struct program *program);

#endif /* SNAPTUN_PROGRAM_H */
