// SPDX-License-Identifier: GPL-2.0-or-later
/* Tells people what went wrong: always one line on stderr. */
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "report.h"

/* Longer reports are cut: room for a path and a sentence. */
#define REPORT_BYTES	(PATH_MAX + 1024)

static const char *reporting;
static bool quiet;

static const char *place_file;
static unsigned int place_line;

void report_begin(const char *command)
{
	reporting = command;
}

void report_place(const char *file, unsigned int line)
{
	place_file = file;
	place_line = line;
}

static void write_escaped(const char *text)
{
	for (const char *c = text; *c; c++) {
		unsigned char byte = (unsigned char)*c;

		if (byte < ' ' || byte == 0x7f)
			fprintf(stderr, "\\x%02x", byte);
		else
			fputc(byte, stderr);
	}
}

static void write_line(const char *kind, const char *format, va_list arguments,
		       bool hint)
{
	char text[REPORT_BYTES];

	if (vsnprintf(text, sizeof(text), format, arguments) < 0)
		return;
	fputs("snaptun: ", stderr);
	if (reporting)
		fprintf(stderr, "%s: ", reporting);
	fputs(kind, stderr);
	if (place_file) {
		write_escaped(place_file);
		if (place_line)
			fprintf(stderr, ":%u", place_line);
		fputs(": ", stderr);
	}
	write_escaped(text);
	if (hint && !place_file)
		fprintf(stderr, " (see 'snaptun %s%s--help')",
			reporting ? reporting : "", reporting ? " " : "");
	fputc('\n', stderr);
}

enum status report(enum status status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("", format, arguments, false);
	va_end(arguments);
	return status;
}

enum status report_usage(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("", format, arguments, true);
	va_end(arguments);
	return STATUS_USAGE;
}

void report_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line("warning: ", format, arguments, false);
	va_end(arguments);
}

void report_note(const char *format, ...)
{
	va_list arguments;

	if (quiet)
		return;
	va_start(arguments, format);
	write_line("", format, arguments, false);
	va_end(arguments);
}

void report_quietly(void)
{
	quiet = true;
}
