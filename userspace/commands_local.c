// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commands of snaptun. It runs those itself that need the kernel alone. The others
 * need libcurl, which brings thirty libraries along: they are in a program of their own,
 * snaptun-control, in the same folder.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "report.h"

#define CONTROL_PROGRAM	"snaptun-control"

/* Goes on as snaptun-control, with the same arguments; returns where that fails. */
static enum status hand_over(const struct command *command, int argc, char **argv)
{
	char path[PATH_MAX + sizeof(CONTROL_PROGRAM)];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
	char **arguments = calloc((size_t)argc + 2, sizeof(*arguments));
	enum status status;

	(void)command;
	if (length <= 0 || length == PATH_MAX || !arguments) {
		free(arguments);
		return report(STATUS_FAILED, "where %s is cannot be found out", CONTROL_PROGRAM);
	}
	path[length] = '\0';
	/* Its path begins with a slash, and behind the last one there is room. */
	snprintf(strrchr(path, '/') + 1, sizeof(CONTROL_PROGRAM), "%s", CONTROL_PROGRAM);
	arguments[0] = path;
	memcpy(arguments + 1, argv, (size_t)argc * sizeof(*arguments));
	execv(path, arguments);
	status = report(STATUS_FAILED, "%s: %s", path, strerror(errno));
	free(arguments);
	return status;
}

static const struct command connect_command = {
	.name = "connect", .summary = SUMMARY_CONNECT, .run = hand_over,
};

static const struct command disconnect_command = {
	.name = "disconnect", .summary = SUMMARY_DISCONNECT, .run = hand_over,
};

static const struct command daemon_command = {
	.name = "daemon", .summary = SUMMARY_DAEMON, .run = hand_over,
};

static const struct command up_command = {
	.name = "up", .summary = SUMMARY_UP, .run = hand_over,
};

static const struct command down_command = {
	.name = "down", .summary = SUMMARY_DOWN, .run = hand_over,
};

static const struct command serve_command = {
	.name = "serve", .summary = SUMMARY_SERVE, .run = hand_over,
};

const struct command *const commands[] = {
	&command_genkey,
	&command_genpsk,
	&command_pubkey,
	&command_set,
	&command_show,
	&command_monitor,
	&connect_command,
	&disconnect_command,
	&daemon_command,
	&up_command,
	&down_command,
	&serve_command,
	&command_tunnel_add,
	&command_tunnel_set,
	&command_tunnel_del,
	&command_identity_add,
	&command_identity_set,
	&command_identity_del,
	NULL,
};
