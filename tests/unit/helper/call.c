// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asks for a data plane with a token, and for a token with the same text as API key, then
 * waits to be looked at: neither secret is to be in its memory any more.
 *
 * usage: call URL TOKEN-FILE CA-FILE
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "key.h"
#include "snap_api.h"

static struct loop *loop;

static void end(const struct rpc_error *error)
{
	puts(error ? error->message : "answered");
	loop_stop(loop);
}

static void take_data_plane(void *data, const struct snap_data_plane *plane,
			    const struct rpc_error *error)
{
	(void)data;
	(void)plane;
	end(error);
}

static void take_token(void *data, const struct snap_api_token *token,
		       const struct rpc_error *error)
{
	(void)data;
	(void)token;
	end(error);
}

int main(int argc, char **argv)
{
	char token[128] = "";
	struct rpc *rpc;
	struct url url;
	int fd;

	if (argc != 4 || url_parse(argv[1], &url) || rpc_set_up() != STATUS_OK ||
	    loop_new(&loop) != STATUS_OK ||
	    rpc_new(loop, &(struct rpc_settings){ .ca_file = argv[3] }, &rpc) != STATUS_OK)
		return 2;
	fd = open(argv[2], O_RDONLY);
	if (read(fd, token, sizeof(token) - 1) <= 0)
		return 2;
	close(fd);
	if (snap_api_data_plane(rpc, &url, token, take_data_plane, NULL))
		loop_run(loop);
	if (snap_api_token(rpc, &url, token, "device", 0, take_token, NULL))
		loop_run(loop);
	key_wipe(token, sizeof(token));
	puts("done");
	fflush(stdout);
	/* What the connections hold is in memory as long as they are. */
	pause();
	return 0;
}
