// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun up and down: a link to SNAPs as its file says, from nothing, and back. */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "bring_up.h"
#include "command.h"
#include "config.h"
#include "connect.h"
#include "lock.h"
#include "options.h"
#include "report.h"
#include "signals.h"

/**
 * struct request - what is asked for
 * @name: The link's name.
 * @timeout: How long all may take, in seconds; 0 for as long as it takes.
 * @json: Print all that is known of the tunnels.
 * @connect: Make tunnels, too.
 */
struct request {
	const char *name;
	uint32_t timeout;
	bool json;
	bool connect;
};

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time);
	return time.tv_sec;
}

/* With the lock held, since that time. */
static enum status bring_up_and_connect(const struct request *request,
					const struct config *config, time_t since)
{
	uint32_t timeout = request->timeout;
	enum status status;
	uint32_t passed;
	bool made;

	status = bring_up(request->name, config, &made);
	if (status != STATUS_OK || !request->connect)
		return status;
	passed = (uint32_t)(now() - since);
	if (timeout)
		timeout = passed < timeout ? timeout - passed : 1;
	status = connect_device(request->name, config, timeout, request->json);
	if (status != STATUS_OK && made)
		bring_down(request->name);
	return status;
}

static enum status up(const struct request *request)
{
	time_t since = now();
	struct config *config;
	enum status status;
	int lock = -1;

	status = config_load(request->name, &config);
	/* One that comes now is taken when what it would leave half-made is whole. */
	if (status == STATUS_OK)
		status = signals_hold();
	if (status == STATUS_OK)
		status = lock_take(request->name, request->timeout, &lock);
	if (status == STATUS_OK)
		status = bring_up_and_connect(request, config, since);
	lock_drop(lock);
	config_free(config);
	return status;
}

static enum status run_up(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "no-connect", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	struct request request = { .timeout = CONNECT_TIMEOUT, .connect = true };
	enum status status = STATUS_OK;
	int option;

	while (status == STATUS_OK && (option = options_next(&options)) != OPTIONS_END) {
		if (option == OPTIONS_STOP)
			return options.status;
		if (option == 't')
			status = options_number("--timeout", optarg, 0,
						CONNECT_TIMEOUT_MAX, &request.timeout);
		else if (option == 'j')
			request.json = true;
		else if (option == 'q')
			report_quietly();
		else
			request.connect = false;
	}
	request.name = options.operands[0];
	return status == STATUS_OK ? up(&request) : status;
}

const struct command command_up = {
	.name = "up",
	.synopsis = "NAME [OPTION...]",
	.summary = SUMMARY_UP,
	.details =
		"  --timeout SECONDS  how long it may take, 0 for ever; 120 by default\n"
		"  --json             print all that is known of the tunnels\n"
		"  --quiet            say nothing but what went wrong\n"
		"  --no-connect       only the device, its key, addresses and routes\n",
	.run = run_up,
};

static enum status run_down(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = { { NULL, 0, NULL, 0 } };
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	enum status status;

	if (options_next(&options) == OPTIONS_STOP)
		return options.status;
	status = config_name("name", options.operands[0]);
	return status == STATUS_OK ? bring_down(options.operands[0]) : status;
}

const struct command command_down = {
	.name = "down",
	.synopsis = "DEV",
	.summary = SUMMARY_DOWN,
	.run = run_down,
};
