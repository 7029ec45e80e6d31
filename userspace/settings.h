/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings that tunnels and identities have in common. */
#ifndef SNAPTUN_SETTINGS_H
#define SNAPTUN_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/snaptun.h>

#include "command.h"
#include "netlink.h"

/**
 * struct settings - what a command line says about them
 * @psk_file: File with the pre-shared key; NULL for none.
 * @psk: The key, once settings_read_psk() read it.
 * @has_keepalive: @keepalive was given; the flags below likewise.
 * @keepalive: Persistent keepalive interval in seconds, 0 for off.
 * @has_burst_limit: See @has_keepalive.
 * @burst_limit: Bytes of UDP payload in one batch.
 * @has_answer_keepalives: See @has_keepalive.
 * @answer_keepalives: 1 to let keepalives count as data.
 */
struct settings {
	const char *psk_file;
	uint8_t psk[SNAPTUN_KEY_LEN];
	bool has_keepalive;
	uint32_t keepalive;
	bool has_burst_limit;
	uint32_t burst_limit;
	bool has_answer_keepalives;
	uint32_t answer_keepalives;
};

/* Their options, for a subcommand's table; upper case is kept free for them. */
#define SETTINGS_OPTIONS						\
	{ "psk-file", required_argument, NULL, 'P' },			\
	{ "keepalive", required_argument, NULL, 'K' },			\
	{ "burst-limit", required_argument, NULL, 'B' },		\
	{ "answer-keepalives", required_argument, NULL, 'A' }

#define SETTINGS_HELP							\
	"  --psk-file FILE             pre-shared key; - is standard input\n" \
	"  --keepalive SECONDS|off     interval of persistent keepalives\n" \
	"  --burst-limit BYTES         the most UDP payload to send in one batch\n" \
	"  --answer-keepalives on|off  whether keepalives count as data; on both sides alike\n"

/**
 * struct settings_types - the attribute types that the settings travel in
 * @psk: Of the pre-shared key.
 * @keepalive: Of the keepalive interval.
 * @burst_limit: Of the burst limit.
 * @answer_keepalives: Of the switch.
 */
struct settings_types {
	int psk;
	int keepalive;
	int burst_limit;
	int answer_keepalives;
};

extern const struct settings_types settings_of_tunnels;
extern const struct settings_types settings_of_identities;

/**
 * settings_option() - take one of %SETTINGS_OPTIONS
 * @settings: Where it goes.
 * @option: The option's character.
 * @argument: Its argument.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status settings_option(struct settings *settings, int option,
			    const char *argument);

/**
 * settings_read_psk() - read the pre-shared key's file, if there is one
 * @settings: Where the key goes; settings_wipe() forgets it.
 *
 * Return: %STATUS_OK, or %STATUS_BAD_KEY after a report.
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
