// SPDX-License-Identifier: GPL-2.0-or-later
/* Has the service manager hear that the event loop goes round. */
#include "notify.h"
#include "watchdog.h"

static void feed(struct loop_timer *timer)
{
	struct watchdog *watchdog = timer->data;

	notify("WATCHDOG=1");
	loop_timer_set(watchdog->loop, timer, watchdog->pause);
}

void watchdog_begin(struct watchdog *watchdog, struct loop *loop)
{
	*watchdog = (struct watchdog){
		.loop = loop,
		.timer = { .fire = feed, .data = watchdog },
		.pause = notify_watchdog() / 2,
	};
	if (watchdog->pause)
		feed(&watchdog->timer);
}
