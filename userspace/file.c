// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that matter only if nobody else had a hand in them. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "key.h"
#include "loop.h"
#include "report.h"

/* Readings of a file that somebody writes to at the same time. */
#define READINGS	3

const char *file_distrust(const struct stat *file, enum file_trust trust)
{
	if (!S_ISREG(file->st_mode))
		return "is no regular file";
	if (file->st_uid != 0 && file->st_uid != geteuid())
		return "is somebody else's";
	if (file->st_mode & S_IWOTH)
		return "can be written to by everybody";
	if (trust == FILE_OWN && (file->st_mode & S_IWGRP))
		return "can be written to by its group";
	if (trust == FILE_SECRET && (file->st_mode & S_IROTH))
		return "can be read by everybody";
	return NULL;
}

/* Reads all there is, but at most one byte more than is right. */
static bool read_all(int fd, size_t max, struct file_text *text)
{
	for (text->size = 0; text->size <= max;) {
		ssize_t n = read(fd, text->bytes + text->size,
				 max + 1 - text->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (!n)
			break;
		text->size += (size_t)n;
	}
	text->bytes[text->size] = '\0';
	return true;
}

/* Reads from a descriptor; a name is shown after what it is. */
static enum status read_into(const char *what, const char *name, int fd,
			     size_t max, struct file_text *text)
{
	const char *space = *name ? " " : "";

	*text = (struct file_text){ .bytes = malloc(max + 2) };
	if (!text->bytes)
		return report(STATUS_FAILED, "no memory");
	if (!read_all(fd, max, text)) {
		file_wipe(text);
		return report(STATUS_FAILED, "%s%s%s: %s", what, space,
			      key_hide(name), strerror(errno));
	}
	if (text->size > max) {
		file_wipe(text);
		return report(STATUS_FAILED, "%s%s%s is longer than %zu bytes",
			      what, space, key_hide(name), max);
	}
	return STATUS_OK;
}

enum status file_read_descriptor(const char *what, int fd, size_t max,
				 struct file_text *text)
{
	return read_into(what, "", fd, max, text);
}

bool file_is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
	       one->st_size == other->st_size &&
	       one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
	       one->st_mtim.tv_nsec == other->st_mtim.tv_nsec &&
	       one->st_ctim.tv_sec == other->st_ctim.tv_sec &&
	       one->st_ctim.tv_nsec == other->st_ctim.tv_nsec;
}

static enum status read_steady(const char *what, const char *path, int fd,
			       enum file_trust trust, size_t max,
			       struct file_text *text)
{
	struct stat before;
	struct stat after;
	enum status status;
	const char *wrong;

	for (int i = 0; i < READINGS; i++) {
		if (fstat(fd, &before))
			return report(STATUS_FAILED, "%s %s: %s", what,
				      key_hide(path), strerror(errno));
		wrong = file_distrust(&before, trust);
		if (wrong)
			return report(STATUS_DENIED, "%s %s %s", what,
				      key_hide(path), wrong);
		lseek(fd, 0, SEEK_SET);
		status = read_into(what, path, fd, max, text);
		if (status != STATUS_OK)
			return status;
		if (!fstat(fd, &after) && file_is_same(&before, &after))
			return STATUS_OK;
		file_wipe(text);
	}
	return report(STATUS_FAILED, "%s %s changes all the time", what,
		      key_hide(path));
}

enum status file_read(const char *what, const char *path, enum file_trust trust,
		      size_t max, struct file_text *text)
{
	enum status status;
	/* A pipe must not keep everything waiting until it is seen to be one. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*text = (struct file_text){ .bytes = NULL };
	if (fd < 0)
		return report(errno == ENOENT || errno == ENOTDIR ?
				      STATUS_NOT_FOUND :
			      errno == EACCES ? STATUS_DENIED :
						STATUS_FAILED,
			      "%s %s: %s", what, key_hide(path), strerror(errno));
	status = read_steady(what, path, fd, trust, max, text);
	close(fd);
	return status;
}

/* Waits until there is something to read. */
static enum status wait_for(const char *what, int fd, int stop, uint64_t end)
{
	struct pollfd descriptors[] = {
		{ .fd = fd, .events = POLLIN }, { .fd = stop, .events = POLLIN },
	};
	uint64_t now = loop_now();
	uint64_t left = end > now ? end - now : 0;
	int ready;

	ready = poll(descriptors, 2, !end ? -1 : left > INT_MAX ? INT_MAX : (int)left);
	if (ready < 0 && errno != EINTR)
		return report(STATUS_FAILED, "%s: %s", what, strerror(errno));
	if (!ready)
		return report(STATUS_TIMEOUT, "%s: it did not end in time", what);
	return descriptors[1].revents ? STATUS_INTERRUPTED : STATUS_OK;
}

enum status file_wait_and_read(const char *what, int fd, int stop, uint64_t timeout,
			       size_t max, struct file_text *text)
{
	uint64_t end = timeout ? loop_now() + timeout : 0;
	enum status status;
	ssize_t n;

	*text = (struct file_text){ .bytes = malloc(max + 2) };
	if (!text->bytes)
		return report(STATUS_FAILED, "no memory");
	do {
		status = wait_for(what, fd, stop, end);
		n = status == STATUS_OK ?
		    read(fd, text->bytes + text->size, max + 1 - text->size) : 0;
		if (n > 0)
			text->size += (size_t)n;
	} while (text->size <= max && (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN))));
	if (n < 0)
		status = report(STATUS_FAILED, "%s: %s", what, strerror(errno));
	else if (text->size > max)
		status = report(STATUS_FAILED, "%s is longer than %zu bytes", what, max);
	text->bytes[text->size] = '\0';
	if (status != STATUS_OK)
		file_wipe(text);
	return status;
}

void file_trim(struct file_text *text)
{
	while (text->size && isspace((unsigned char)text->bytes[text->size - 1]))
		text->bytes[--text->size] = '\0';
}

void file_wipe(struct file_text *text)
{
	if (text->bytes)
		key_wipe(text->bytes, text->size);
	free(text->bytes);
	*text = (struct file_text){ .bytes = NULL };
}
