/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has the service manager hear that the event loop goes round. */
#ifndef SNAPTUN_WATCHDOG_H
#define SNAPTUN_WATCHDOG_H

#include <stdint.h>

#include "loop.h"

/**
 * struct watchdog - the service manager's watchdog
 * @loop: The loop; watchdog_begin()'s own, as all that follows.
 * @timer: Fires when the watchdog is to hear of us.
 * @pause: How often that is, in ms.
 */
struct watchdog {
	struct loop *loop;
	struct loop_timer timer;
	uint64_t pause;
};

/**
 * watchdog_begin() - tell the service manager from now on, twice as often as it asks for
 * @watchdog: The watchdog, which stays where it is as long as the loop does.
 * @loop: The loop.
 *
 * Nothing happens where nobody has a watchdog.
 */
void watchdog_begin(struct watchdog *watchdog, struct loop *loop);

#endif /* SNAPTUN_WATCHDOG_H */
