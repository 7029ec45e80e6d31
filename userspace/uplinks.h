/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the uplinks of one device share: connections, tokens, who may get these. */
#ifndef SNAPTUN_UPLINKS_H
#define SNAPTUN_UPLINKS_H

#include <stdbool.h>

#include "config.h"
#include "device.h"
#include "loop.h"
#include "rpc.h"
#include "token.h"
#include "url.h"

/**
 * struct uplinks - what the uplinks of one device share
 * @loop: The loop.
 * @config: What was configured.
 * @provisional: Tunnels that are made go with the connection to the kernel.
 * @changed: Called when there is another token; NULL where nobody cares.
 * @delayed: Called when something goes on only after a while; NULL where nobody cares.
 * @data: For these.
 * @input: What uplinks_read_input() read.
 * @device: The device, which the caller opens; uplinks_close() closes it.
 * @rpc: What makes calls; uplinks_open() makes it, and what follows.
 * @tokens: Where tokens come from.
 * @origins: Those that may get the token: @configured, or discovered from these.
 * @configured: Those that the configuration names; discovery_init() adds them.
 * @token_settings: Where they come from.
 * @fetch: Asks the service that gives tokens for an API key, where there is one.
 * @service: That service.
 * @call: The call to it that is under way, or NULL.
 * @discovery: The discovery service that it named; empty for none.
 */
struct uplinks {
	struct loop *loop;
	const struct config *config;
	bool provisional;
	void (*changed)(struct uplinks *all);
	void (*delayed)(struct uplinks *all);
	void *data;
	struct file_text input;
	struct device device;
	struct rpc *rpc;
	struct token_source *tokens;
	struct url_origins origins;
	struct url_origins configured;
	struct token_settings token_settings;
	struct token_fetch fetch;
	struct url service;
	struct rpc_call *call;
	struct url discovery;
};

/**
 * uplinks_read_input() - read the token from standard input, if it comes from there
 * @all: With @config filled in; uplinks_close() forgets the token.
 * @stop: As for file_wait_and_read().
 * @timeout: Likewise.
 *
 * Return: as that.
 */
enum status uplinks_read_input(struct uplinks *all, int stop, uint64_t timeout);

/**
 * uplinks_open() - get ready for the uplinks of a device
 * @all: With all filled in that is the caller's; uplinks_close() ends it.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status uplinks_open(struct uplinks *all);

/**
 * uplinks_delayed() - something goes on only after a while
 * @all: What it is a part of.
 */
void uplinks_delayed(struct uplinks *all);

/**
 * uplinks_close() - be done
 * @all: What uplinks_open() opened, if only in part, without uplinks; or all zero.
 */
void uplinks_close(struct uplinks *all);

#endif /* SNAPTUN_UPLINKS_H */
