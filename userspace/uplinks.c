// SPDX-License-Identifier: GPL-2.0-or-later
/* What the uplinks of one device share: connections, tokens, who may get these. */
#include <string.h>
#include <unistd.h>

#include "report.h"
#include "snap_api.h"
#include "uplinks.h"

#define MS_PER_SECOND	1000

static void fetched(void *data, const struct snap_api_token *token,
		    const struct rpc_error *error)
{
	struct uplinks *all = data;

	all->call = NULL;
	if (error) {
		token_fetch_failed(all->tokens, error->message,
				   rpc_code_is_permanent(error->code),
				   error->has_retry_after ?
				   (uint64_t)error->retry_after * MS_PER_SECOND : 0);
		return;
	}
	if (token->has_discovery &&
	    url_may_lead(&all->service, &token->discovery, all->config->insecure_http))
		all->discovery = token->discovery;
	token_fetched(all->tokens, token->token);
}

static enum status begin_fetch(struct token_fetch *fetch, struct token_source *source,
			       const char *api_key)
{
	struct uplinks *all = fetch->data;

	(void)source;
	all->call = snap_api_token(all->rpc, &all->service, api_key,
				   all->config->device_id,
				   all->config->token_validity, fetched, all);
	return all->call ? STATUS_OK : STATUS_FAILED;
}

static void cancel_fetch(struct token_fetch *fetch)
{
	struct uplinks *all = fetch->data;

	rpc_cancel(all->call);
	all->call = NULL;
}

static void token_changed(struct token_source *source, void *data)
{
	struct uplinks *all = data;

	(void)source;
	if (all->changed)
		all->changed(all);
}

static enum status open_tokens(struct uplinks *all)
{
	const struct config *config = all->config;
	enum status status = STATUS_OK;

	all->fetch = (struct token_fetch){
		.begin = begin_fetch,
		.cancel = cancel_fetch,
		.data = all,
	};
	all->token_settings = (struct token_settings){
		.file = config->token_file,
		.input = all->input.bytes ? &all->input : NULL,
		.command = config->token_command,
		.command_timeout = config->token_command_timeout,
		.fetch = config->aa ? &all->fetch : NULL,
		.api_key_file = config->api_key_file,
		.backoff = &config->backoff,
		.changed = token_changed,
		.data = all,
	};
	if (config->aa)
		status = url_option(config_key_name(CONFIG_AA), config->aa,
				    &all->service);
	if (status == STATUS_OK)
		status = token_source_new(all->loop, &all->token_settings,
					  &all->tokens);
	return status;
}

enum status uplinks_read_input(struct uplinks *all, int stop, uint64_t timeout)
{
	enum status status;

	if (!all->config->token_file || strcmp(all->config->token_file, "-") != 0)
		return STATUS_OK;
	status = file_wait_and_read("token from standard input", STDIN_FILENO, stop,
				    timeout, TOKEN_TEXT_MAX, &all->input);
	file_trim(&all->input);
	return status;
}

enum status uplinks_open(struct uplinks *all)
{
	const struct rpc_settings settings = {
		.ca_file = all->config->ca_file,
		.timeout = all->config->request_timeout,
		.http2 = all->config->http2,
	};
	enum status status;

	status = rpc_new(all->loop, &settings, &all->rpc);
	return status == STATUS_OK ? open_tokens(all) : status;
}

void uplinks_delayed(struct uplinks *all)
{
	if (all->delayed)
		all->delayed(all);
}

void uplinks_close(struct uplinks *all)
{
	token_source_free(all->tokens);
	all->tokens = NULL;
	file_wipe(&all->input);
	rpc_free(all->rpc);
	all->rpc = NULL;
	device_close(&all->device);
}
