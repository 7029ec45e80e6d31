/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hears of links that come, go, and change, and of addresses. */
#ifndef SNAPTUN_LINKWATCH_H
#define SNAPTUN_LINKWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "loop.h"

struct nl_sock;

/**
 * struct linkwatch - the changes of links and addresses in this network namespace
 * @loop: The loop.
 * @changed: Called after a change; @ifindex is of the link that it is about, 0 where it
 *	may be any, and @gone says that this link is no more.
 * @data: For @changed.
 * @socket: The connection; linkwatch_begin() makes it, and what follows.
 * @watch: Of its descriptor.
 */
struct linkwatch {
	struct loop *loop;
	void (*changed)(struct linkwatch *links, uint32_t ifindex, bool gone);
	void *data;
	struct nl_sock *socket;
	struct loop_watch watch;
};

/**
 * linkwatch_begin() - hear of changes from now on
 * @links: With all filled in that is the caller's.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status linkwatch_begin(struct linkwatch *links);

/**
 * linkwatch_end() - hear of them no more
 * @links: What linkwatch_begin() began, or all zero.
 */
void linkwatch_end(struct linkwatch *links);

#endif /* SNAPTUN_LINKWATCH_H */
