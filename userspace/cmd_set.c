// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun set: change a device, all of it in one request. */
#include <getopt.h>
#include <stdbool.h>

#include <linux/snaptun.h>

#include "command.h"
#include "key.h"
#include "netlink.h"
#include "options.h"
#include "report.h"

/* What the command line asks for. */
struct changes {
	const char *device;
	const char *private_key_file;
	bool remove_private_key;
	bool has_listen_port;
	uint32_t listen_port;
	bool has_fwmark;
	uint32_t fwmark;
};

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
	if (netlink_call(netlink, NULL))
		status = netlink_failed(netlink);
	netlink_close(netlink);
	return status;
}

static enum status run(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = {
		{ "private-key-file", required_argument, NULL, 'k' },
		{ "remove-private-key", no_argument, NULL, 'r' },
		{ "listen-port", required_argument, NULL, 'l' },
		{ "fwmark", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	/* Zeros are how a request says that the key goes. */
	uint8_t private_key[SNAPTUN_KEY_LEN] = { 0 };
	struct changes changes = { .device = NULL };
	enum status status = STATUS_OK;
	bool has_key;
	int option;

	while ((option = options_next(&options)) > 0) {
		switch (option) {
		case 'k':
			changes.private_key_file = optarg;
			break;
		case 'r':
			changes.remove_private_key = true;
			break;
		case 'l':
			changes.has_listen_port = true;
			status = options_number("--listen-port", optarg, 0, UINT16_MAX,
						&changes.listen_port);
			break;
		case 'm':
			changes.has_fwmark = true;
			status = options_mark("--fwmark", optarg, &changes.fwmark);
			break;
		}
		if (status != STATUS_OK)
			return status;
	}
	if (option == OPTIONS_STOP)
		return options.status;
	changes.device = options.operands[0];
	has_key = changes.private_key_file || changes.remove_private_key;
	if (changes.private_key_file && changes.remove_private_key)
		return report_usage("--private-key-file and --remove-private-key exclude each other");
	if (!has_key && !changes.has_listen_port && !changes.has_fwmark)
		return report_usage("nothing to set: no option is given");

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
		"  --private-key-file FILE  the device's private key; - is standard input\n"
		"  --remove-private-key     leave the device without a key\n"
		"  --listen-port PORT       UDP port for tunnels of identities; 0 closes it\n"
		"  --fwmark MARK            mark of all packets sent on the underlay; 0 or off: none\n",
	.run = run,
};
