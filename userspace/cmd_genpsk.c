// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun genpsk: make a pre-shared key. */
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
	uint8_t key[SNAPTUN_KEY_LEN];
	enum status status;

	if (options_next(&options) == OPTIONS_STOP)
		return options.status;
	status = key_random(key);
	if (status == STATUS_OK)
		status = key_write(key, true);
	key_wipe(key, sizeof(key));
	return status;
}

const struct command command_genpsk = {
	.name = "genpsk",
	.synopsis = "",
	.summary = "Make a pre-shared key and write it to standard output",
	.run = run,
};
