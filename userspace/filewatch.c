// SPDX-License-Identifier: GPL-2.0-or-later
/* Tells when a file may be another one than before. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "filewatch.h"
#include "report.h"

/* How long nothing more may happen to a file until it is looked at, in milliseconds. */
#define SETTLES		100

/* Likewise while somebody who writes to it has not closed it yet. */
#define SETTLES_OPEN	1000

/* The longest that changes put that off. */
#define SETTLES_AT_LAST	5000

/* How often a file is looked at of which nothing is heard, and a missing folder. */
#define LOOKS_ANYWAY	60000
#define LOOKS_MISSING	2000

#define WRITTEN		(IN_MODIFY | IN_CREATE)
#define EVENTS		(WRITTEN | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_TO |	\
			 IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF |		\
			 IN_MOVE_SELF | IN_ONLYDIR)

static void watch_folder(struct filewatch *watch)
{
	/* The same number again, if it is the same folder still. */
	int wd = inotify_add_watch(watch->inotify.fd, watch->folder, EVENTS);

	if (watch->wd >= 0 && wd != watch->wd)
		inotify_rm_watch(watch->inotify.fd, watch->wd);
	watch->wd = wd;
	loop_timer_set(watch->loop, &watch->again,
		       wd < 0 ? LOOKS_MISSING : LOOKS_ANYWAY);
}

/* Something happened to the file, or may have. */
static void put_off(struct filewatch *watch)
{
	uint64_t delay = watch->written ? SETTLES_OPEN : SETTLES;
	uint64_t now = loop_now();

	if (!loop_timer_is_set(watch->loop, &watch->settled))
		watch->first = now;
	if (now + delay > watch->first + SETTLES_AT_LAST)
		delay = watch->first + SETTLES_AT_LAST > now ?
			watch->first + SETTLES_AT_LAST - now : 0;
	loop_timer_set(watch->loop, &watch->settled, delay);
}

static void take_event(struct filewatch *watch, const struct inotify_event *event)
{
	/*
	 * What happens to other files of the folder counts, too: the name may be a
	 * link to a link there.
	 */
	if (event->len && !strcmp(event->name, watch->name))
		watch->written = event->mask & WRITTEN;
	if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED) &&
	    event->wd == watch->wd)
		watch_folder(watch);
	put_off(watch);
}

static void hear(struct loop_watch *inotify)
{
	struct filewatch *watch = inotify->data;
	_Alignas(struct inotify_event) char
		events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
	ssize_t got = read(inotify->fd, events, sizeof(events));

	for (ssize_t at = 0; at < got;) {
		const struct inotify_event *event = (const void *)(events + at);

		take_event(watch, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

static void settle(struct loop_timer *timer)
{
	struct filewatch *watch = timer->data;

	watch->written = false;
	watch->changed(watch);
}

static void look_anyway(struct loop_timer *timer)
{
	struct filewatch *watch = timer->data;

	watch_folder(watch);
	if (!loop_timer_is_set(watch->loop, &watch->settled))
		watch->changed(watch);
}

/* Takes a path apart: into its folder and, behind that, the name in there. */
static char *split(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) + 1 : 2;
	const char *own = slash ? slash + 1 : path;
	char *folder = malloc(length + strlen(own) + 2);

	if (!folder)
		return NULL;
	memcpy(folder, slash ? path : "./", length);
	folder[length] = '\0';
	*name = memcpy(folder + length + 1, own, strlen(own) + 1);
	return folder;
}

enum status filewatch_begin(struct filewatch *watch, struct loop *loop,
			    const char *path)
{
	watch->loop = loop;
	watch->wd = -1;
	watch->settled = (struct loop_timer){ .fire = settle, .data = watch };
	watch->again = (struct loop_timer){ .fire = look_anyway, .data = watch };
	watch->folder = split(path, &watch->name);
	if (!watch->folder)
		return report(STATUS_FAILED, "no memory");
	watch->inotify = (struct loop_watch){
		.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK),
		.ready = hear, .data = watch,
	};
	if (watch->inotify.fd < 0) {
		free(watch->folder);
		watch->folder = NULL;
		return report(STATUS_FAILED, "cannot watch %s: %s", path,
			      strerror(errno));
	}
	watch_folder(watch);
	loop_watch(loop, &watch->inotify);
	return STATUS_OK;
}

void filewatch_end(struct filewatch *watch)
{
	if (!watch->folder)
		return;
	loop_timer_cancel(watch->loop, &watch->settled);
	loop_timer_cancel(watch->loop, &watch->again);
	loop_unwatch(watch->loop, &watch->inotify);
	close(watch->inotify.fd);
	free(watch->folder);
	watch->folder = NULL;
}
