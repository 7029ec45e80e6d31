// SPDX-License-Identifier: GPL-2.0-or-later
/* Has the event loop take signals, instead of whatever is being done. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "report.h"
#include "signals.h"

static void take(struct loop_watch *watch)
{
	struct signals *signals = watch->data;
	struct signalfd_siginfo info;

	if (read(watch->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		signals->taken(signals, (int)info.ssi_signo);
}

enum status signals_begin(struct signals *signals)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	signals->watch = (struct loop_watch){ .ready = take, .data = signals };
	signals->watch.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->watch.fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return report(STATUS_FAILED, "cannot take signals: %s",
			      strerror(errno));
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
