/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells people what went wrong: always one line on stderr. */
#ifndef SNAPTUN_REPORT_H
#define SNAPTUN_REPORT_H

#include "command.h"

/**
 * report_begin() - name the subcommand that all later reports are about
 * @command: The subcommand's name; not copied. NULL, as at the start, for none.
 */
void report_begin(const char *command);

/**
 * report_place() - name the line of a file that all later reports are about
 * @file: The file's name; not copied. NULL, as at the start, for none.
 * @line: The line's number; 0 for none.
 *
 * Help about command lines is not offered then.
 */
void report_place(const char *file, unsigned int line);

/**
 * report() - say why the subcommand fails
 * @status: The exit code that goes with it.
 * @format: What and why, without a newline, as for printf().
 *
 * Control characters are written as escapes: whatever an argument holds, the
 * report stays one line.
 *
 * Return: @status, so that a caller can report and return in one go.
 */
enum status report(enum status status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * report_usage() - say what is wrong with the command line, and where help is
 * @format: What and why, without a newline, as for printf().
 *
 * Return: %STATUS_USAGE.
 */
enum status report_usage(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/**
 * report_warning() - say what is dangerous though the subcommand goes on
 * @format: What and why, without a newline, as for printf().
 */
void report_warning(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/**
 * report_note() - say how something goes that takes time
 * @format: What, without a newline, as for printf().
 */
void report_note(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/**
 * report_quietly() - have report_note() say nothing from now on
 */
void report_quietly(void);

#endif /* SNAPTUN_REPORT_H */
