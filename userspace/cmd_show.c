// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun show: look at devices, their tunnels and identities. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <linux/netlink.h>
#include <linux/snaptun.h>

#include "command.h"
#include "netlink.h"
#include "options.h"
#include "output.h"
#include "report.h"

/*
 * Puts an array of the things themselves where the device's object has their
 * number. Returns 0, or the errno value of a call that failed.
 */
static int expand(struct netlink *netlink, json_t *device, const char *name,
		  uint8_t command)
{
	uint32_t ifindex = (uint32_t)
		json_integer_value(json_object_get(device, "ifindex"));
	json_t *list = json_array();
	int error;

	netlink_begin(netlink, command, NLM_F_DUMP, ifindex);
	error = netlink_call(netlink, list);
	json_object_set_new(device, name, list);
	return error;
}

/* Fills an array with one device, or with all of them where ifindex is 0. */
static enum status collect(struct netlink *netlink, uint32_t ifindex,
			   json_t *devices)
{
	size_t i = 0;

	netlink_begin(netlink, SNAPTUN_CMD_DEVICE_GET,
		      ifindex ? 0 : NLM_F_DUMP, ifindex);
	if (netlink_call(netlink, devices))
		return netlink_failed(netlink);
	while (i < json_array_size(devices)) {
		json_t *device = json_array_get(devices, i);
		int error;

		error = expand(netlink, device, "tunnels", SNAPTUN_CMD_TUNNEL_GET);
		if (!error)
			error = expand(netlink, device, "identities",
				       SNAPTUN_CMD_IDENTITY_GET);
		if (error == ENODEV && !ifindex) {
			/* Removed meanwhile, so it is none of all devices. */
			json_array_remove(devices, i);
			continue;
		}
		if (error)
			return netlink_failed(netlink);
		i++;
	}
	return STATUS_OK;
}

static enum status show(struct netlink *netlink, uint32_t ifindex, bool json)
{
	json_t *devices = json_array();
	enum status status;

	status = collect(netlink, ifindex, devices);
	if (status == STATUS_OK && json) {
		if (json_dumpf(devices, stdout, JSON_INDENT(2)) < 0)
			status = report(STATUS_FAILED, "cannot write the answer");
		else
			printf("\n");
	} else if (status == STATUS_OK) {
		output_devices(devices);
	}
	json_decref(devices);
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
	struct netlink *netlink;
	uint32_t ifindex = 0;
	enum status status;
	bool json = false;
	int option;

	while ((option = options_next(&options)) > 0)
		json = true;
	if (option == OPTIONS_STOP)
		return options.status;
	if (options.operands[0])
		status = netlink_open_device(options.operands[0], &ifindex, &netlink);
	else
		status = netlink_open(&netlink);
	if (status != STATUS_OK)
		return status;
	status = show(netlink, ifindex, json);
	netlink_close(netlink);
	return status;
}

const struct command command_show = {
	.name = "show",
	.synopsis = "[DEV] [--json]",
	.summary = "Show a device, or all of this network namespace",
	.details =
		"  --json  print an array of devices with everything that is known\n",
	.run = run,
};
