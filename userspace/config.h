/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a link to a SNAP is to be like, and a SNAP's control plane: from files, and from
 * command lines, whose options have the names of the files' keys.
 */
#ifndef SNAPTUN_CONFIG_H
#define SNAPTUN_CONFIG_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include <net/if.h>

#include "address.h"
#include "backoff.h"
#include "command.h"
#include "prefix.h"

#define CONFIG_FOLDER		"/etc/snaptun"
#define CONFIG_RUN_FOLDER	"/run/snaptun"
#define CONFIG_KEY_FOLDER	"/var/lib/snaptun"

/* A file or a line of one that is longer is refused; 1024 prefixes fit. */
#define CONFIG_FILE_BYTES	262144U
#define CONFIG_LINE_BYTES	65536U

/* The most values of a key that may be given again. */
#define CONFIG_URLS_MAX		16
#define CONFIG_ASES_MAX		16
#define CONFIG_TUNNELS_MAX	256

/**
 * enum config_use - what a configuration is for
 * @CONFIG_LINK: A link to a SNAP.
 * @CONFIG_SERVE: A SNAP's control plane, and the device that is its data plane.
 */
enum config_use {
	CONFIG_LINK,
	CONFIG_SERVE,
};

/* Each key. The manuals, snaptun.conf(5) and snaptun-serve(8), say what they mean. */
enum config_id {
	CONFIG_ENDHOST_API,
	CONFIG_SNAP,
	CONFIG_DISCOVERY,
	CONFIG_ISD_AS,
	CONFIG_TOKEN_FILE,
	CONFIG_TOKEN_COMMAND,
	CONFIG_TOKEN_COMMAND_TIMEOUT,
	CONFIG_AA,
	CONFIG_API_KEY_FILE,
	CONFIG_DEVICE_ID,
	CONFIG_TOKEN_VALIDITY,
	CONFIG_PRIVATE_KEY_FILE,
	CONFIG_ADDRESS,
	CONFIG_ROUTE,
	CONFIG_MTU,
	CONFIG_ALLOWED_IPS,
	CONFIG_KEEPALIVE,
	CONFIG_BURST_LIMIT,
	CONFIG_LOCAL_PORT,
	CONFIG_LISTEN_PORT,
	CONFIG_FWMARK,
	CONFIG_FIXED_ADDRESS,
	CONFIG_DEFAULT,
	CONFIG_TUNNELS,
	CONFIG_CA_FILE,
	CONFIG_INSECURE_HTTP,
	CONFIG_HTTP2,
	CONFIG_REQUEST_TIMEOUT,
	CONFIG_ATTEMPTS_FIRST,
	CONFIG_ATTEMPTS_RENEWAL,
	CONFIG_RETRY_BASE,
	CONFIG_RETRY_FACTOR,
	CONFIG_RETRY_MAX,
	CONFIG_ROUND_INTERVAL,
	CONFIG_DEVICE,
	CONFIG_DATA_PLANE,
	CONFIG_CONTROL_LISTEN,
	CONFIG_CONTROL_URL,
	CONFIG_SNAP_AS,
	CONFIG_TOKEN_KEY_FILE,
	CONFIG_JWKS_FILE,
	CONFIG_TLS_CERTIFICATE_FILE,
	CONFIG_TLS_KEY_FILE,
	CONFIG_KEYS,
};

/**
 * struct config_urls - URLs of services that do the same
 * @count: Their number.
 * @list: The URLs, in the order that they were given in.
 */
struct config_urls {
	size_t count;
	char *list[CONFIG_URLS_MAX];
};

/**
 * struct config_ases - ASes
 * @count: Their number.
 * @list: The ASes, in the order that they were given in.
 */
struct config_ases {
	size_t count;
	uint64_t list[CONFIG_ASES_MAX];
};

/**
 * struct config - all that can be said
 * @use: What for.
 * @given: A bit for each key that was given; see config_given(). What was not has its
 *	default.
 * @endhost_apis: Endhost APIs.
 * @snaps: Control planes of SNAPs.
 * @discovery: Discovery service; NULL for none, as all strings.
 * @isd_as: The AS that SNAPs are looked for in; 0 for any.
 * @token_file: File with the token; "-" for standard input.
 * @token_command: Command that prints it.
 * @token_command_timeout: How long that may take, in milliseconds.
 * @aa: Service that gives a token for an API key.
 * @api_key_file: File with that key.
 * @device_id: What the service knows this machine as.
 * @token_validity: What it is asked for, in seconds; 0 for its own default.
 * @private_key_file: File with the device's key.
 * @addresses: Addresses of the link, with the length of their networks.
 * @routes: What is routed over it.
 * @mtu: Its MTU.
 * @allowed_ips: Prefixes behind the SNAP.
 * @keepalive: Keepalive interval of tunnels in seconds, 0 for off.
 * @burst_limit: Bytes of UDP payload in one batch.
 * @local_port: UDP port of the tunnel.
 * @listen_port: UDP port of the device.
 * @fwmark: Mark of packets of the underlay.
 * @fixed_address: Another assigned address closes a tunnel.
 * @is_default: The tunnel takes what belongs to no other.
 * @tunnels: How many tunnels there are to be.
 * @ca_file: File with certificates to trust instead of the system's.
 * @insecure_http: Tokens may be sent in the clear.
 * @http2: Plain http is HTTP/2 at once.
 * @request_timeout: How long a request may take, in milliseconds.
 * @backoff: How to try again.
 * @device: The data plane.
 * @data_plane: Address of it that clients are told.
 * @control_listen: Where the control plane listens.
 * @control_url: URL of it that clients are told.
 * @snap_ases: ASes that the SNAP is for.
 * @token_key_file: File with the key that tokens are signed with.
 * @jwks_file: File with several such keys.
 * @tls_certificate_file: File with the control plane's certificates.
 * @tls_key_file: File with the key of the first.
 */
struct config {
	enum config_use use;
	uint64_t given;
	struct config_urls endhost_apis;
	struct config_urls snaps;
	char *discovery;
	uint64_t isd_as;
	char *token_file;
	char *token_command;
	uint32_t token_command_timeout;
	char *aa;
	char *api_key_file;
	char *device_id;
	uint32_t token_validity;
	char *private_key_file;
	struct prefixes addresses;
	struct prefixes routes;
	uint32_t mtu;
	struct prefixes allowed_ips;
	uint32_t keepalive;
	uint32_t burst_limit;
	uint32_t local_port;
	uint32_t listen_port;
	uint32_t fwmark;
	uint32_t fixed_address;
	uint32_t is_default;
	uint32_t tunnels;
	char *ca_file;
	uint32_t insecure_http;
	uint32_t http2;
	uint32_t request_timeout;
	struct backoff_settings backoff;
	char *device;
	char *data_plane;
	struct address control_listen;
	char *control_url;
	struct config_ases snap_ases;
	char *token_key_file;
	char *jwks_file;
	char *tls_certificate_file;
	char *tls_key_file;
};

/* What options_next() answers with for key 0; the others follow. */
#define CONFIG_OPTION_FIRST	0x100

/**
 * config_new() - make a configuration with nothing but defaults
 * @use: What it is for.
 * @config: Where it goes; config_free() frees it. NULL on failure.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status config_new(enum config_use use, struct config **config);

/**
 * config_free() - free a configuration
 * @config: It; may be NULL.
 */
void config_free(struct config *config);

/**
 * config_given() - whether a key was given
 * @config: The configuration.
 * @id: The key.
 */
bool config_given(const struct config *config, enum config_id id);

/**
 * config_key_name() - what a key is called
 * @id: The key.
 *
 * Return: its name, without the dashes of an option.
 */
const char *config_key_name(enum config_id id);

/**
 * config_key_is_for() - whether a key is right there
 * @id: The key.
 * @use: What the configuration is for.
 */
bool config_key_is_for(enum config_id id, enum config_use use);

/**
 * config_key_repeats() - whether a key may be given again, for one value more
 * @id: The key.
 */
bool config_key_repeats(enum config_id id);

/**
 * config_key_is_path() - whether a key's value is the name of a file
 * @id: The key.
 */
bool config_key_is_path(enum config_id id);

/**
 * config_key_is_secret() - whether that file holds a secret, and can be a credential
 * @id: The key.
 */
bool config_key_is_secret(enum config_id id);

/**
 * config_name() - whether a network device can be called that
 * @what: What it is the name of, for the report.
 * @name: The name, which becomes part of paths.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status config_name(const char *what, const char *name);

/**
 * config_read() - read a configuration from a file
 * @use: What it is for.
 * @path: The file's name.
 * @config: Where it goes, unchecked; config_free() frees it. NULL on failure.
 *
 * The file must be root's or the caller's, and nobody else may write to it.
 *
 * Return: %STATUS_OK, or after a report with file and line what file_read() says, or
 * %STATUS_USAGE.
 */
enum status config_read(enum config_use use, const char *path, struct config **config);

/**
 * config_read_and_check() - the same, and check it
 * @use: What it is for.
 * @path: The file's name.
 * @name: Name of the device; NULL where the file says that.
 * @config: Where it goes; config_free() frees it. NULL on failure.
 *
 * Return: as config_read() and config_check(), after a report that names the file.
 */
enum status config_read_and_check(enum config_use use, const char *path,
				  const char *name, struct config **config);

/**
 * config_load() - read the configuration of the link of that name, and check it
 * @name: The name; of a device, too.
 * @config: Where it goes; config_free() frees it. NULL on failure.
 *
 * It is in %CONFIG_FOLDER; where it is not, what a program has put into
 * %CONFIG_RUN_FOLDER is read.
 *
 * Return: as config_read() and config_check(), after a report that names the file.
 */
enum status config_load(const char *name, struct config **config);

/**
 * config_set() - give a key a value
 * @config: The configuration.
 * @id: The key.
 * @what: What it was called, for the report.
 * @text: The value. A key that repeats has one value more then, another one only this.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report; %STATUS_FAILED without memory.
 */
enum status config_set(struct config *config, enum config_id id, const char *what,
		       const char *text);

/**
 * config_options() - add the keys to a subcommand's options
 * @use: What they are for.
 * @table: Where they go: room for %CONFIG_KEYS and for what ends the table, which is
 *	added as well.
 *
 * Return: how many there are, without the end.
 */
size_t config_options(enum config_use use, struct option *table);

/**
 * config_option() - take one of config_options()
 * @config: Where it goes. Of a key that does not repeat, the last value counts.
 * @option: What options_next() answered with.
 * @argument: Its argument.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report; %STATUS_FAILED without memory.
 */
enum status config_option(struct config *config, int option, const char *argument);

/**
 * config_help_link() - print the options of config_options() for a link, one a line
 */
void config_help_link(void);

/**
 * config_help_serve() - print those for a SNAP's control plane, one a line
 */
void config_help_serve(void);

/**
 * config_check() - whether all that must be said is, and fits together
 * @config: The configuration. Gets the file of the private key, and the URL of the control
 *	plane, where they are not given.
 * @name: Name of the device; NULL where the configuration has to say it.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report; %STATUS_FAILED without memory.
 */
enum status config_check(struct config *config, const char *name);

#endif /* SNAPTUN_CONFIG_H */
