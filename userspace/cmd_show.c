// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun show: look at devices, their tunnels, control planes and identities. */
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
			error = expand(netlink, device, "control-planes",
				       SNAPTUN_CMD_CONTROL_PLANE_GET);
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

/* Fills an array with one tunnel. */
static enum status collect_tunnel(struct netlink *netlink, uint32_t ifindex,
				  uint32_t id, json_t *tunnels)
{
	netlink_begin(netlink, SNAPTUN_CMD_TUNNEL_GET, 0, ifindex);
	netlink_put_u32(netlink, SNAPTUN_A_TUNNEL_ID, id);
	return netlink_call(netlink, tunnels) ? netlink_failed(netlink) : STATUS_OK;
}

static enum status print_json(const json_t *array)
{
	if (json_dumpf(array, stdout, JSON_INDENT(2)) < 0)
		return report(STATUS_FAILED, "cannot write the answer");
	printf("\n");
	return STATUS_OK;
}

/* What the command line asks for. */
struct request {
	const char *device;
	bool has_id;
	uint32_t id;
	bool json;
	enum output_form form;
};

static enum status show(struct netlink *netlink, uint32_t ifindex,
			const struct request *request)
{
	json_t *array = json_array();
	enum status status;

	status = request->has_id ?
		 collect_tunnel(netlink, ifindex, request->id, array) :
		 collect(netlink, ifindex, array);
	if (status == STATUS_OK && request->json)
		status = print_json(array);
	else if (status == STATUS_OK && request->has_id)
		output_tunnels(request->device, array, request->form);
	else if (status == STATUS_OK)
		output_devices(array, request->form);
	json_decref(array);
	return status;
}

static enum status run(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "brief", no_argument, NULL, 'b' },
		{ "details", no_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_max = 2,
	};
	struct request request = { .form = OUTPUT_USUAL };
	enum status status = STATUS_OK;
	struct netlink *netlink;
	uint32_t ifindex = 0;
	int chosen = 0;
	int option;

	while ((option = options_next(&options)) > 0) {
		if (chosen && chosen != option)
			return report_usage("--json, --brief and --details exclude each other");
		chosen = option;
	}
	if (option == OPTIONS_STOP)
		return options.status;
	request.json = chosen == 'j';
	if (chosen == 'b')
		request.form = OUTPUT_BRIEF;
	if (chosen == 'd')
		request.form = OUTPUT_DETAILS;
	request.device = options.operands[0];
	request.has_id = options.operands[1];
	if (request.has_id)
		status = options_number("id", options.operands[1], 0, UINT32_MAX,
					&request.id);
	if (status == STATUS_OK)
		status = request.device ?
			 netlink_open_device(request.device, &ifindex, &netlink) :
			 netlink_open(&netlink);
	if (status != STATUS_OK)
		return status;
	status = show(netlink, ifindex, &request);
	netlink_close(netlink);
	return status;
}

const struct command command_show = {
	.name = "show",
	.synopsis = "[DEV [ID]] [--json|--brief|--details]",
	.summary = "Show a tunnel, a device, or all of this network namespace",
	.details =
		"  --json     print an array with everything that is known\n"
		"  --brief    one line for each tunnel, control plane and identity\n"
		"  --details  all of each, also where there are many\n",
	.run = run,
};
