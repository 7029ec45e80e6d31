/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that matter only if nobody else had a hand in them. */
#ifndef SNAPTUN_FILE_H
#define SNAPTUN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/stat.h>

#include "command.h"

/**
 * enum file_trust - what a file must be like
 * @FILE_OWN: Root's or the caller's, and nobody else may write to it.
 * @FILE_SECRET: Likewise but for its group, which may write to it. All others cannot
 *	even read it.
 */
enum file_trust {
	FILE_OWN,
	FILE_SECRET,
};

/**
 * struct file_text - what a file holds
 * @bytes: The bytes, and a zero after them; file_wipe() frees them.
 * @size: Their number, without the zero.
 */
struct file_text {
	char *bytes;
	size_t size;
};

/**
 * file_distrust() - what is wrong with a file's owner and mode
 * @file: What fstat() said.
 * @trust: What it must be like.
 *
 * Return: NULL if nothing is, or what, to follow the file's name in a report.
 */
const char *file_distrust(const struct stat *file, enum file_trust trust);

/**
 * file_is_same() - whether a file is as it was
 * @one: What stat() said.
 * @other: What it said another time.
 *
 * Return: whether it is the same file, and nobody has changed it in between.
 */
bool file_is_same(const struct stat *one, const struct stat *other);

/**
 * file_read() - read a file that is like that
 * @what: What the file is, for the report.
 * @path: Its name.
 * @trust: What it must be like.
 * @max: The most bytes that are right.
 * @text: Where its bytes go.
 *
 * A file that changes while it is read is read as it was last, or not at all.
 *
 * Return: %STATUS_OK, or after a report %STATUS_NOT_FOUND where there is no such file,
 * %STATUS_DENIED where it is not as it must be, or %STATUS_FAILED.
 */
enum status file_read(const char *what, const char *path, enum file_trust trust,
		      size_t max, struct file_text *text);

/**
 * file_read_descriptor() - read what is open already, whatever it is like
 * @what: What it is, for the report.
 * @fd: The descriptor.
 * @max: The most bytes that are right.
 * @text: Where its bytes go.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status file_read_descriptor(const char *what, int fd, size_t max,
				 struct file_text *text);

/**
 * file_wait_and_read() - the same, of what may take its time, until a signal comes
 * @what: What it is, for the report.
 * @fd: The descriptor.
 * @stop: A descriptor that is ready to be read when it is to end early.
 * @timeout: How long it may take, in milliseconds; 0 for ever.
 * @max: The most bytes that are right.
 * @text: Where its bytes go.
 *
 * Return: as file_read_descriptor(), %STATUS_INTERRUPTED or, after a report,
 * %STATUS_TIMEOUT.
 */
enum status file_wait_and_read(const char *what, int fd, int stop, uint64_t timeout,
			       size_t max, struct file_text *text);

/**
 * file_trim() - cut white space off the end
 * @text: What was read.
 */
void file_trim(struct file_text *text);

/**
 * file_wipe() - forget what was read
 * @text: It; may be all zero.
 */
void file_wipe(struct file_text *text);

#endif /* SNAPTUN_FILE_H */
