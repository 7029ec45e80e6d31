// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun set: change a device, all of it in one request. */
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include <linux/snaptun.h>

#include "command.h"
#include "key.h"
#include "netlink.h"
#include "options.h"
#include "report.h"

/* The options that are numbers, each with the attribute that it travels in. */
static const struct number_option {
	char option;
	const char *name;
	int type;
	uint32_t min;
} numbers[] = {
	{ 'h', "--handshake-rate", SNAPTUN_A_DEVICE_HANDSHAKE_RATE, 1 },
	{ 's', "--source-rate", SNAPTUN_A_DEVICE_SOURCE_RATE, 1 },
	{ 'b', "--source-burst", SNAPTUN_A_DEVICE_SOURCE_BURST, 1 },
	{ 't', "--max-tunnels", SNAPTUN_A_DEVICE_MAX_TUNNELS, 0 },
	{ 'i', "--max-identity-tunnels", SNAPTUN_A_DEVICE_MAX_IDENTITY_TUNNELS, 1 },
};

#define NUMBERS	(sizeof(numbers) / sizeof(numbers[0]))

/* What the command line asks for. */
struct changes {
	const char *device;
	const char *private_key_file;
	bool remove_private_key;
	bool has_listen_port;
	uint32_t listen_port;
	bool has_fwmark;
	uint32_t fwmark;
	bool has_default_tunnel;
	uint32_t default_tunnel;
	bool has_number[NUMBERS];
	uint32_t number[NUMBERS];
};

static bool any_change(const struct changes *changes)
{
	for (size_t i = 0; i < NUMBERS; i++)
		if (changes->has_number[i])
			return true;
	return changes->private_key_file || changes->remove_private_key ||
	       changes->has_listen_port || changes->has_fwmark ||
	       changes->has_default_tunnel;
}

static enum status send_changes(const struct changes *changes,
				const uint8_t *private_key)
{
	struct netlink *netlink;
	enum status status;
	uint32_t ifindex;

	status = netlink_open_device(changes->device, &ifindex, &netlink);
	if (status != STATUS_OK)
		return status;
	netlink_begin(netlink, SNAPTUN_CMD_DEVICE_SET, 0, ifindex);
	if (private_key)
		netlink_put(netlink, SNAPTUN_A_DEVICE_PRIVATE_KEY, private_key,
			    SNAPTUN_KEY_LEN);
	if (changes->has_listen_port)
		netlink_put_u16(netlink, SNAPTUN_A_DEVICE_LISTEN_PORT,
				(uint16_t)changes->listen_port);
	if (changes->has_fwmark)
		netlink_put_u32(netlink, SNAPTUN_A_DEVICE_FWMARK, changes->fwmark);
	if (changes->has_default_tunnel)
		netlink_put_u32(netlink, SNAPTUN_A_DEVICE_DEFAULT_TUNNEL,
				changes->default_tunnel);
	for (size_t i = 0; i < NUMBERS; i++)
		if (changes->has_number[i])
			netlink_put_u32(netlink, numbers[i].type,
					changes->number[i]);
	if (netlink_call(netlink, NULL))
		status = netlink_failed(netlink);
	netlink_close(netlink);
	return status;
}

/* A tunnel's id, or "none", which is 0. */
static enum status read_default_tunnel(const char *text, uint32_t *id)
{
	*id = 0;
	if (!strcmp(text, "none") ||
	    (options_scan(text, 10, UINT32_MAX, id) && *id))
		return STATUS_OK;
	return report_usage("--default-tunnel: \"%.64s\" is neither \"none\" nor the id of a tunnel",
			    key_hide(text));
}

static enum status take_option(struct changes *changes, int option)
{
	switch (option) {
	case 'k':
		changes->private_key_file = optarg;
		return STATUS_OK;
	case 'r':
		changes->remove_private_key = true;
		return STATUS_OK;
	case 'l':
		changes->has_listen_port = true;
		return options_number("--listen-port", optarg, 0, UINT16_MAX,
				      &changes->listen_port);
	case 'm':
		changes->has_fwmark = true;
		return options_mark("--fwmark", optarg, &changes->fwmark);
	case 'd':
		changes->has_default_tunnel = true;
		return read_default_tunnel(optarg, &changes->default_tunnel);
	}
	for (size_t i = 0; i < NUMBERS; i++) {
		if (numbers[i].option != option)
			continue;
		changes->has_number[i] = true;
		return options_number(numbers[i].name, optarg, numbers[i].min,
				      UINT32_MAX, &changes->number[i]);
	}
	return STATUS_OK;
}

static enum status run(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "private-key-file", required_argument, NULL, 'k' },
		{ "remove-private-key", no_argument, NULL, 'r' },
		{ "listen-port", required_argument, NULL, 'l' },
		{ "fwmark", required_argument, NULL, 'm' },
		{ "default-tunnel", required_argument, NULL, 'd' },
		{ "handshake-rate", required_argument, NULL, 'h' },
		{ "source-rate", required_argument, NULL, 's' },
		{ "source-burst", required_argument, NULL, 'b' },
		{ "max-tunnels", required_argument, NULL, 't' },
		{ "max-identity-tunnels", required_argument, NULL, 'i' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	/* Zeros are how a request says that the key goes. */
	uint8_t private_key[SNAPTUN_KEY_LEN] = { 0 };
	struct changes changes = { .device = NULL };
	enum status status;
	bool has_key;
	int option;

	while ((option = options_next(&options)) > 0) {
		status = take_option(&changes, option);
		if (status != STATUS_OK)
			return status;
	}
	if (option == OPTIONS_STOP)
		return options.status;
	changes.device = options.operands[0];
	has_key = changes.private_key_file || changes.remove_private_key;
	if (changes.private_key_file && changes.remove_private_key)
		return report_usage("--private-key-file and --remove-private-key exclude each other");
	if (!any_change(&changes))
		return report_usage("nothing to set: no option is given");

	status = STATUS_OK;
	if (changes.private_key_file)
		status = key_read(changes.private_key_file, private_key);
	if (status == STATUS_OK)
		status = send_changes(&changes, has_key ? private_key : NULL);
	key_wipe(private_key, sizeof(private_key));
	return status;
}

const struct command command_set = {
	.name = "set",
	.synopsis = "DEV OPTION...",
	.summary = "Change a device; all options take effect together, or none",
	.details =
		"  --private-key-file FILE   the device's private key; - is standard input\n"
		"  --remove-private-key      leave the device without a key\n"
		"  --listen-port PORT        UDP port for tunnels of identities; 0 closes it\n"
		"  --fwmark MARK             mark of all packets sent on the underlay; 0 or off: none\n"
		"  --default-tunnel ID|none  the tunnel of what belongs to no other\n"
		"  --handshake-rate N        handshake messages per second that take no cookie\n"
		"  --source-rate N           handshake messages per second from one source\n"
		"  --source-burst N          how many of these it may send at once\n"
		"  --max-tunnels N           the most tunnels that the device can have\n"
		"  --max-identity-tunnels N  the most that one identity can have\n",
	.run = run,
};
