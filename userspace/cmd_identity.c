// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun identity add, identity set and identity del: who may start tunnels. */
#include <getopt.h>

#include <linux/snaptun.h>

#include "command.h"
#include "key.h"
#include "netlink.h"
#include "options.h"
#include "report.h"
#include "settings.h"

/* Makes an identity, or changes one. */
static enum status send_settings(const char *device, uint8_t request,
				 const uint8_t *key,
				 const struct settings *settings)
{
	struct netlink *netlink;
	enum status status;
	uint32_t ifindex;

	status = netlink_open_device(device, &ifindex, &netlink);
	if (status != STATUS_OK)
		return status;
	netlink_begin(netlink, request, 0, ifindex);
	netlink_put(netlink, SNAPTUN_A_IDENTITY_KEY, key, SNAPTUN_KEY_LEN);
	settings_put(settings, netlink, &settings_of_identities);
	if (netlink_call(netlink, NULL))
		status = netlink_failed(netlink);
	netlink_close(netlink);
	return status;
}

/* Reads a command line with the options of this table, and does what it asks for. */
static enum status run_settings(const struct command *command, int argc,
				char **argv, const struct option *table,
				uint8_t request)
{
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	struct settings settings = { .psk_file = NULL };
	uint8_t key[SNAPTUN_KEY_LEN];
	const char *key_text = NULL;
	enum status status;
	int option;

	while ((option = options_next(&options)) > 0) {
		if (option == 'k') {
			key_text = optarg;
			continue;
		}
		status = settings_option(&settings, option, optarg);
		if (status != STATUS_OK)
			return status;
	}
	if (option == OPTIONS_STOP)
		return options.status;
	status = key_option("--key", key_text, key);
	if (status == STATUS_OK && request == SNAPTUN_CMD_IDENTITY_SET &&
	    !settings_any(&settings))
		status = report_usage("nothing to set: no option but --key is given");
	if (status == STATUS_OK)
		status = settings_read_psk(&settings);
	if (status == STATUS_OK)
		status = send_settings(options.operands[0], request, key, &settings);
	settings_wipe(&settings);
	return status;
}

static enum status run_add(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "key", required_argument, NULL, 'k' },
		SETTINGS_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};

	return run_settings(command, argc, argv, table, SNAPTUN_CMD_IDENTITY_NEW);
}

const struct command command_identity_add = {
	.name = "identity add",
	.synopsis = "DEV --key KEY [OPTION...]",
	.summary = "Let the owner of a key start tunnels to a device",
	.details =
		"  --key KEY                   the owner's public key\n"
		SETTINGS_HELP,
	.run = run_add,
};

static enum status run_set(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "key", required_argument, NULL, 'k' },
		SETTINGS_CHANGE_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};

	return run_settings(command, argc, argv, table, SNAPTUN_CMD_IDENTITY_SET);
}

const struct command command_identity_set = {
	.name = "identity set",
	.synopsis = "DEV --key KEY OPTION...",
	.summary = "Change an identity and its tunnels; all options together, or none",
	.details =
		"  --key KEY                   the owner's public key\n"
		SETTINGS_CHANGE_HELP,
	.run = run_set,
};

static enum status run_del(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "key", required_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	uint8_t key[SNAPTUN_KEY_LEN];
	const char *key_text = NULL;
	struct netlink *netlink;
	enum status status;
	uint32_t ifindex;
	int option;

	while ((option = options_next(&options)) > 0)
		key_text = optarg;
	if (option == OPTIONS_STOP)
		return options.status;
	status = key_option("--key", key_text, key);
	if (status == STATUS_OK)
		status = netlink_open_device(options.operands[0], &ifindex, &netlink);
	if (status != STATUS_OK)
		return status;
	netlink_begin(netlink, SNAPTUN_CMD_IDENTITY_DEL, 0, ifindex);
	netlink_put(netlink, SNAPTUN_A_IDENTITY_KEY, key, sizeof(key));
	if (netlink_call(netlink, NULL))
		status = netlink_failed(netlink);
	netlink_close(netlink);
	return status;
}

const struct command command_identity_del = {
	.name = "identity del",
	.synopsis = "DEV --key KEY",
	.summary = "Take that permission back and remove the owner's tunnels",
	.details =
		"  --key KEY  the owner's public key\n",
	.run = run_del,
};
