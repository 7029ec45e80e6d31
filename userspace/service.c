// SPDX-License-Identifier: GPL-2.0-or-later
/* What subcommands that run until they are told to end have in common. */
#include <signal.h>

#include "notify.h"
#include "process.h"
#include "rpc.h"
#include "service.h"

static void take_signal(struct signals *signals, int number)
{
	struct service *service = signals->data;

	if (number == SIGHUP) {
		service->reload(service->data);
		return;
	}
	notify("STOPPING=1");
	loop_stop(service->loop);
}

static void heard(struct events *events, const json_t *event)
{
	const struct service *service = events->data;

	service->heard(service->data, event);
}

static void links_changed(struct linkwatch *links, uint32_t ifindex, bool gone)
{
	const struct service *service = links->data;

	service->links_changed(service->data, ifindex, gone);
}

static void feed_watchdog(struct loop_timer *timer)
{
	struct service *service = timer->data;

	notify("WATCHDOG=1");
	loop_timer_set(service->loop, timer, service->pause);
}

enum status service_begin(struct service *service)
{
	enum status status;

	status = process_hide();
	if (status == STATUS_OK)
		status = rpc_set_up();
	if (status == STATUS_OK)
		status = loop_new(&service->loop);
	if (status != STATUS_OK)
		return status;
	service->signals = (struct signals){
		.loop = service->loop, .taken = take_signal, .data = service,
	};
	service->events = (struct events){
		.loop = service->loop, .heard = heard, .data = service,
	};
	service->links = (struct linkwatch){
		.loop = service->loop, .changed = links_changed, .data = service,
	};
	service->watchdog = (struct loop_timer){ .fire = feed_watchdog, .data = service };
	service->pause = notify_watchdog() / 2;
	status = signals_begin(&service->signals);
	if (status == STATUS_OK)
		status = events_begin(&service->events);
	if (status == STATUS_OK)
		status = linkwatch_begin(&service->links);
	return status;
}

enum status service_run(struct service *service)
{
	if (service->pause)
		feed_watchdog(&service->watchdog);
	return loop_run(service->loop);
}

void service_end(struct service *service)
{
	linkwatch_end(&service->links);
	events_end(&service->events);
	signals_end(&service->signals);
	loop_free(service->loop);
}
