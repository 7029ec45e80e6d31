// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun pubkey: the public half of a private key. */
#include <getopt.h>

#include "command.h"
#include "key.h"
#include "options.h"

static enum status run(const struct command *command, int argc, char **argv)
{
	static const struct option table[] = { { NULL, 0, NULL, 0 } };
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
	};
	uint8_t private_key[SNAPTUN_KEY_LEN];
	uint8_t public_key[SNAPTUN_KEY_LEN];
	enum status status;

	if (options_next(&options) == OPTIONS_STOP)
		return options.status;
	status = key_read("-", private_key);
	if (status == STATUS_OK)
		status = key_public(private_key, public_key);
	/* Before writing, which may have to wait for its reader. */
	key_wipe(private_key, sizeof(private_key));
	if (status == STATUS_OK)
		status = key_write(public_key, false);
	return status;
}

const struct command command_pubkey = {
	.name = "pubkey",
	.synopsis = "",
	.summary = "Read a private key from standard input and write its public key",
	.run = run,
};
