/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings that tunnels and identities have in common. */
#ifndef SNAPTUN_SETTINGS_H
#define SNAPTUN_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/snaptun.h>

#include "command.h"
#include "netlink.h"
#include "prefix.h"

/**
 * struct settings - what a command line says about them
 * @psk_file: File with the pre-shared key; NULL for none.
 * @remove_psk: There is to be no pre-shared key any more.
 * @psk: The key, once settings_read_psk() read it; zeros until then.
 * @has_keepalive: @keepalive was given; the flags below likewise.
 * @keepalive: Persistent keepalive interval in seconds, 0 for off.
 * @has_burst_limit: See @has_keepalive.
 * @burst_limit: Bytes of UDP payload in one batch.
 * @has_answer_keepalives: See @has_keepalive.
 * @answer_keepalives: 1 to let keepalives count as data.
 * @has_allowed_ips: See @has_keepalive.
 * @allowed_ips: The prefixes; none to take all away.
 */
struct settings {
	const char *psk_file;
	bool remove_psk;
	uint8_t psk[SNAPTUN_KEY_LEN];
	bool has_keepalive;
	uint32_t keepalive;
	bool has_burst_limit;
	uint32_t burst_limit;
	bool has_answer_keepalives;
	uint32_t answer_keepalives;
	bool has_allowed_ips;
	struct prefixes allowed_ips;
};

/* Their options, for a subcommand's table; upper case is kept free for them. */
#define SETTINGS_OPTIONS						\
	{ "psk-file", required_argument, NULL, 'P' },			\
	{ "keepalive", required_argument, NULL, 'K' },			\
	{ "burst-limit", required_argument, NULL, 'B' },		\
	{ "answer-keepalives", required_argument, NULL, 'A' },		\
	{ "allowed-ips", required_argument, NULL, 'I' }

/* One more where there is something to change. */
#define SETTINGS_CHANGE_OPTIONS						\
	SETTINGS_OPTIONS,						\
	{ "remove-psk", no_argument, NULL, 'R' }

#define SETTINGS_HELP							\
	SETTINGS_PSK_HELP						\
	SETTINGS_OTHER_HELP

#define SETTINGS_CHANGE_HELP						\
	SETTINGS_PSK_HELP						\
	"  --remove-psk                do without a pre-shared key\n"	\
	SETTINGS_OTHER_HELP

#define SETTINGS_PSK_HELP						\
	"  --psk-file FILE             pre-shared key; - is standard input\n"

#define SETTINGS_OTHER_HELP						\
	"  --keepalive SECONDS|off     interval of persistent keepalives\n" \
	"  --burst-limit BYTES         the most UDP payload to send in one batch\n" \
	"  --answer-keepalives on|off  whether keepalives count as data; on both sides alike\n" \
	"  --allowed-ips LIST|none     IP prefixes behind the other side, as in\n" \
	"                              10.0.0.0/8,2001:db8::/32\n"

/**
 * struct settings_types - the attribute types that the settings travel in
 * @psk: Of the pre-shared key.
 * @keepalive: Of the keepalive interval.
 * @burst_limit: Of the burst limit.
 * @answer_keepalives: Of the switch.
 * @allowed_ips: Of the prefixes.
 */
struct settings_types {
	int psk;
	int keepalive;
	int burst_limit;
	int answer_keepalives;
	int allowed_ips;
};

extern const struct settings_types settings_of_tunnels;
extern const struct settings_types settings_of_identities;

/**
 * settings_option() - take one of %SETTINGS_CHANGE_OPTIONS
 * @settings: Where it goes.
 * @option: The option's character.
 * @argument: Its argument; NULL where it takes none.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status settings_option(struct settings *settings, int option,
			    const char *argument);

/**
 * settings_any() - whether one was given
 * @settings: The settings.
 */
bool settings_any(const struct settings *settings);

/**
 * settings_read_psk() - read the pre-shared key's file, if there is one
 * @settings: Where the key goes; settings_wipe() forgets it.
 *
 * Return: %STATUS_OK, or after a report %STATUS_BAD_KEY, or %STATUS_USAGE where the
 * key is to be removed as well.
 */
enum status settings_read_psk(struct settings *settings);

/**
 * settings_put() - add all that was given to a request
 * @settings: The settings.
 * @netlink: The connection, whose request was begun.
 * @types: Their attribute types.
 */
void settings_put(const struct settings *settings, struct netlink *netlink,
		  const struct settings_types *types);

/**
 * settings_wipe() - forget the pre-shared key
 * @settings: The settings.
 */
void settings_wipe(struct settings *settings);

#endif /* SNAPTUN_SETTINGS_H */
