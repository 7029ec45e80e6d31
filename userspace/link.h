/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network devices as the kernel's routing sees them: made, addressed, routed to, removed. */
#ifndef SNAPTUN_LINK_H
#define SNAPTUN_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "prefix.h"

struct link;

/**
 * link_open() - get ready for a link of this network namespace
 * @name: Its name; not copied.
 * @link: Where it goes; link_close() ends it. NULL on failure.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status link_open(const char *name, struct link **link);

/**
 * link_close() - be done with a link
 * @link: The link, which stays; may be NULL.
 */
void link_close(struct link *link);

/**
 * link_make() - see that there is a link, of the kind snaptun
 * @link: The link.
 * @mtu: Its MTU; 0 for the one that it has, or by default has.
 * @made: Whether there was none, and it was made; so on failure, too.
 *
 * Return: %STATUS_OK, or after a report %STATUS_NOT_FOUND where the link is of another
 * kind, %STATUS_NO_MODULE where the kernel knows no such kind, or another failure.
 */
enum status link_make(struct link *link, uint32_t mtu, bool *made);

/**
 * link_add_addresses() - see that a link has addresses
 * @link: The link, after link_make().
 * @addresses: The addresses, each with the length of its network. Others stay.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status link_add_addresses(struct link *link, const struct prefixes *addresses);

/**
 * link_set_up() - see that a link is up
 * @link: The link, after link_make().
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status link_set_up(struct link *link);

/**
 * link_add_routes() - see that networks are routed over a link
 * @link: The link, which is up.
 * @routes: The networks; what an address has beyond the length does not count. Other
 *	routes stay.
 *
 * A route to the same network over another device, with the same priority, is a failure.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status link_add_routes(struct link *link, const struct prefixes *routes);

/**
 * link_remove() - see that there is no link
 * @link: The link.
 *
 * Return: %STATUS_OK, or after a report %STATUS_NOT_FOUND where the link is of another
 * kind, or another failure.
 */
enum status link_remove(struct link *link);

#endif /* SNAPTUN_LINK_H */
