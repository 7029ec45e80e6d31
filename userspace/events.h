/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has the event loop take the module's events. */
#ifndef SNAPTUN_EVENTS_H
#define SNAPTUN_EVENTS_H

#include <jansson.h>

#include "command.h"
#include "loop.h"
#include "netlink.h"

/**
 * struct events - the events of the module
 * @loop: The loop.
 * @heard: Called with each event, as netlink_events() makes it; with NULL where some
 *	were lost, so that the kernel has to be asked how things are.
 * @data: For @heard.
 * @netlink: The connection; events_begin() makes it, and what follows.
 * @watch: Of its descriptor.
 */
struct events {
	struct loop *loop;
	void (*heard)(struct events *events, const json_t *event);
	void *data;
	struct netlink *netlink;
	struct loop_watch watch;
};

/**
 * events_begin() - hear of events from now on
 * @events: With all filled in that is the caller's.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status events_begin(struct events *events);

/**
 * events_end() - hear of them no more
 * @events: What events_begin() began, or all zero.
 */
void events_end(struct events *events);

#endif /* SNAPTUN_EVENTS_H */
