// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun identity add, identity set and identity del: who may start tunnels. */
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include <linux/snaptun.h>

#include "command.h"
#include "key.h"
#include "netlink.h"
#include "options.h"
#include "report.h"
#include "settings.h"

#define AUTHORISATION_OPTIONS						\
	{ "lifetime", required_argument, NULL, 'l' },			\
	{ "tag", required_argument, NULL, 't' }

#define LIFETIME_HELP							\
	"  --lifetime SECONDS|unlimited  how long it is authorised, from now on"

#define TAG_HELP							\
	"  --tag TEXT                  name of that authorisation; empty where it is left out\n"

/* One reason why an identity is authorised. */
struct authorisation {
	bool has_lifetime;
	bool unlimited;
	uint32_t seconds;
	const char *tag;
};

/* What a command line says of an identity. */
struct identity {
	const char *key_text;
	struct authorisation authorisation;
	struct settings settings;
};

static enum status take_lifetime(struct authorisation *authorisation)
{
	authorisation->has_lifetime = true;
	authorisation->unlimited = !strcmp(optarg, "unlimited");
	if (authorisation->unlimited ||
	    options_scan(optarg, 10, UINT32_MAX, &authorisation->seconds))
		return STATUS_OK;
	return report_usage("--lifetime: \"%.64s\" is neither \"unlimited\" nor a number of seconds up to %u",
			    key_hide(optarg), UINT32_MAX);
}

static enum status take_tag(struct authorisation *authorisation)
{
	authorisation->tag = optarg;
	if (strlen(optarg) > SNAPTUN_AUTHORISATION_TAG_MAX)
		return report_usage("--tag: longer than %d bytes",
				    SNAPTUN_AUTHORISATION_TAG_MAX);
	return STATUS_OK;
}

static void put_authorisation(const struct authorisation *authorisation,
			      struct netlink *netlink)
{
	const char *tag = authorisation->tag ? authorisation->tag : "";

	if (!authorisation->has_lifetime)
		return;
	netlink_nest_begin(netlink, SNAPTUN_A_IDENTITY_AUTHORISATIONS);
	netlink_nest_begin(netlink, SNAPTUN_A_AUTHORISATIONS_AUTHORISATION);
	netlink_put(netlink, SNAPTUN_A_AUTHORISATION_TAG, tag, strlen(tag));
	if (!authorisation->unlimited)
		netlink_put_u64(netlink, SNAPTUN_A_AUTHORISATION_LIFETIME,
				authorisation->seconds * UINT64_C(1000));
	netlink_nest_end(netlink);
	netlink_nest_end(netlink);
}

/* Makes an identity, or changes one. */
static enum status send_settings(const char *device, uint8_t request,
				 const uint8_t *key,
				 const struct identity *identity)
{
	struct netlink *netlink;
	enum status status;
	uint32_t ifindex;

	status = netlink_open_device(device, &ifindex, &netlink);
	if (status != STATUS_OK)
		return status;
	netlink_begin(netlink, request, 0, ifindex);
	netlink_put(netlink, SNAPTUN_A_IDENTITY_KEY, key, SNAPTUN_KEY_LEN);
	put_authorisation(&identity->authorisation, netlink);
	settings_put(&identity->settings, netlink, &settings_of_identities);
	if (netlink_call(netlink, NULL))
		status = netlink_failed(netlink);
	netlink_close(netlink);
	return status;
}

static enum status take_option(struct identity *identity, int option)
{
	switch (option) {
	case 'k':
		identity->key_text = optarg;
		return STATUS_OK;
	case 'l':
		return take_lifetime(&identity->authorisation);
	case 't':
		return take_tag(&identity->authorisation);
	default:
		return settings_option(&identity->settings, option, optarg);
	}
}

/* What options cannot say alone. */
static enum status check(const struct identity *identity, uint8_t request)
{
	const struct authorisation *authorisation = &identity->authorisation;

	if (authorisation->tag && !authorisation->has_lifetime)
		return report_usage("--tag takes --lifetime as well");
	if (request == SNAPTUN_CMD_IDENTITY_NEW && authorisation->has_lifetime &&
	    !authorisation->unlimited && !authorisation->seconds)
		return report_usage("--lifetime: a new identity is authorised for 1 second or more");
	if (request == SNAPTUN_CMD_IDENTITY_SET && !authorisation->has_lifetime &&
	    !settings_any(&identity->settings))
		return report_usage("nothing to set: no option but --key is given");
	return STATUS_OK;
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
	struct identity identity = { .key_text = NULL };
	uint8_t key[SNAPTUN_KEY_LEN];
	enum status status;
	int option;

	while ((option = options_next(&options)) > 0) {
		status = take_option(&identity, option);
		if (status != STATUS_OK)
			return status;
	}
	if (option == OPTIONS_STOP)
		return options.status;
	status = key_option("--key", identity.key_text, key);
	if (status == STATUS_OK)
		status = check(&identity, request);
	if (status == STATUS_OK)
		status = settings_read_psk(&identity.settings);
	if (status == STATUS_OK)
		status = send_settings(options.operands[0], request, key, &identity);
	settings_wipe(&identity.settings);
	return status;
}

static enum status run_add(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "key", required_argument, NULL, 'k' },
		AUTHORISATION_OPTIONS,
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
		LIFETIME_HELP "\n"
		TAG_HELP
		SETTINGS_HELP,
	.run = run_add,
};

static enum status run_set(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "key", required_argument, NULL, 'k' },
		AUTHORISATION_OPTIONS,
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
		LIFETIME_HELP "; 0 ends it\n"
		TAG_HELP
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
