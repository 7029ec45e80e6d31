// SPDX-License-Identifier: GPL-2.0-or-later
/* What a link to a SNAP, or a SNAP's control plane, is to be like: each key and its values. */
#include <ctype.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "credential.h"
#include "isd_as.h"
#include "key.h"
#include "options.h"
#include "program.h"
#include "report.h"
#include "url.h"

#define URL_BYTES_MAX		2048
#define TEXT_BYTES_MAX		128

#define MS_PER_SECOND		1000U

/* The module's bounds. */
#define MTU_MIN			1280
#define MTU_MAX			65475
#define MTU_DEFAULT		1420

/* The service cuts what is asked for to that. */
#define VALIDITY_MIN		900
#define VALIDITY_MAX		86400

/* What is true of some keys. */
#define REPEATS			1U
#define FILE_ONLY		2U
#define IS_PATH			4U
#define IS_SECRET		8U
/* Keys are for a link, unless they are for both, or for a control plane alone. */
#define SERVE_TOO		16U
#define SERVE_ALONE		32U

struct config_key;

typedef enum status (*config_reader)(const struct config_key *key, const char *what,
				     const char *text, void *field);

/**
 * struct config_key - a key
 * @name: What it is called.
 * @argument: What its value is, for the help.
 * @summary: What it says, for the help.
 * @read: Reads a value into the field.
 * @field: Where the field is.
 * @min: The least that is right, for numbers.
 * @max: The greatest.
 * @flags: See above.
 */
struct config_key {
	const char *name;
	const char *argument;
	const char *summary;
	config_reader read;
	size_t field;
	uint32_t min;
	uint32_t max;
	unsigned int flags;
};

/* Takes a copy in the place of what was there. */
static enum status copy_text(const char *text, char **field)
{
	char *copy = strdup(text);

	if (!copy)
		return report(STATUS_FAILED, "no memory");
	free(*field);
	*field = copy;
	return STATUS_OK;
}

/* Whether there are only characters that can be seen, and spaces. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return false;
	return true;
}

static enum status check_url(const char *what, const char *text)
{
	size_t scheme = !strncmp(text, "https://", 8) ? 8 :
			!strncmp(text, "http://", 7) ? 7 : 0;

	if (!scheme || !text[scheme] || text[scheme] == '/' || strchr(text, ' ') ||
	    !is_plain(text) || strlen(text) > URL_BYTES_MAX)
		return report_usage("%s: \"%.64s\" is no URL that begins with https:// or http://",
				    what, key_hide(text));
	return STATUS_OK;
}

static enum status read_url(const struct config_key *key, const char *what,
			    const char *text, void *field)
{
	enum status status = check_url(what, text);

	(void)key;
	return status == STATUS_OK ? copy_text(text, field) : status;
}

static enum status read_urls(const struct config_key *key, const char *what,
			     const char *text, void *field)
{
	enum status status = check_url(what, text);
	struct config_urls *urls = field;

	(void)key;
	if (status == STATUS_OK && urls->count == CONFIG_URLS_MAX)
		return report_usage("%s: more than %d", what, CONFIG_URLS_MAX);
	if (status == STATUS_OK)
		status = copy_text(text, &urls->list[urls->count]);
	if (status == STATUS_OK)
		urls->count++;
	return status;
}

static enum status read_text(const struct config_key *key, const char *what,
			     const char *text, void *field)
{
	(void)key;
	if (!is_plain(text) || strlen(text) > TEXT_BYTES_MAX)
		return report_usage("%s: \"%.64s\" is no text of at most %d characters",
				    what, key_hide(text), TEXT_BYTES_MAX);
	return copy_text(text, field);
}

static enum status read_path(const struct config_key *key, const char *what,
			     const char *text, void *field)
{
	enum status status;
	char *path;

	if (!is_plain(text) || strlen(text) >= PATH_MAX)
		return report_usage("%s: \"%.64s\" is no name of a file", what,
				    key_hide(text));
	if (!(key->flags & IS_SECRET) || !credential_meant(text))
		return copy_text(text, field);
	status = credential_path(what, text, &path);
	if (status == STATUS_OK)
		status = copy_text(path, field);
	free(path);
	return status;
}

static enum status read_command(const struct config_key *key, const char *what,
				const char *text, void *field)
{
	const char *wrong;
	char **words;

	(void)key;
	wrong = is_plain(text) ? program_words(text, &words) :
				 "there are control characters in it";
	if (wrong)
		return report_usage("%s: %s", what, wrong);
	free(words);
	return copy_text(text, field);
}

static enum status read_isd_as(const struct config_key *key, const char *what,
			       const char *text, void *field)
{
	(void)key;
	return isd_as_option(what, text, field);
}

static enum status read_more_ases(const struct config_key *key, const char *what,
				   const char *text, void *field)
{
	struct config_ases *ases = field;
	enum status status;

	(void)key;
	if (ases->count == CONFIG_ASES_MAX)
		return report_usage("%s: more than %d", what, CONFIG_ASES_MAX);
	status = isd_as_option(what, text, &ases->list[ases->count]);
	if (status == STATUS_OK)
		ases->count++;
	return status;
}

static enum status read_device(const struct config_key *key, const char *what,
			       const char *text, void *field)
{
	enum status status = config_name(what, text);

	(void)key;
	return status == STATUS_OK ? copy_text(text, field) : status;
}

/* An address that others are told stays as it was written. */
static enum status read_endpoint(const struct config_key *key, const char *what,
				 const char *text, void *field)
{
	struct address address;
	const char *wrong = address_parse(text, &address);

	(void)key;
	if (wrong)
		return report_usage("%s: %s", what, wrong);
	return copy_text(text, field);
}

static enum status read_listen(const struct config_key *key, const char *what,
			       const char *text, void *field)
{
	enum status status = address_option(what, text, field);
	const struct address *address = field;

	(void)key;
	if (status == STATUS_OK && *address->name)
		return report_usage("%s: \"%.64s\" is a name, not an address of this machine",
				    what, key_hide(text));
	if (status == STATUS_OK && !address->port)
		return report_usage("%s: its port is 0", what);
	return status;
}

static enum status read_number(const struct config_key *key, const char *what,
			       const char *text, void *field)
{
	return options_number(what, text, key->min, key->max, field);
}

/* Seconds, or another number, with at most three decimals; the field has thousandths. */
static enum status read_thousandths(const struct config_key *key, const char *what,
				    const char *text, void *field)
{
	size_t whole = strcspn(text, ".");
	const char *decimals = text[whole] ? text + whole + 1 : "0";
	char digits[16] = "";
	uint32_t number = 0;
	bool right = whole && whole < 8 && *decimals && strlen(decimals) <= 3;

	/* What is there without the point, and zeros up to three decimals. */
	if (right) {
		snprintf(digits, sizeof(digits), "%.*s%s%.*s", (int)whole, text,
			 decimals, 3 - (int)strlen(decimals), "000");
		right = options_scan(digits, 10, key->max, &number) &&
			number >= key->min;
	}
	if (!right)
		return report_usage("%s: \"%.64s\" is no number from %g to %g with at most 3 decimals",
				    what, key_hide(text), key->min / 1000.0,
				    key->max / 1000.0);
	*(uint32_t *)field = number;
	return STATUS_OK;
}

static enum status read_interval(const struct config_key *key, const char *what,
				 const char *text, void *field)
{
	(void)key;
	return options_interval(what, text, field);
}

static enum status read_mark(const struct config_key *key, const char *what,
			     const char *text, void *field)
{
	(void)key;
	return options_mark(what, text, field);
}

static enum status read_switch(const struct config_key *key, const char *what,
			       const char *text, void *field)
{
	(void)key;
	return options_switch(what, text, field);
}

static enum status read_prefixes(const struct config_key *key, const char *what,
				 const char *text, void *field)
{
	(void)key;
	return prefix_option(what, text, field);
}

/* Adds to those that are there already. */
static enum status read_more_prefixes(const struct config_key *key, const char *what,
				      const char *text, void *field)
{
	struct prefixes *prefixes = field;
	struct prefixes *more = malloc(sizeof(*more));
	enum status status;

	(void)key;
	if (!more)
		return report(STATUS_FAILED, "no memory");
	status = prefix_option(what, text, more);
	if (status == STATUS_OK && !more->count)
		status = report_usage("%s: there is no prefix", what);
	if (status == STATUS_OK &&
	    more->count > SNAPTUN_PREFIXES_MAX - prefixes->count)
		status = report_usage("%s: more than %d prefixes", what,
				      SNAPTUN_PREFIXES_MAX);
	if (status == STATUS_OK) {
		memcpy(prefixes->list + prefixes->count, more->list,
		       more->count * sizeof(*more->list));
		prefixes->count += more->count;
	}
	free(more);
	return status;
}

#define FIELD(name)	.field = offsetof(struct config, name)

static const struct config_key keys[CONFIG_KEYS] = {
	[CONFIG_ENDHOST_API] = {
		"endhost-api", "URL", "ask this endhost API for SNAPs; can be given again",
		read_urls, FIELD(endhost_apis), .flags = REPEATS,
	},
	[CONFIG_SNAP] = {
		"snap", "URL", "control plane of a SNAP; can be given again",
		read_urls, FIELD(snaps), .flags = REPEATS,
	},
	[CONFIG_DISCOVERY] = {
		"discovery", "URL", "ask this service for endhost APIs",
		read_url, FIELD(discovery),
	},
	[CONFIG_ISD_AS] = {
		"isd-as", "ISD-AS", "the AS that SNAPs are looked for in",
		read_isd_as, FIELD(isd_as),
	},
	[CONFIG_TOKEN_FILE] = {
		"token-file", "FILE", "file with the SNAP token; - is standard input",
		read_path, FIELD(token_file), .flags = IS_PATH | IS_SECRET,
	},
	[CONFIG_TOKEN_COMMAND] = {
		"token-command", "COMMAND", "command that prints the SNAP token",
		read_command, FIELD(token_command), .flags = FILE_ONLY,
	},
	[CONFIG_TOKEN_COMMAND_TIMEOUT] = {
		"token-command-timeout", "SECONDS", "how long that may take",
		read_thousandths, FIELD(token_command_timeout), 100, 600000, FILE_ONLY,
	},
	[CONFIG_AA] = {
		"aa", "URL", "service that gives a SNAP token for an API key",
		read_url, FIELD(aa),
	},
	[CONFIG_API_KEY_FILE] = {
		"api-key-file", "FILE", "file with that API key",
		read_path, FIELD(api_key_file), .flags = IS_PATH | IS_SECRET,
	},
	[CONFIG_DEVICE_ID] = {
		"device-id", "TEXT", "what the service knows this machine as",
		read_text, FIELD(device_id),
	},
	[CONFIG_TOKEN_VALIDITY] = {
		"token-validity", "SECONDS", "how long its tokens are to be valid",
		read_number, FIELD(token_validity), VALIDITY_MIN, VALIDITY_MAX, 0,
	},
	[CONFIG_PRIVATE_KEY_FILE] = {
		"private-key-file", "FILE", "private key; made where there is none",
		read_path, FIELD(private_key_file), .flags = IS_PATH | IS_SECRET | SERVE_TOO,
	},
	[CONFIG_ADDRESS] = {
		"address", "PREFIX", "IP address of the link; can be given again",
		read_more_prefixes, FIELD(addresses), .flags = REPEATS | SERVE_TOO,
	},
	[CONFIG_ROUTE] = {
		"route", "PREFIX", "what is routed over the link; can be given again",
		read_more_prefixes, FIELD(routes), .flags = REPEATS | SERVE_TOO,
	},
	[CONFIG_MTU] = {
		"mtu", "BYTES", "MTU of the link",
		read_number, FIELD(mtu), MTU_MIN, MTU_MAX, SERVE_TOO,
	},
	[CONFIG_ALLOWED_IPS] = {
		"allowed-ips", "LIST|none", "IP prefixes behind the SNAP",
		read_prefixes, FIELD(allowed_ips),
	},
	[CONFIG_KEEPALIVE] = {
		"keepalive", "SECONDS|off", "interval of persistent keepalives",
		read_interval, FIELD(keepalive),
	},
	[CONFIG_BURST_LIMIT] = {
		"burst-limit", "BYTES", "the most UDP payload to send in one batch",
		read_number, FIELD(burst_limit), SNAPTUN_BURST_LIMIT_MIN,
		SNAPTUN_BURST_LIMIT_MAX, 0,
	},
	[CONFIG_LOCAL_PORT] = {
		"local-port", "PORT", "UDP port of the tunnel; 0 for any",
		read_number, FIELD(local_port), 0, UINT16_MAX, 0,
	},
	[CONFIG_LISTEN_PORT] = {
		"listen-port", "PORT", "UDP port that others start tunnels on",
		read_number, FIELD(listen_port), 0, UINT16_MAX, SERVE_TOO,
	},
	[CONFIG_FWMARK] = {
		"fwmark", "MARK|off", "mark of what is sent on the underlay",
		read_mark, FIELD(fwmark), .flags = SERVE_TOO,
	},
	[CONFIG_FIXED_ADDRESS] = {
		"fixed-address", "on|off", "whether another assigned address closes a tunnel",
		read_switch, FIELD(fixed_address),
	},
	[CONFIG_DEFAULT] = {
		"default", "on|off", "whether what belongs to no other tunnel takes this one",
		read_switch, FIELD(is_default),
	},
	[CONFIG_TUNNELS] = {
		"tunnels", "NUMBER", "how many tunnels to make to the SNAP",
		read_number, FIELD(tunnels), 1, CONFIG_TUNNELS_MAX, 0,
	},
	[CONFIG_CA_FILE] = {
		"ca-file", "FILE", "certificates to trust instead of the system's",
		read_path, FIELD(ca_file), .flags = IS_PATH,
	},
	[CONFIG_INSECURE_HTTP] = {
		"insecure-http", "on|off", "whether tokens may be sent in the clear",
		read_switch, FIELD(insecure_http), .flags = SERVE_TOO,
	},
	[CONFIG_HTTP2] = {
		"http2", "on|off", "whether plain http is HTTP/2 from the start",
		read_switch, FIELD(http2),
	},
	[CONFIG_REQUEST_TIMEOUT] = {
		"request-timeout", "SECONDS", "how long a request may take",
		read_thousandths, FIELD(request_timeout), 100, 600000, 0,
	},
	[CONFIG_ATTEMPTS_FIRST] = {
		"attempts-first", "NUMBER", "attempts in a round before the first success",
		read_number, FIELD(backoff.attempts_first), 1, 1000, 0,
	},
	[CONFIG_ATTEMPTS_RENEWAL] = {
		"attempts-renewal", "NUMBER", "attempts in a round after it",
		read_number, FIELD(backoff.attempts_renewal), 1, 1000, 0,
	},
	[CONFIG_RETRY_BASE] = {
		"retry-base", "SECONDS", "what pauses between attempts grow from",
		read_thousandths, FIELD(backoff.base), 10, 3600000, 0,
	},
	[CONFIG_RETRY_FACTOR] = {
		"retry-factor", "NUMBER", "how much longer each is than the one before",
		read_thousandths, FIELD(backoff.factor), 1000, 10000, 0,
	},
	[CONFIG_RETRY_MAX] = {
		"retry-max", "SECONDS", "where they stop growing",
		read_thousandths, FIELD(backoff.max), 10, 3600000, 0,
	},
	[CONFIG_ROUND_INTERVAL] = {
		"round-interval", "SECONDS", "pause between two rounds",
		read_thousandths, FIELD(backoff.round_interval), 100, 86400000, 0,
	},
	[CONFIG_DEVICE] = {
		"device", "NAME", "the device that is the data plane",
		read_device, FIELD(device), .flags = SERVE_ALONE | FILE_ONLY,
	},
	[CONFIG_DATA_PLANE] = {
		"data-plane", "HOST:PORT", "the data plane's address, as clients are told",
		read_endpoint, FIELD(data_plane), .flags = SERVE_ALONE,
	},
	[CONFIG_CONTROL_LISTEN] = {
		"control-listen", "ADDRESS:PORT", "where the control plane listens",
		read_listen, FIELD(control_listen), .flags = SERVE_ALONE,
	},
	[CONFIG_CONTROL_URL] = {
		"control-url", "URL", "the control plane's URL, as clients are told",
		read_url, FIELD(control_url), .flags = SERVE_ALONE,
	},
	[CONFIG_SNAP_AS] = {
		"snap-as", "ISD-AS", "AS that the SNAP is for; can be given again",
		read_more_ases, FIELD(snap_ases), .flags = REPEATS | SERVE_ALONE,
	},
	[CONFIG_TOKEN_KEY_FILE] = {
		"token-key-file", "FILE", "public key that tokens are checked with",
		read_path, FIELD(token_key_file), .flags = IS_PATH | SERVE_ALONE,
	},
	[CONFIG_JWKS_FILE] = {
		"jwks-file", "FILE", "several of them, each with its name, as a JWKS",
		read_path, FIELD(jwks_file), .flags = IS_PATH | SERVE_ALONE,
	},
	[CONFIG_TLS_CERTIFICATE_FILE] = {
		"tls-certificate-file", "FILE", "certificates of the control plane, for https",
		read_path, FIELD(tls_certificate_file), .flags = IS_PATH | SERVE_ALONE,
	},
	[CONFIG_TLS_KEY_FILE] = {
		"tls-key-file", "FILE", "private key of the first of them",
		read_path, FIELD(tls_key_file), .flags = IS_PATH | IS_SECRET | SERVE_ALONE,
	},
};

enum status config_new(enum config_use use, struct config **config)
{
	*config = calloc(1, sizeof(**config));
	if (!*config)
		return report(STATUS_FAILED, "no memory");
	(*config)->use = use;
	(*config)->token_command_timeout = 30 * MS_PER_SECOND;
	(*config)->request_timeout = 30 * MS_PER_SECOND;
	(*config)->mtu = MTU_DEFAULT;
	(*config)->tunnels = 1;
	(*config)->backoff = backoff_defaults;
	return STATUS_OK;
}

static void free_urls(struct config_urls *urls)
{
	while (urls->count)
		free(urls->list[--urls->count]);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	free_urls(&config->endhost_apis);
	free_urls(&config->snaps);
	free(config->discovery);
	free(config->token_file);
	free(config->token_command);
	free(config->aa);
	free(config->api_key_file);
	free(config->device_id);
	free(config->private_key_file);
	free(config->ca_file);
	free(config->device);
	free(config->data_plane);
	free(config->control_url);
	free(config->token_key_file);
	free(config->jwks_file);
	free(config->tls_certificate_file);
	free(config->tls_key_file);
	free(config);
}

bool config_given(const struct config *config, enum config_id id)
{
	return config->given >> id & 1;
}

const char *config_key_name(enum config_id id)
{
	return keys[id].name;
}

bool config_key_is_for(enum config_id id, enum config_use use)
{
	unsigned int flags = keys[id].flags;

	return use == CONFIG_SERVE ? flags & (SERVE_TOO | SERVE_ALONE) :
				     !(flags & SERVE_ALONE);
}

bool config_key_repeats(enum config_id id)
{
	return keys[id].flags & REPEATS;
}

bool config_key_is_path(enum config_id id)
{
	return keys[id].flags & IS_PATH;
}

bool config_key_is_secret(enum config_id id)
{
	return keys[id].flags & IS_SECRET;
}

enum status config_set(struct config *config, enum config_id id, const char *what,
		       const char *text)
{
	const struct config_key *key = &keys[id];
	enum status status;

	if (!*text)
		return report_usage("%s: there is no value", what);
	status = key->read(key, what, text, (char *)config + key->field);
	if (status == STATUS_OK)
		config->given |= UINT64_C(1) << id;
	return status;
}

/* Whether a key is an option, too. */
static bool is_option(int id, enum config_use use)
{
	return config_key_is_for((enum config_id)id, use) &&
	       !(keys[id].flags & FILE_ONLY);
}

size_t config_options(enum config_use use, struct option *table)
{
	size_t count = 0;

	for (int id = 0; id < CONFIG_KEYS; id++)
		if (is_option(id, use))
			table[count++] = (struct option){
				.name = keys[id].name, .has_arg = required_argument,
				.val = CONFIG_OPTION_FIRST + id,
			};
	table[count] = (struct option){ .name = NULL };
	return count;
}

enum status config_option(struct config *config, int option, const char *argument)
{
	enum config_id id = (enum config_id)(option - CONFIG_OPTION_FIRST);
	char what[64];

	snprintf(what, sizeof(what), "--%s", keys[id].name);
	return config_set(config, id, what, argument);
}

/* The longest of each use has two spaces behind it, so that it is seen where it ends. */
static void print_options(enum config_use use, int width)
{
	char option[64];

	for (int id = 0; id < CONFIG_KEYS; id++) {
		if (!is_option(id, use))
			continue;
		snprintf(option, sizeof(option), "--%s %s", keys[id].name,
			 keys[id].argument);
		printf("  %-*s %s\n", width, option, keys[id].summary);
	}
}

void config_help_link(void)
{
	print_options(CONFIG_LINK, 27);
}

void config_help_serve(void)
{
	print_options(CONFIG_SERVE, 30);
}
