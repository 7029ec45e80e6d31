/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device's way to one SNAP: asks its control plane where the data plane is, sees that
 * there are tunnels to it, and registers the device's key.
 */
#ifndef SNAPTUN_UPLINK_H
#define SNAPTUN_UPLINK_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "attempt.h"
#include "snap_api.h"
#include "uplinks.h"
#include "url.h"

/**
 * struct uplink - the way to one SNAP
 * @all: What it shares with others.
 * @url: The SNAP's control plane.
 * @tunnels: How many tunnels there are to be at least.
 * @renew: Register though the control plane is registered already.
 * @done: A round is over: the key is registered, by us or another helper, or @error
 *	says why not, and how many milliseconds to wait before the next round. May begin
 *	the next round, but not free the uplink.
 * @data: For @done.
 * @attempt: How far the round is; uplink_init() makes it, and what follows.
 * @call: The call under way, or NULL.
 * @data_plane: What the SNAP said last of its data plane.
 * @key: The key that is being registered.
 * @expiry: When the token expires with which it is, seconds since the epoch.
 * @has_expiry: The token tells that.
 * @plane: Id of the control plane in the kernel, where @has_plane.
 * @has_plane: There is one, at the last look.
 * @owner: We are the ones who register there.
 * @waiting: Another helper is.
 * @was_asked: The SNAP was asked to register the key, by us.
 * @made: Array of the ids of tunnels that were made here, and are not to be counted as
 *	somebody else's while they are provisional.
 * @what: What is tried, for reports.
 */
struct uplink {
	struct uplinks *all;
	struct url url;
	unsigned int tunnels;
	bool renew;
	void (*done)(struct uplink *uplink, const struct rpc_error *error,
		     uint64_t pause);
	void *data;
	struct attempt attempt;
	struct rpc_call *call;
	struct snap_data_plane data_plane;
	uint8_t key[SNAPTUN_KEY_LEN];
	int64_t expiry;
	bool has_expiry;
	uint32_t plane;
	bool has_plane;
	bool owner;
	bool waiting;
	bool was_asked;
	json_t *made;
	char what[URL_TEXT_SIZE + sizeof("registering with ")];
};

/**
 * uplink_init() - an uplink about which nothing was done yet
 * @uplink: The uplink, with all filled in that is the caller's; uplink_stop() ends it.
 */
void uplink_init(struct uplink *uplink);

/**
 * uplink_begin() - begin a round, or hurry one that pauses
 * @uplink: The uplink.
 *
 * @uplink->done may be called before this returns.
 */
void uplink_begin(struct uplink *uplink);

/**
 * uplink_is_busy() - is a round under way?
 * @uplink: The uplink.
 */
bool uplink_is_busy(const struct uplink *uplink);

/**
 * uplink_is_calling() - is an answer under way, of the SNAP or of another helper?
 * @uplink: The uplink.
 *
 * Return: whether a change, as of the token, comes too late for the try under way.
 */
bool uplink_is_calling(const struct uplink *uplink);

/**
 * uplink_has_tunnel() - is a tunnel one of the uplink?
 * @uplink: The uplink.
 * @tunnel: The tunnel, as the kernel tells of it.
 *
 * Return: whether it counts on the control plane, as far as that is known, and is not
 * another helper's that may go any time.
 */
bool uplink_has_tunnel(const struct uplink *uplink, const json_t *tunnel);

/**
 * uplink_drop_made() - remove the tunnels that were made here
 * @uplink: The uplink, which is given up.
 */
void uplink_drop_made(struct uplink *uplink);

/**
 * uplink_hear() - take an event of the kernel
 * @uplink: The uplink.
 * @event: The event; NULL where some were lost, so that anything may have happened.
 */
void uplink_hear(struct uplink *uplink, const json_t *event);

/**
 * uplink_stop() - end a round early, let others register, and be done with the uplink
 * @uplink: The uplink. Its tunnels are the kernel's.
 */
void uplink_stop(struct uplink *uplink);

#endif /* SNAPTUN_UPLINK_H */
