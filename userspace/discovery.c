// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finds the control planes of SNAPs: the configuration names them, or endhost APIs that
 * know them, or a discovery service that knows those.
 */
#include <string.h>

#include "discovery.h"
#include "report.h"

static void fail(struct discovery *discovery, enum rpc_code code, const char *why)
{
	struct rpc_error error = { .code = code };

	rpc_error_set(&error, code, "%s", why);
	attempt_failed(&discovery->attempt, &error);
}

static void ask_next(struct discovery *discovery);

/* Takes a URL that another one led to; false, after a note, where it may not be used. */
static bool follow(struct discovery *discovery, const struct url *from,
		   const struct url *to)
{
	struct uplinks *all = discovery->all;

	if (!url_may_lead(from, to, all->config->insecure_http)) {
		report_note("%s names %s, which would have the token sent in the clear: left out",
			    from->text, to->text);
		return false;
	}
	if (!url_origins_add(&all->origins, to)) {
		report_note("%s: left out, too many origins get the token already",
			    to->text);
		return false;
	}
	return true;
}

static bool serves(const struct snap_api_snap *snap, uint64_t isd_as)
{
	for (size_t i = 0; i < snap->ases_count; i++)
		if (snap->ases[i] == isd_as)
			return true;
	return !isd_as;
}

/* Keeps a SNAP that was found, unless there is no room or it is there already. */
static void add(struct discovery *discovery, const struct url *from,
		const struct url *snap)
{
	for (size_t i = 0; i < discovery->count; i++)
		if (!strcmp(discovery->snaps[i].text, snap->text))
			return;
	if (discovery->count < DISCOVERY_SNAPS_MAX && follow(discovery, from, snap))
		discovery->snaps[discovery->count++] = *snap;
}

/* The last error counts, but a token that was refused: another one may do. */
static void note_error(struct discovery *discovery, const struct rpc_error *error)
{
	if (discovery->error.code != RPC_UNAUTHENTICATED)
		discovery->error = *error;
}

static void listed(void *data, const struct snap_api_underlays *underlays,
		   const struct rpc_error *error)
{
	struct discovery *discovery = data;
	const struct url *api = &discovery->apis[discovery->next];
	struct rpc_error none = { .code = RPC_UNAVAILABLE };

	discovery->call = NULL;
	for (size_t i = 0; underlays && i < underlays->count; i++) {
		const struct snap_api_snap *snap = &underlays->snaps[i];

		if (serves(snap, discovery->all->config->isd_as))
			add(discovery, api, &snap->control);
	}
	if (discovery->count) {
		attempt_succeeded(&discovery->attempt);
		discovery->done(discovery, NULL, 0);
		return;
	}
	if (!error)
		rpc_error_set(&none, RPC_UNAVAILABLE, "%s knows no SNAP for us",
			      api->text);
	note_error(discovery, error ? error : &none);
	discovery->next++;
	ask_next(discovery);
}

/* Asks the next endhost API that can be asked; after the last one the round is over. */
static void ask_next(struct discovery *discovery)
{
	struct rpc_error error = { .code = RPC_INTERNAL };
	struct uplinks *all = discovery->all;

	for (; discovery->next < discovery->apis_count; discovery->next++) {
		const struct url *api = &discovery->apis[discovery->next];

		discovery->call = snap_api_underlays(all->rpc, api,
						     token_source_get(all->tokens),
						     all->config->isd_as, listed,
						     discovery);
		if (discovery->call)
			return;
		rpc_error_set(&error, RPC_INTERNAL, "%s cannot be asked", api->text);
		note_error(discovery, &error);
	}
	attempt_failed(&discovery->attempt, &discovery->error);
}

static void begin_asking(struct discovery *discovery)
{
	discovery->next = 0;
	discovery->error = (struct rpc_error){ .code = RPC_UNKNOWN };
	ask_next(discovery);
}

static void discovered(void *data, const struct snap_api_endhost_apis *apis,
		       const struct rpc_error *error)
{
	struct discovery *discovery = data;

	discovery->call = NULL;
	if (error) {
		attempt_failed(&discovery->attempt, error);
		return;
	}
	discovery->apis_count = 0;
	for (size_t i = 0; i < apis->count && discovery->apis_count < CONFIG_URLS_MAX; i++)
		if (follow(discovery, &discovery->service, &apis->apis[i].url))
			discovery->apis[discovery->apis_count++] = apis->apis[i].url;
	if (discovery->apis_count)
		begin_asking(discovery);
	else
		fail(discovery, RPC_UNAVAILABLE, "the discovery service knows no endhost API for us");
}

static void try_once(struct attempt *attempt, const char *token)
{
	struct discovery *discovery = attempt->data;
	struct uplinks *all = discovery->all;

	(void)token;
	if (all->config->endhost_apis.count) {
		begin_asking(discovery);
		return;
	}
	/* What gave the token knows better than we do, but no better than who set it. */
	if (*all->discovery.text && !all->config->discovery)
		discovery->service = all->discovery;
	discovery->call = snap_api_endhost_apis(all->rpc, &discovery->service,
						discovered, discovery);
	if (!discovery->call)
		fail(discovery, RPC_INTERNAL, "the discovery service cannot be asked");
}

static void paused(struct attempt *attempt, uint64_t pause)
{
	struct discovery *discovery = attempt->data;

	(void)pause;
	uplinks_delayed(discovery->all);
}

static void round_over(struct attempt *attempt, const struct rpc_error *error,
		       uint64_t pause)
{
	struct discovery *discovery = attempt->data;

	discovery->done(discovery, error, pause);
}

/*
 * Reads the URLs that the configuration has for one key, which may get the token. One
 * that is given twice, perhaps in another form, counts once.
 */
static enum status read_urls(struct discovery *discovery, enum config_id id,
			     const struct config_urls *from, struct url *to,
			     size_t *count)
{
	enum status status;
	size_t same;

	*count = 0;
	for (size_t i = 0; i < from->count; i++) {
		struct url *url = &to[*count];

		status = url_option(config_key_name(id), from->list[i], url);
		if (status != STATUS_OK)
			return status;
		url_origins_add(&discovery->all->configured, url);
		for (same = 0; strcmp(to[same].text, url->text) != 0;)
			same++;
		*count += same == *count;
	}
	return STATUS_OK;
}

enum status discovery_init(struct discovery *discovery)
{
	const struct config *config = discovery->all->config;
	enum status status;

	discovery->attempt = (struct attempt){
		.loop = discovery->all->loop,
		.tokens = discovery->all->tokens,
		.what = "looking for SNAPs",
		.try = try_once,
		.over = round_over,
		.paused = paused,
		.data = discovery,
	};
	attempt_init(&discovery->attempt, &config->backoff);
	discovery->call = NULL;
	status = read_urls(discovery, CONFIG_SNAP, &config->snaps, discovery->snaps,
			   &discovery->count);
	if (status == STATUS_OK)
		status = read_urls(discovery, CONFIG_ENDHOST_API,
				   &config->endhost_apis, discovery->apis,
				   &discovery->apis_count);
	if (status != STATUS_OK)
		return status;
	discovery->all->origins = discovery->all->configured;
	return url_option(config_key_name(CONFIG_DISCOVERY),
			  config->discovery ? config->discovery : DISCOVERY_SERVICE,
			  &discovery->service);
}

void discovery_begin(struct discovery *discovery)
{
	if (discovery->all->config->snaps.count) {
		discovery->done(discovery, NULL, 0);
		return;
	}
	if (!discovery->attempt.running)
		discovery->count = 0;
	attempt_begin(&discovery->attempt);
}

void discovery_stop(struct discovery *discovery)
{
	rpc_cancel(discovery->call);
	discovery->call = NULL;
	attempt_stop(&discovery->attempt);
}
