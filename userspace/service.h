/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What subcommands that run until they are told to end have in common. */
#ifndef SNAPTUN_SERVICE_H
#define SNAPTUN_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "command.h"
#include "events.h"
#include "linkwatch.h"
#include "loop.h"
#include "signals.h"

/**
 * struct service - a process that does its work in an event loop
 * @reload: Called at SIGHUP.
 * @heard: Called with the module's events, see struct events.
 * @links_changed: Called when links or addresses change, see struct linkwatch.
 * @data: For these three.
 * @loop: The loop; service_begin() makes it, and all that follows.
 * @signals: Signals. Those that end the process stop the loop.
 * @events: The module's events.
 * @links: Changes of links.
 * @watchdog: Fires when the service manager is to hear of us.
 * @pause: How often that is, in ms; 0 for never.
 */
struct service {
	void (*reload)(void *data);
	void (*heard)(void *data, const json_t *event);
	void (*links_changed)(void *data, uint32_t ifindex, bool gone);
	void *data;
	struct loop *loop;
	struct signals signals;
	struct events events;
	struct linkwatch links;
	struct loop_timer watchdog;
	uint64_t pause;
};

/**
 * service_begin() - have a process like that
 * @service: With the functions and @data filled in; stays where it is.
 *
 * From then on it hides what it knows, see process_hide(), and takes signals.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status service_begin(struct service *service);

/**
 * service_run() - do the work until a signal, or loop_stop(), ends it
 * @service: The service.
 *
 * The service manager hears meanwhile that the loop goes round, if it wants to.
 *
 * Return: as loop_run().
 */
enum status service_run(struct service *service);

/**
 * service_end() - end what service_begin() began
 * @service: The service, whose loop nobody uses any more; also one that did not begin.
 */
void service_end(struct service *service);

#endif /* SNAPTUN_SERVICE_H */
