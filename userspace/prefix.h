/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP prefixes: from text, into netlink messages. */
#ifndef SNAPTUN_PREFIX_H
#define SNAPTUN_PREFIX_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/snaptun.h>

#include "command.h"
#include "netlink.h"

/* Longer than each prefix that is one. */
#define PREFIX_TEXT_SIZE	(INET6_ADDRSTRLEN + sizeof("/128"))

/**
 * struct prefix - a block of IP addresses
 * @family: %AF_INET or %AF_INET6; tells which of @ipv4 and @ipv6 counts.
 * @length: How many bits of the address count. The module takes the others for 0.
 * @ipv4: IPv4 address.
 * @ipv6: IPv6 address.
 */
struct prefix {
	int family;
	uint8_t length;
	union {
		struct in_addr ipv4;
		struct in6_addr ipv6;
	};
};

/**
 * struct prefixes - a list of them
 * @count: Their number.
 * @list: The prefixes, in the order of the command line.
 */
struct prefixes {
	size_t count;
	struct prefix list[SNAPTUN_PREFIXES_MAX];
};

/**
 * prefix_option() - read prefixes with commas between them
 * @what: The option's name, for the report.
 * @text: Its argument: each prefix an address, a slash and a length, or an address
 *	alone, which is a host; "none" or nothing at all for no prefix.
 * @prefixes: Where they go.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status prefix_option(const char *what, const char *text,
			  struct prefixes *prefixes);

/**
 * prefix_format() - turn a prefix into text
 * @prefix: The prefix.
 * @text: Where it goes: an address, a slash and a length.
 *
 * Return: @text.
 */
const char *prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT_SIZE]);

/**
 * prefix_put() - add prefixes to a request
 * @netlink: The connection, whose request was begun.
 * @type: Type of the attribute that holds them.
 * @prefixes: The prefixes; may be none.
 */
void prefix_put(struct netlink *netlink, int type,
		const struct prefixes *prefixes);

#endif /* SNAPTUN_PREFIX_H */
