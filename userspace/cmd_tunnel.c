// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun tunnel add, tunnel set and tunnel del: make, change and remove tunnels. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <linux/snaptun.h>

#include "address.h"
#include "command.h"
#include "key.h"
#include "netlink.h"
#include "options.h"
#include "report.h"
#include "settings.h"

#define FIXED_ADDRESS_HELP						\
	"  --fixed-address on|off      whether another assigned address closes the tunnel\n"

/* What can be set of a tunnel when it is made, and later; no text where there is no URL. */
struct tunnel_settings {
	bool has_default;
	uint32_t is_default;
	bool has_fixed_address;
	uint32_t fixed_address;
	const char *control_plane;
	struct settings settings;
};

static void put_settings(const struct tunnel_settings *settings,
			 struct netlink *netlink)
{
	if (settings->has_default)
		netlink_put_u8(netlink, SNAPTUN_A_TUNNEL_DEFAULT,
			       (uint8_t)settings->is_default);
	if (settings->has_fixed_address)
		netlink_put_u8(netlink, SNAPTUN_A_TUNNEL_FIXED_ADDRESS,
			       (uint8_t)settings->fixed_address);
	if (settings->control_plane)
		netlink_put(netlink, SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL,
			    settings->control_plane,
			    strlen(settings->control_plane) + 1);
	settings_put(&settings->settings, netlink, &settings_of_tunnels);
}

static enum status take_fixed_address(struct tunnel_settings *settings)
{
	settings->has_fixed_address = true;
	return options_switch("--fixed-address", optarg,
			      &settings->fixed_address);
}

/* The kernel judges what a URL is; it takes an empty one for none. */
static enum status take_control_plane(struct tunnel_settings *settings)
{
	settings->control_plane = optarg;
	if (!*optarg)
		return report_usage("--control-plane: the URL is empty");
	if (strlen(optarg) > SNAPTUN_URL_MAX)
		return report_usage("--control-plane: longer than %d characters",
				    SNAPTUN_URL_MAX);
	return STATUS_OK;
}

/* What the command line of `tunnel add` asks for. */
struct tunnel {
	const char *device;
	uint8_t remote_key[SNAPTUN_KEY_LEN];
	struct address endpoint;
	bool has_local_port;
	uint32_t local_port;
	struct tunnel_settings settings;
};

static enum status add(struct tunnel *tunnel)
{
	struct netlink *netlink;
	json_t *answers;
	enum status status;
	uint32_t ifindex;

	status = netlink_open_device(tunnel->device, &ifindex, &netlink);
	if (status != STATUS_OK)
		return status;
	status = address_look_up("--endpoint", &tunnel->endpoint);
	if (status != STATUS_OK) {
		netlink_close(netlink);
		return status;
	}
	answers = json_array();
	netlink_begin(netlink, SNAPTUN_CMD_TUNNEL_NEW, 0, ifindex);
	netlink_put(netlink, SNAPTUN_A_TUNNEL_REMOTE_KEY, tunnel->remote_key,
		    SNAPTUN_KEY_LEN);
	address_put(netlink, SNAPTUN_A_TUNNEL_ENDPOINT, &tunnel->endpoint);
	if (tunnel->has_local_port)
		netlink_put_u16(netlink, SNAPTUN_A_TUNNEL_LOCAL_PORT,
				(uint16_t)tunnel->local_port);
	put_settings(&tunnel->settings, netlink);
	if (netlink_call(netlink, answers))
		status = netlink_failed(netlink);
	else
		printf("%lld\n", (long long)
		       json_integer_value(json_object_get(json_array_get(answers, 0),
							  "id")));
	json_decref(answers);
	netlink_close(netlink);
	return status;
}

static enum status run_add(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "remote-key", required_argument, NULL, 'r' },
		{ "endpoint", required_argument, NULL, 'e' },
		{ "local-port", required_argument, NULL, 'l' },
		{ "default", no_argument, NULL, 'd' },
		{ "fixed-address", required_argument, NULL, 'f' },
		{ "control-plane", required_argument, NULL, 'c' },
		SETTINGS_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	struct tunnel tunnel = { .device = NULL };
	const char *remote_key = NULL;
	bool has_endpoint = false;
	enum status status = STATUS_OK;
	int option;

	while ((option = options_next(&options)) > 0) {
		switch (option) {
		case 'r':
			remote_key = optarg;
			break;
		case 'e':
			has_endpoint = true;
			status = address_option("--endpoint", optarg, &tunnel.endpoint);
			break;
		case 'l':
			tunnel.has_local_port = true;
			status = options_number("--local-port", optarg, 0, UINT16_MAX,
						&tunnel.local_port);
			break;
		case 'd':
			tunnel.settings.has_default = true;
			tunnel.settings.is_default = 1;
			break;
		case 'f':
			status = take_fixed_address(&tunnel.settings);
			break;
		case 'c':
			status = take_control_plane(&tunnel.settings);
			break;
		default:
			status = settings_option(&tunnel.settings.settings,
						 option, optarg);
		}
		if (status != STATUS_OK)
			return status;
	}
	if (option == OPTIONS_STOP)
		return options.status;
	tunnel.device = options.operands[0];
	status = key_option("--remote-key", remote_key, tunnel.remote_key);
	if (status == STATUS_OK && !has_endpoint)
		status = report_usage("--endpoint is missing");
	if (status == STATUS_OK)
		status = settings_read_psk(&tunnel.settings.settings);
	if (status == STATUS_OK)
		status = add(&tunnel);
	settings_wipe(&tunnel.settings.settings);
	return status;
}

const struct command command_tunnel_add = {
	.name = "tunnel add",
	.synopsis = "DEV --remote-key KEY --endpoint HOST:PORT [OPTION...]",
	.summary = "Make a tunnel and print its id",
	.details =
		"  --remote-key KEY            the other side's public key\n"
		"  --endpoint HOST:PORT        the other side's socket address; an IPv6 address\n"
		"                              stands in brackets, with %SCOPE where it needs one;\n"
		"                              a name is looked up once\n"
		"  --local-port PORT           UDP port of this side; chosen where it is left out\n"
		"  --default                   send what belongs to no other tunnel through this one\n"
		FIXED_ADDRESS_HELP
		"  --control-plane URL         send nothing before the device is registered there\n"
		SETTINGS_HELP,
	.run = run_add,
};

static enum status change(const char *device, uint32_t id,
			  const struct tunnel_settings *settings)
{
	struct netlink *netlink;
	enum status status;
	uint32_t ifindex;

	status = netlink_open_device(device, &ifindex, &netlink);
	if (status != STATUS_OK)
		return status;
	netlink_begin(netlink, SNAPTUN_CMD_TUNNEL_SET, 0, ifindex);
	netlink_put_u32(netlink, SNAPTUN_A_TUNNEL_ID, id);
	put_settings(settings, netlink);
	if (netlink_call(netlink, NULL))
		status = netlink_failed(netlink);
	netlink_close(netlink);
	return status;
}

static enum status run_set(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "default", required_argument, NULL, 'd' },
		{ "fixed-address", required_argument, NULL, 'f' },
		{ "control-plane", required_argument, NULL, 'c' },
		SETTINGS_CHANGE_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 2, .operands_max = 2,
	};
	struct tunnel_settings settings = { .has_default = false };
	enum status status = STATUS_OK;
	uint32_t id;
	int option;

	while ((option = options_next(&options)) > 0) {
		switch (option) {
		case 'd':
			settings.has_default = true;
			status = options_switch("--default", optarg,
						&settings.is_default);
			break;
		case 'f':
			status = take_fixed_address(&settings);
			break;
		case 'c':
			status = take_control_plane(&settings);
			if (!strcmp(optarg, "none"))
				settings.control_plane = "";
			break;
		default:
			status = settings_option(&settings.settings, option,
						 optarg);
		}
		if (status != STATUS_OK)
			return status;
	}
	if (option == OPTIONS_STOP)
		return options.status;
	status = options_number("id", options.operands[1], 0, UINT32_MAX, &id);
	if (status == STATUS_OK && !settings.has_default &&
	    !settings.has_fixed_address && !settings.control_plane &&
	    !settings_any(&settings.settings))
		status = report_usage("nothing to set: no option is given");
	if (status == STATUS_OK)
		status = settings_read_psk(&settings.settings);
	if (status == STATUS_OK)
		status = change(options.operands[0], id, &settings);
	settings_wipe(&settings.settings);
	return status;
}

const struct command command_tunnel_set = {
	.name = "tunnel set",
	.synopsis = "DEV ID OPTION...",
	.summary = "Change a tunnel; all options take effect together, or none",
	.details =
		"  --default on|off            whether what belongs to no other tunnel takes this one\n"
		FIXED_ADDRESS_HELP
		"  --control-plane URL|none    send nothing before the device is registered there\n"
		SETTINGS_CHANGE_HELP,
	.run = run_set,
};

static enum status run_del(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = { { NULL, 0, NULL, 0 } };
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 2, .operands_max = 2,
	};
	struct netlink *netlink;
	enum status status;
	uint32_t ifindex;
	uint32_t id;

	if (options_next(&options) == OPTIONS_STOP)
		return options.status;
	status = options_number("id", options.operands[1], 0, UINT32_MAX, &id);
	if (status == STATUS_OK)
		status = netlink_open_device(options.operands[0], &ifindex, &netlink);
	if (status != STATUS_OK)
		return status;
	netlink_begin(netlink, SNAPTUN_CMD_TUNNEL_DEL, 0, ifindex);
	netlink_put_u32(netlink, SNAPTUN_A_TUNNEL_ID, id);
	if (netlink_call(netlink, NULL))
		status = netlink_failed(netlink);
	netlink_close(netlink);
	return status;
}

const struct command command_tunnel_del = {
	.name = "tunnel del",
	.synopsis = "DEV ID",
	.summary = "Remove the tunnel with this id",
	.run = run_del,
};
