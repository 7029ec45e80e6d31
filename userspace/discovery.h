/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the control planes of the SNAPs that a configuration leads to. */
#ifndef SNAPTUN_DISCOVERY_H
#define SNAPTUN_DISCOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attempt.h"
#include "snap_api.h"
#include "uplink.h"
#include "url.h"

/* Where endhost APIs are asked for where the configuration names nothing. */
#define DISCOVERY_SERVICE	"https://discovery.scion.anapaya.net"

/* The most SNAPs that are kept of those found. */
#define DISCOVERY_SNAPS_MAX	16

/**
 * struct discovery - the search for SNAPs
 * @all: What the device's uplinks share. Origins that are found are added there.
 * @done: The search is over: @snaps are there, one at least; or @error says why not, and
 *	how long to wait before the next round, in milliseconds.
 * @data: For @done.
 * @snaps: Those that were found, or named by the configuration, the preferred first.
 * @count: Their number.
 * @attempt: How far the search is; discovery_init() makes it, and what follows.
 * @service: The discovery service that is asked.
 * @call: The call under way, or NULL.
 * @apis: The endhost APIs that are asked, one after the other.
 * @apis_count: Their number.
 * @next: Which of them is being asked.
 * @error: What counts where none of them knows a SNAP.
 */
struct discovery {
	struct uplinks *all;
	void (*done)(struct discovery *discovery, const struct rpc_error *error,
		     uint64_t pause);
	void *data;
	struct url snaps[DISCOVERY_SNAPS_MAX];
	size_t count;
	struct attempt attempt;
	struct url service;
	struct rpc_call *call;
	struct url apis[CONFIG_URLS_MAX];
	size_t apis_count;
	size_t next;
	struct rpc_error error;
};

/**
 * discovery_init() - a search that has not begun
 * @discovery: The search, with all filled in that is the caller's. What the
 *	configuration names may get the token from now on.
 *
 * Return: %STATUS_OK, or after a report %STATUS_USAGE where the configuration has
 * something that is no URL.
 */
enum status discovery_init(struct discovery *discovery);

/**
 * discovery_begin() - begin a round of the search, or hurry one that pauses
 * @discovery: The search.
 *
 * @discovery->done may be called before this returns: nobody is asked where the
 * configuration names the SNAPs.
 */
void discovery_begin(struct discovery *discovery);

/**
 * discovery_stop() - end the search early
 * @discovery: The search.
 */
void discovery_stop(struct discovery *discovery);

#endif /* SNAPTUN_DISCOVERY_H */
