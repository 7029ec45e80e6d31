/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps one device connected to its SNAPs, for as long as the daemon runs. */
#ifndef SNAPTUN_KEEPER_H
#define SNAPTUN_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <net/if.h>

#include "command.h"
#include "config.h"
#include "discovery.h"
#include "loop.h"
#include "uplinks.h"

struct kept;

/**
 * struct keeper - what keeps a device connected
 * @next: The next device's; the caller's.
 * @loop: The loop.
 * @name: The device's name.
 * @config: What was configured, checked; keeper_free() frees it.
 * @told: Called when what keeper_describe() says may have changed.
 * @data: For @told.
 * @all: What uplinks share; keeper_begin() makes it, and what follows.
 * @discovery: The search for SNAPs.
 * @tried: Which of those that were found is tried, where any of them will do.
 * @kept: The control planes that are kept registered.
 * @again: When to look for the device, or for SNAPs, again.
 * @watch: When it is looked at next what tunnels send and receive.
 * @seen: What they had at the last look, by their ids; NULL before.
 * @is_open: The device is there.
 * @is_settled: A first outcome has come, good or bad.
 */
struct keeper {
	struct keeper *next;
	struct loop *loop;
	char name[IFNAMSIZ];
	struct config *config;
	void (*told)(struct keeper *keeper);
	void *data;
	struct uplinks all;
	struct discovery discovery;
	size_t tried;
	struct kept *kept;
	struct loop_timer again;
	struct loop_timer watch;
	json_t *seen;
	bool is_open;
	bool is_settled;
};

/**
 * keeper_begin() - keep a device connected from now on
 * @keeper: With all filled in that is the caller's.
 *
 * The device need not be there yet.
 *
 * Return: %STATUS_OK, or a failure after a report: the configuration cannot be used.
 */
enum status keeper_begin(struct keeper *keeper);

/**
 * keeper_free() - keep it connected no more, and free the keeper
 * @keeper: It, which may not have begun. The kernel's tunnels and registrations stay.
 */
void keeper_free(struct keeper *keeper);

/**
 * keeper_hear() - take an event of the kernel
 * @keeper: The keeper.
 * @event: The event, of any device; NULL where some were lost.
 */
void keeper_hear(struct keeper *keeper, const json_t *event);

/**
 * keeper_look() - a link or an address has changed
 * @keeper: The keeper. It looks for its device, and tries again at once what failed.
 */
void keeper_look(struct keeper *keeper);

/**
 * keeper_describe() - say in a few words how it is
 * @keeper: The keeper.
 * @text: Where the words go.
 * @size: Room there.
 */
void keeper_describe(const struct keeper *keeper, char *text, size_t size);

#endif /* SNAPTUN_KEEPER_H */
