// SPDX-License-Identifier: GPL-2.0-or-later
/* Has the event loop take signals, instead of whatever is being done. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "signals.h"

#define MS_PER_SECOND	1000U
#define NS_PER_MS	1000000L

static void take(struct loop_watch *watch)
{
	struct signals *signals = watch->data;
	struct signalfd_siginfo info;

	if (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		signals->taken(signals, (int)info.ssi_signo);
}

static enum status cannot_take(void)
{
	return report(STATUS_FAILED, "cannot take signals: %s", strerror(errno));
}

/* Those that end things. */
static sigset_t all(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return set;
}

enum status signals_hold(void)
{
	sigset_t set = all();

	return sigprocmask(SIG_BLOCK, &set, NULL) ? cannot_take() : STATUS_OK;
}

bool signals_wait(uint32_t ms)
{
	const struct timespec time = {
		.tv_sec = ms / MS_PER_SECOND,
		.tv_nsec = (long)(ms % MS_PER_SECOND) * NS_PER_MS,
	};
	sigset_t set = all();
	int number = sigtimedwait(&set, NULL, &time);

	/* It is still to be taken. */
	return number > 0 && !raise(number);
}

enum status signals_begin(struct signals *signals)
{
	sigset_t set = all();

	signals->watch = (struct loop_watch){ .ready = take, .data = signals };
	signals->watch.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->watch.fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return cannot_take();
	loop_watch(signals->loop, &signals->watch);
	return STATUS_OK;
}

void signals_end(struct signals *signals)
{
	if (!signals->watch.ready)
		return;
	loop_unwatch(signals->loop, &signals->watch);
	if (signals->watch.fd >= 0)
		close(signals->watch.fd);
	signals->watch.ready = NULL;
}
