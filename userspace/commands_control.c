// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands of snaptun-control: all that deal with the control plane. */
#include <stddef.h>

#include "command.h"

const struct command *const commands[] = {
	&command_connect,
	&command_disconnect,
	&command_daemon,
	&command_up,
	&command_down,
	&command_serve,
	NULL,
};
