// SPDX-License-Identifier: GPL-2.0-or-later
/* Has one program at a time deal with the link of a name. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "lock.h"
#include "report.h"
#include "signals.h"

/* How often it is tried: flock() waits without a bound, or not at all. */
#define TRY_MS		100U
#define MS_PER_SECOND	1000U

static enum status failed(const char *path, int error)
{
	return report(error == EACCES || error == EPERM ? STATUS_DENIED : STATUS_FAILED,
		      "cannot lock %s: %s", path, strerror(error));
}

static enum status wait_for(int fd, const char *path, uint32_t timeout)
{
	uint64_t waited = 0;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			return failed(path, errno);
		if (!waited)
			report_note("waiting for another snaptun, which holds %s", path);
		if (timeout && waited >= (uint64_t)timeout * MS_PER_SECOND)
			return report(STATUS_TIMEOUT, "another snaptun holds %s", path);
		if (signals_wait(TRY_MS))
			return STATUS_INTERRUPTED;
		waited += TRY_MS;
	}
	return STATUS_OK;
}

enum status lock_take(const char *name, uint32_t timeout, int *lock)
{
	enum status status;
	char path[PATH_MAX];

	*lock = -1;
	if (mkdir(CONFIG_RUN_FOLDER, S_IRWXU) && errno != EEXIST)
		return failed(CONFIG_RUN_FOLDER, errno);
	snprintf(path, sizeof(path), "%s/%s.lock", CONFIG_RUN_FOLDER, name);
	*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		     S_IRUSR | S_IWUSR);
	if (*lock < 0)
		return failed(path, errno);
	status = wait_for(*lock, path, timeout);
	if (status != STATUS_OK) {
		lock_drop(*lock);
		*lock = -1;
	}
	return status;
}

void lock_drop(int lock)
{
	if (lock >= 0)
		close(lock);
}
