// SPDX-License-Identifier: GPL-2.0-or-later
/* Has the event loop take the module's events. */
#include "events.h"
#include "report.h"

static void take(struct loop_watch *watch)
{
	struct events *events = watch->data;
	json_t *list = json_array();
	enum status status;
	json_t *event;
	bool lost;
	size_t i;

	status = netlink_events(events->netlink, list, &lost);
	if (lost || status != STATUS_OK)
		events->heard(events, NULL);
	json_array_foreach(list, i, event)
		events->heard(events, event);
	json_decref(list);
}

enum status events_begin(struct events *events)
{
	enum status status;
	int descriptor;

	status = netlink_listen(&events->netlink, &descriptor);
	if (status != STATUS_OK)
		return status;
	events->watch = (struct loop_watch){
		.ready = take,
		.data = events,
		.fd = descriptor,
	};
	loop_watch(events->loop, &events->watch);
	return STATUS_OK;
}

void events_end(struct events *events)
{
	if (!events->netlink)
		return;
	loop_unwatch(events->loop, &events->watch);
	netlink_close(events->netlink);
	events->netlink = NULL;
}
