// SPDX-License-Identifier: GPL-2.0-or-later
/* The file with a device's private key, which is made where there is none. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "key.h"
#include "key_file.h"
#include "report.h"

#define OWNER_ALONE	(S_IRUSR | S_IWUSR)

static enum status cannot_make(const char *path, int error)
{
	return report(STATUS_FAILED, "cannot make the key file %s: %s", key_hide(path),
		      strerror(error));
}

/* Makes the folder that keys are in unless told otherwise. */
static enum status make_folder(const char *path)
{
	size_t length = strlen(CONFIG_KEY_FOLDER);

	if (strncmp(path, CONFIG_KEY_FOLDER, length) != 0 || path[length] != '/' ||
	    strchr(path + length + 1, '/'))
		return STATUS_OK;
	if (mkdir(CONFIG_KEY_FOLDER, S_IRWXU) && errno != EEXIST)
		return cannot_make(path, errno);
	return STATUS_OK;
}

/*
 * Opens a file in the folder of that one. It has no name, so that nothing is left of it
 * if we are killed, or where the file system cannot do that, the name in temporary.
 */
static int open_nearby(const char *path, char temporary[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int fd;

	if (slash)
		snprintf(temporary, PATH_MAX, "%.*s", (int)(slash - path) + 1, path);
	else
		snprintf(temporary, PATH_MAX, ".");
	fd = open(temporary, O_TMPFILE | O_WRONLY | O_CLOEXEC, OWNER_ALONE);
	temporary[0] = '\0';
	if (fd >= 0 || errno != EOPNOTSUPP)
		return fd;
	if (snprintf(temporary, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
		temporary[0] = '\0';
		errno = ENAMETOOLONG;
		return -1;
	}
	return mkostemp(temporary, O_CLOEXEC);
}

static bool write_key(int fd, const uint8_t key[SNAPTUN_KEY_LEN])
{
	char line[KEY_TEXT_SIZE];
	ssize_t written;

	key_encode(key, line);
	line[KEY_TEXT_LEN] = '\n';
	written = write(fd, line, sizeof(line));
	key_wipe(line, sizeof(line));
	if (written >= 0 && written != (ssize_t)sizeof(line))
		errno = ENOSPC;
	/* A name without a key would be all that is left when the power fails. */
	return written == (ssize_t)sizeof(line) && !fsync(fd);
}

/* Gives the file its name; one that is there already stays. */
static bool give_name(int fd, const char *temporary, const char *path)
{
	char descriptor[64];

	snprintf(descriptor, sizeof(descriptor), "/proc/self/fd/%d", fd);
	return !linkat(AT_FDCWD, *temporary ? temporary : descriptor, AT_FDCWD, path,
		       *temporary ? 0 : AT_SYMLINK_FOLLOW) || errno == EEXIST;
}

static enum status make(const char *path)
{
	enum status status = make_folder(path);
	uint8_t key[SNAPTUN_KEY_LEN];
	char temporary[PATH_MAX];
	int fd;

	if (status != STATUS_OK)
		return status;
	fd = open_nearby(path, temporary);
	if (fd < 0)
		return cannot_make(path, errno);
	status = key_private(key);
	if (status == STATUS_OK &&
	    (!write_key(fd, key) || !give_name(fd, temporary, path)))
		status = cannot_make(path, errno);
	key_wipe(key, sizeof(key));
	if (*temporary)
		unlink(temporary);
	close(fd);
	return status;
}

enum status key_file_read(const char *path, uint8_t key[SNAPTUN_KEY_LEN])
{
	enum status status = STATUS_OK;

	if (access(path, F_OK) && errno == ENOENT)
		status = make(path);
	return status == STATUS_OK ? key_read(path, key) : status;
}
