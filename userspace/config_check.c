// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether all that a configuration must say is there, and fits together. */
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "report.h"
#include "url.h"

/* Says what is missing or too much of what tells where a token comes from. */
static enum status check_token(const struct config *config)
{
	static const enum config_id of_aa[] = {
		CONFIG_API_KEY_FILE, CONFIG_DEVICE_ID, CONFIG_TOKEN_VALIDITY,
	};
	int sources = !!config->token_file + !!config->token_command + !!config->aa;
	struct url url;

	if (!sources)
		return report_usage("there is no token: token-file, token-command or aa is missing");
	if (sources > 1)
		return report_usage("token-file, token-command and aa exclude each other");
	for (size_t i = 0; !config->aa && i < sizeof(of_aa) / sizeof(*of_aa); i++)
		if (config_given(config, of_aa[i]))
			return report_usage("%s is of no use without aa",
					    config_key_name(of_aa[i]));
	if (config->aa && !url_parse(config->aa, &url) && !url.https && !url.loopback)
		return report_usage("aa: an API key goes over https only, or to this machine");
	if (config->aa && !config->api_key_file)
		return report_usage("aa needs api-key-file");
	if (config->aa && !config->device_id)
		return report_usage("aa needs device-id");
	if (!config->token_command &&
	    config_given(config, CONFIG_TOKEN_COMMAND_TIMEOUT))
		return report_usage("token-command-timeout is of no use without token-command");
	return STATUS_OK;
}

/* The same about where SNAPs are found. */
static enum status check_snaps(const struct config *config)
{
	int ways = !!config->endhost_apis.count + !!config->snaps.count +
		   !!config->discovery;

	/* The service that gives tokens may name one that finds them. */
	if (!ways && !config->aa)
		return report_usage("there is no way to a SNAP: endhost-api, snap or discovery is missing");
	if (ways > 1)
		return report_usage("endhost-api, snap and discovery exclude each other");
	if (config->snaps.count && config->isd_as)
		return report_usage("isd-as is of no use with snap");
	return STATUS_OK;
}

static enum status check_tunnels(const struct config *config)
{
	if (config->tunnels > 1 && config->local_port)
		return report_usage("local-port is for one tunnel, and tunnels asks for %u",
				    config->tunnels);
	if (config->tunnels > 1 && config->allowed_ips.count)
		return report_usage("allowed-ips is for one tunnel, and tunnels asks for %u",
				    config->tunnels);
	if (config->backoff.max < config->backoff.base)
		return report_usage("retry-max is less than retry-base");
	return STATUS_OK;
}

/* Says which of the keys without which nothing can be served is missing. */
static enum status check_served(const struct config *config)
{
	static const enum config_id needed[] = {
		CONFIG_LISTEN_PORT, CONFIG_DATA_PLANE, CONFIG_CONTROL_LISTEN,
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!config_given(config, needed[i]))
			return report_usage("%s is missing", config_key_name(needed[i]));
	if (!config->listen_port)
		return report_usage("listen-port: clients cannot find a port that the kernel chooses");
	if (!config->token_key_file && !config->jwks_file)
		return report_usage("nothing says which tokens are right: token-key-file or jwks-file is missing");
	return STATUS_OK;
}

/* The same of what protects tokens on their way. */
static enum status check_tls(const struct config *config)
{
	if (!config->tls_certificate_file != !config->tls_key_file)
		return report_usage("tls-certificate-file and tls-key-file go together");
	if (config->tls_key_file || config->insecure_http ||
	    address_is_loopback(&config->control_listen))
		return STATUS_OK;
	return report_usage("tokens would come in the clear: tls-certificate-file and tls-key-file are missing, or insecure-http = on");
}

/* Says what is wrong with the URL that clients are told, or makes one. */
static enum status complete_control_url(struct config *config)
{
	const struct address *listen = &config->control_listen;
	char text[ADDRESS_TEXT_SIZE];
	struct url url;

	if (config->control_url)
		return url_option("control-url", config->control_url, &url);
	if (address_is_any(listen) || listen->scope_id)
		return report_usage("control-url is missing: control-listen is no address that clients can be told");
	address_write(listen, text);
	if (asprintf(&config->control_url, "%s://%s", config->tls_key_file ? "https" : "http",
		     text) >= 0)
		return STATUS_OK;
	config->control_url = NULL;
	return report(STATUS_FAILED, "no memory");
}

static enum status check_link(const struct config *config)
{
	enum status status = check_token(config);

	if (status == STATUS_OK)
		status = check_snaps(config);
	if (status == STATUS_OK)
		status = check_tunnels(config);
	return status;
}

static enum status check_serve(struct config *config)
{
	enum status status = check_served(config);

	if (status == STATUS_OK)
		status = check_tls(config);
	if (status == STATUS_OK)
		status = complete_control_url(config);
	return status;
}

enum status config_check(struct config *config, const char *name)
{
	enum status status;

	if (!name && !config->device)
		return report_usage("device is missing");
	status = config_name("device", name ? name : config->device);
	if (status == STATUS_OK)
		status = config->use == CONFIG_LINK ? check_link(config) :
						      check_serve(config);
	if (status != STATUS_OK || config->private_key_file)
		return status;
	if (asprintf(&config->private_key_file, "%s/%s.key", CONFIG_KEY_FOLDER,
		     name ? name : config->device) >= 0)
		return STATUS_OK;
	config->private_key_file = NULL;
	return report(STATUS_FAILED, "no memory");
}
