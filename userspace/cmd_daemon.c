// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun daemon: keeps devices connected to their SNAPs. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "bring_up.h"
#include "command.h"
#include "config.h"
#include "keeper.h"
#include "notify.h"
#include "options.h"
#include "report.h"
#include "service.h"

#define STATUS_BYTES	512

/* How long changes of links are left to settle, in ms. */
#define SETTLE		1000

/**
 * struct daemon - the daemon
 * @service: Its loop, and what it hears of.
 * @keepers: What keeps each device connected.
 * @from_files: The configurations are files, which can be read again.
 * @look: Fires when changes of links and addresses have settled.
 * @has_begun: All devices are in @keepers.
 * @is_ready: The service manager was told that we are.
 */
struct daemon {
	struct service service;
	struct keeper *keepers;
	bool from_files;
	struct loop_timer look;
	bool has_begun;
	bool is_ready;
};

/* Tells the service manager how all devices are. */
static void tell(struct daemon *daemon)
{
	const struct keeper *keeper;
	char text[STATUS_BYTES];
	bool settled = true;
	size_t length = 0;

	for (keeper = daemon->keepers; keeper; keeper = keeper->next) {
		if (length && length + 2 < sizeof(text))
			length += (size_t)snprintf(text + length,
						   sizeof(text) - length, "; ");
		keeper_describe(keeper, text + length, sizeof(text) - length);
		length += strlen(text + length);
		settled &= keeper->is_settled;
	}
	if (!length || !daemon->has_begun)
		return;
	notify("%sSTATUS=%s", settled && !daemon->is_ready ? "READY=1\n" : "", text);
	daemon->is_ready |= settled;
}

static void told(struct keeper *changed)
{
	tell(changed->data);
}

static void look(struct loop_timer *timer)
{
	struct daemon *daemon = timer->data;

	for (struct keeper *keeper = daemon->keepers; keeper; keeper = keeper->next)
		keeper_look(keeper);
}

/* What our own devices do is of interest only when one comes, goes or is renamed. */
static void links_changed(void *data, uint32_t ifindex, bool gone)
{
	struct daemon *daemon = data;
	const struct keeper *keeper;
	char name[IF_NAMESIZE];

	for (keeper = daemon->keepers; keeper; keeper = keeper->next)
		if (keeper->is_open && keeper->all.device.ifindex == ifindex && !gone &&
		    if_indextoname(ifindex, name) && !strcmp(name, keeper->name))
			return;
	/* Changes without an end are not to put it off for ever. */
	if (!loop_timer_is_set(daemon->service.loop, &daemon->look))
		loop_timer_set(daemon->service.loop, &daemon->look, SETTLE);
}

static void heard(void *data, const json_t *event)
{
	struct daemon *daemon = data;

	for (struct keeper *keeper = daemon->keepers; keeper; keeper = keeper->next)
		keeper_hear(keeper, event);
}

static struct keeper *new_keeper(struct daemon *daemon, const char *name)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (!keeper) {
		report(STATUS_FAILED, "no memory");
		return NULL;
	}
	keeper->loop = daemon->service.loop;
	snprintf(keeper->name, sizeof(keeper->name), "%s", name);
	keeper->told = told;
	keeper->data = daemon;
	return keeper;
}

/* A keeper by the configuration file of its device. */
static enum status begin_from_file(struct daemon *daemon, const char *name,
				   struct keeper **keeper)
{
	enum status status;

	*keeper = new_keeper(daemon, name);
	if (!*keeper)
		return STATUS_FAILED;
	status = config_load(name, &(*keeper)->config);
	if (status == STATUS_OK)
		status = bring_up_locked(name, (*keeper)->config);
	if (status == STATUS_OK)
		status = keeper_begin(*keeper);
	if (status == STATUS_OK)
		return STATUS_OK;
	keeper_free(*keeper);
	*keeper = NULL;
	return status;
}

/* Where a file makes no sense any more, all goes on as it was. */
static void reload(void *data)
{
	struct daemon *daemon = data;
	struct keeper **place = &daemon->keepers;
	struct keeper *old, *new;

	if (!daemon->from_files) {
		report_note("there is no configuration file to read again");
		return;
	}
	notify("RELOADING=1\nMONOTONIC_USEC=%llu", notify_monotonic());
	for (; *place; place = &(*place)->next) {
		old = *place;
		if (begin_from_file(daemon, old->name, &new) != STATUS_OK) {
			report_warning("%s: goes on with the configuration that it had",
				       old->name);
			continue;
		}
		new->next = old->next;
		*place = new;
		keeper_free(old);
		report_note("%s: has its configuration anew", new->name);
	}
	notify("READY=1");
}

/* Begins with the devices, by their files or, of one, by the command line. */
static enum status begin(struct daemon *daemon, char **names, int count,
			 struct config *config)
{
	struct keeper **place = &daemon->keepers;
	enum status status = STATUS_OK;

	daemon->from_files = !config;
	for (int i = 0; i < count && status == STATUS_OK && daemon->from_files; i++) {
		status = begin_from_file(daemon, names[i], place);
		if (status == STATUS_OK)
			place = &(*place)->next;
	}
	if (daemon->from_files)
		return status;
	*place = new_keeper(daemon, names[0]);
	if (!*place) {
		config_free(config);
		return STATUS_FAILED;
	}
	(*place)->config = config;
	status = config_check(config, names[0]);
	(*place)->all.config = config;
	if (status == STATUS_OK)
		status = uplinks_read_input(&(*place)->all, daemon->service.signals.watch.fd, 0);
	return status == STATUS_OK ? keeper_begin(*place) : status;
}

static void clean_up(struct daemon *daemon)
{
	struct keeper *keeper;

	while ((keeper = daemon->keepers)) {
		daemon->keepers = keeper->next;
		keeper_free(keeper);
	}
	service_end(&daemon->service);
}

/* Takes over the configuration. */
static enum status run_daemon(char **names, int count, struct config *config)
{
	struct daemon daemon = {
		.service = {
			.reload = reload, .heard = heard,
			.links_changed = links_changed, .data = &daemon,
		},
		.look = { .fire = look, .data = &daemon },
	};
	enum status status;

	status = service_begin(&daemon.service);
	if (status == STATUS_OK) {
		status = begin(&daemon, names, count, config);
	} else {
		config_free(config);
	}
	daemon.has_begun = status == STATUS_OK;
	tell(&daemon);
	if (status == STATUS_OK)
		status = service_run(&daemon.service);
	clean_up(&daemon);
	return status;
}

static enum status run(const struct command *command, int argc, char **argv)
{
	struct option table[CONFIG_KEYS + 2] = {
		{ "quiet", no_argument, NULL, 'q' },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = OPTIONS_OPERANDS,
	};
	struct config *config;
	enum status status;
	bool given = false;
	int option;

	config_options(CONFIG_LINK, table + 1);
	status = config_new(CONFIG_LINK, &config);
	while (status == STATUS_OK && (option = options_next(&options)) != OPTIONS_END) {
		if (option == OPTIONS_STOP) {
			status = options.status;
			goto out;
		} else if (option == 'q') {
			report_quietly();
		} else {
			given = true;
			status = config_option(config, option, optarg);
		}
	}
	if (status == STATUS_OK && given && options.operands_found > 1)
		status = report_usage("options are for one device; several have their files");
	if (status != STATUS_OK)
		goto out;
	if (given) {
		status = run_daemon(options.operands, 1, config);
		config = NULL;
	} else {
		status = run_daemon(options.operands, options.operands_found, NULL);
	}
out:
	config_free(config);
	return status;
}

const struct command command_daemon = {
	.name = "daemon",
	.synopsis = "NAME... | DEV OPTION...",
	.summary = SUMMARY_DAEMON,
	.details =
		"  --quiet                     say nothing but what went wrong\n"
		"All keys of snaptun.conf(5) but those of token-command are options, too. Those of the\n"
		"device have no effect here:\n",
	.print_more = config_help_link,
	.run = run,
};
