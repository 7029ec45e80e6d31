// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun connect and disconnect: tunnels to SNAPs, for the device that is there. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "command.h"
#include "config.h"
#include "connect.h"
#include "device.h"
#include "format.h"
#include "options.h"
#include "report.h"
#include "url.h"

static enum status run_connect(const struct command *command, int argc, char **argv)
{
	struct option table[CONFIG_KEYS + 4] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	uint32_t timeout = CONNECT_TIMEOUT;
	struct config *config;
	enum status status;
	bool json = false;
	int option;

	config_options(CONFIG_LINK, table + 3);
	status = config_new(CONFIG_LINK, &config);
	while (status == STATUS_OK && (option = options_next(&options)) != OPTIONS_END) {
		if (option == OPTIONS_STOP) {
			status = options.status;
			goto out;
		} else if (option == 't') {
			status = options_number("--timeout", optarg, 0,
						CONNECT_TIMEOUT_MAX, &timeout);
		} else if (option == 'j') {
			json = true;
		} else if (option == 'q') {
			report_quietly();
		} else {
			status = config_option(config, option, optarg);
		}
	}
	if (status == STATUS_OK)
		status = config_check(config, options.operands[0]);
	if (status == STATUS_OK)
		status = connect_device(options.operands[0], config, timeout, json);
out:
	config_free(config);
	return status;
}

const struct command command_connect = {
	.name = "connect",
	.synopsis = "DEV [OPTION...]",
	.summary = SUMMARY_CONNECT,
	.details =
		"  --timeout SECONDS           how long it may take, 0 for ever; 120 by default\n"
		"  --json                      print all that is known of the tunnels\n"
		"  --quiet                     say nothing but what went wrong\n"
		"All keys of snaptun.conf(5) but those of token-command are options, too. Those of the\n"
		"device have no effect here:\n",
	.print_more = config_help_link,
	.run = run_connect,
};

/* Whether a tunnel counts on a control plane, and on this one, if one is named. */
static bool counts_on(const json_t *tunnel, const json_t *planes, const char *url)
{
	const json_t *plane;
	size_t i;

	if (!json_object_get(tunnel, "control-plane"))
		return false;
	if (!url)
		return true;
	json_array_foreach(planes, i, plane)
		if (member_number(plane, "id") == member_number(tunnel, "control-plane"))
			return !strcmp(member_text(plane, "url"), url);
	return false;
}

static enum status disconnect(struct device *device, const char *url)
{
	json_t *tunnels = NULL;
	json_t *planes;
	json_t *tunnel;
	enum status status;
	size_t i;

	status = device_list(device, SNAPTUN_CMD_CONTROL_PLANE_GET, &planes);
	if (status == STATUS_OK)
		status = device_list(device, SNAPTUN_CMD_TUNNEL_GET, &tunnels);
	json_array_foreach(tunnels, i, tunnel) {
		if (status == STATUS_OK && counts_on(tunnel, planes, url))
			status = device_remove_tunnel(device, (uint32_t)
						      member_number(tunnel, "id"));
	}
	json_decref(tunnels);
	json_decref(planes);
	return status;
}

static enum status run_disconnect(const struct command *command, int argc,
				  char **argv)
{
	static const struct option table[] = {
		{ "snap", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	enum status status = STATUS_OK;
	const char *text = NULL;
	struct device device;
	struct url url;
	int option;

	while ((option = options_next(&options)) > 0)
		text = optarg;
	if (option == OPTIONS_STOP)
		return options.status;
	if (text)
		status = url_option("--snap", text, &url);
	if (status != STATUS_OK)
		return status;
	status = device_open(options.operands[0], &device);
	if (status == STATUS_OK)
		status = disconnect(&device, text ? url.text : NULL);
	device_close(&device);
	return status;
}

const struct command command_disconnect = {
	.name = "disconnect",
	.synopsis = "DEV [--snap URL]",
	.summary = SUMMARY_DISCONNECT,
	.details =
		"  --snap URL  those alone that count on this control plane\n",
	.run = run_disconnect,
};
