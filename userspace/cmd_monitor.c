// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun monitor: tell what happens to tunnels and what they depend on, as it happens. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <linux/snaptun.h>

#include "address.h"
#include "command.h"
#include "format.h"
#include "netlink.h"
#include "options.h"
#include "report.h"

/* Whether a signal has come, or nobody reads any more. */
static volatile sig_atomic_t ended;

/**
 * struct monitor - a monitor at work
 * @netlink: Connection that events come from.
 * @descriptor: Its file descriptor.
 * @device: Name of the device to tell of; NULL for all.
 * @json: Lines are for programs.
 * @waiting: Signal mask while it waits. At all other times the signals that end it
 *	are blocked, so that no line is cut.
 */
struct monitor {
	struct netlink *netlink;
	int descriptor;
	const char *device;
	bool json;
	sigset_t waiting;
};

static void on_signal(int number)
{
	(void)number;
	ended = 1;
}

static void prepare_signals(struct monitor *monitor)
{
	static const int numbers[] = { SIGINT, SIGTERM };
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction before;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		/* What whoever started it wants ignored stays so. */
		sigaction(numbers[i], NULL, &before);
		if (before.sa_handler == SIG_IGN)
			continue;
		sigaction(numbers[i], &action, NULL);
		sigaddset(&set, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &set, &monitor->waiting);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

/*
 * Waits for events, or until the output takes a line. Returns whether to go on: not
 * after a signal, nor without a reader.
 */
static bool await(const struct monitor *monitor, bool to_write)
{
	struct pollfd files[] = {
		{ .fd = STDOUT_FILENO, .events = to_write ? POLLOUT : 0 },
		{ .fd = to_write ? -1 : monitor->descriptor, .events = POLLIN },
	};

	while (!ended) {
		if (ppoll(files, sizeof(files) / sizeof(files[0]), NULL,
			  &monitor->waiting) >= 0)
			return !(files[0].revents & (POLLERR | POLLHUP));
		if (errno != EINTR)
			break;
	}
	return false;
}

/* What happened, after the name of the tunnel that it happened to. */
static void print_words(const char *name, const json_t *event)
{
	const json_t *assigned = json_object_get(event, "assigned");
	char address[ADDRESS_TEXT_SIZE];

	if (!strcmp(name, "tunnel-new"))
		printf("new, %s%s", member_text(event, "state"),
		       member_is_true(event, "responder") ? ", responder" : "");
	else if (!strcmp(name, "tunnel-del"))
		printf("removed");
	else if (!strcmp(name, "tunnel-state"))
		printf("%s", member_text(event, "state"));
	else if (!strcmp(name, "tunnel-address"))
		printf("assigned address %s", address_format(assigned, address));
	else if (!strcmp(name, "address-conflict"))
		printf("assigned address %s is another tunnel's",
		       address_format(assigned, address));
}

/* What happened to a control plane, likewise. */
static void print_plane_words(const char *name, const json_t *event)
{
	char state[FORMAT_BYTES];

	if (!strcmp(name, "control-plane-del")) {
		printf("removed");
		return;
	}
	if (!strcmp(name, "control-plane-new"))
		printf("new, ");
	else if (!strcmp(name, "control-plane-lost"))
		printf("who registered is gone, ");
	printf("%s", format_registration(event, state));
}

static void print_for_people(const char *when, const char *name,
			     const json_t *event)
{
	char endpoint[ADDRESS_TEXT_SIZE];

	printf("%s ", when);
	if (json_object_get(event, "url")) {
		printf("%s: control plane %lld (%s): ",
		       member_text(event, "ifname"), member_number(event, "id"),
		       member_text(event, "url"));
		print_plane_words(name, event);
	} else if (!strcmp(name, "identity-ended")) {
		printf("%s: identity %s: no longer authorised",
		       member_text(event, "ifname"), member_text(event, "key"));
	} else if (json_object_get(event, "id")) {
		printf("%s: tunnel %lld (%s): ", member_text(event, "ifname"),
		       member_number(event, "id"),
		       address_format(json_object_get(event, "endpoint"),
				      endpoint));
		print_words(name, event);
	} else {
		printf("%s", strcmp(name, "lost") ? name : "events were lost");
	}
	printf("\n");
}

static void print_for_programs(const char *when, json_t *event)
{
	json_t *line = json_pack("{s:s}", "time", when);

	json_object_update(line, event);
	json_dumpf(line, stdout, 0);
	printf("\n");
	json_decref(line);
}

/* Prints one line; what has no device is an event of the monitor's own. */
static enum status print_event(const struct monitor *monitor, json_t *event)
{
	const char *name = member_text(event, "event");
	time_t now = time(NULL);
	struct tm parts;
	char when[sizeof("2026-11-23T07:30:00Z") + 8];

	if (!await(monitor, true))
		return STATUS_OK;
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
	if (monitor->json)
		print_for_programs(when, event);
	else
		print_for_people(when, name, event);
	if (!fflush(stdout))
		return STATUS_OK;
	if (errno != EPIPE)
		return report(STATUS_FAILED, "standard output: %s",
			      strerror(errno));
	/* Whoever read that has enough. */
	ended = 1;
	__fpurge(stdout);
	clearerr(stdout);
	return STATUS_OK;
}

static enum status print_own(const struct monitor *monitor, const char *name)
{
	json_t *event = json_pack("{s:s}", "event", name);
	enum status status = print_event(monitor, event);

	json_decref(event);
	return status;
}

static enum status print_received(const struct monitor *monitor)
{
	json_t *events = json_array();
	enum status status;
	json_t *event;
	bool lost;
	size_t i;

	status = netlink_events(monitor->netlink, events, &lost);
	if (status == STATUS_OK && lost)
		status = print_own(monitor, "lost");
	json_array_foreach(events, i, event) {
		if (status == STATUS_OK &&
		    (!monitor->device ||
		     !strcmp(monitor->device, member_text(event, "ifname"))))
			status = print_event(monitor, event);
	}
	json_decref(events);
	return status;
}

static enum status watch(struct monitor *monitor)
{
	enum status status;

	prepare_signals(monitor);
	status = netlink_listen(&monitor->netlink, &monitor->descriptor);
	if (status != STATUS_OK)
		return status;
	status = print_own(monitor, "listening");
	while (status == STATUS_OK && await(monitor, false))
		status = print_received(monitor);
	netlink_close(monitor->netlink);
	return status;
}

/* Whether there is such a device now. */
static enum status check_device(const char *name)
{
	struct netlink *netlink;
	enum status status;
	uint32_t ifindex;

	status = netlink_open_device(name, &ifindex, &netlink);
	if (status != STATUS_OK)
		return status;
	netlink_begin(netlink, SNAPTUN_CMD_DEVICE_GET, 0, ifindex);
	if (netlink_call(netlink, NULL))
		status = netlink_failed(netlink);
	netlink_close(netlink);
	return status;
}

static enum status run(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "json", no_argument, NULL, 'j' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_max = 1,
	};
	struct monitor monitor = { .netlink = NULL };
	enum status status = STATUS_OK;
	int option;

	while ((option = options_next(&options)) > 0)
		monitor.json = true;
	if (option == OPTIONS_STOP)
		return options.status;
	monitor.device = options.operands[0];
	if (monitor.device)
		status = check_device(monitor.device);
	if (status == STATUS_OK)
		status = watch(&monitor);
	return status;
}

const struct command command_monitor = {
	.name = "monitor",
	.synopsis = "[DEV] [--json]",
	.summary = "Tell what happens to tunnels and control planes until interrupted",
	.details =
		"  --json  print an object in one line for each event\n",
	.run = run,
};
