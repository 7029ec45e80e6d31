/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the helper asks others: a SNAP's control plane, endhost APIs, the discovery of
 * those, and the service that hands out tokens.
 *
 * Each call ends in its function `done`, once, with either what was answered, which is
 * checked and lasts until `done` returns, or an error. A call can be ended earlier by
 * rpc_cancel(); then `done` is not called. It is never called before the function that
 * begins the call has returned, and the call is no more when it is called. NULL instead
 * of a call means that it could not begin, after a report.
 */
#ifndef SNAPTUN_SNAP_API_H
#define SNAPTUN_SNAP_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/snaptun.h>

#include "address.h"
#include "rpc.h"
#include "url.h"

/* More SNAPs, ASes of one SNAP, and endhost APIs than these are left out. */
#define SNAP_API_SNAPS_MAX	256
#define SNAP_API_ASES_MAX	256
#define SNAP_API_APIS_MAX	256

/* Bounds of a token's life in seconds, which the service keeps to; 0 is its default. */
#define SNAP_API_VALIDITY_MIN	900
#define SNAP_API_VALIDITY_MAX	86400

/**
 * struct snap_data_plane - where a SNAP's data plane is
 * @address: Its UDP address, which may still be a name. The port is not 0.
 * @control: Where identities are registered with it. May be of another origin than the
 *	one that was asked: whether it gets the token is the caller's to decide.
 * @key: Its static public key.
 */
struct snap_data_plane {
	struct address address;
	struct url control;
	uint8_t key[SNAPTUN_KEY_LEN];
};

/**
 * struct snap_api_snap - a SNAP that an endhost API knows
 * @control: Its control plane.
 * @ases_count: Number of its ISD-ASes.
 * @ases: Its ISD-ASes, as isd_as_parse() has them.
 */
struct snap_api_snap {
	struct url control;
	size_t ases_count;
	uint64_t *ases;
};

/**
 * struct snap_api_underlays - how hosts get into an AS
 * @count: Number of SNAPs.
 * @snaps: The SNAPs.
 * @left_out: How many more there were, whose addresses are no URLs, or which were too
 *	many.
 */
struct snap_api_underlays {
	size_t count;
	struct snap_api_snap *snaps;
	size_t left_out;
};

/**
 * struct snap_api_endhost_api - an endhost API
 * @url: Where it is.
 * @group: Its group; those of a lower one are preferred.
 */
struct snap_api_endhost_api {
	struct url url;
	size_t group;
};

/**
 * struct snap_api_endhost_apis - the endhost APIs that are to be used
 * @count: Their number.
 * @apis: They, in the order of their groups.
 * @left_out: How many more there were, whose addresses are no URLs, or which were too
 *	many.
 */
struct snap_api_endhost_apis {
	size_t count;
	struct snap_api_endhost_api *apis;
	size_t left_out;
};

/**
 * struct snap_api_token - what one gets for an API key
 * @token: The SNAP token, wiped when the caller has returned.
 * @has_discovery: The service names a discovery service.
 * @discovery: That one.
 */
struct snap_api_token {
	char *token;
	bool has_discovery;
	struct url discovery;
};

/**
 * snap_api_data_plane() - GetSnapDataPlaneAddress: where is the data plane?
 * @rpc: What makes calls.
 * @control: The SNAP's control plane; a path in it does not count.
 * @token: The SNAP token; copied.
 * @done: Gets the data plane, or NULL and an error. That the SNAP names no control
 *	address or key is %RPC_FAILED_PRECONDITION: it is too old.
 * @data: For @done.
 *
 * Return: the call, or NULL after a report.
 */
struct rpc_call *
snap_api_data_plane(struct rpc *rpc, const struct url *control, const char *token,
		    void (*done)(void *data, const struct snap_data_plane *plane,
				 const struct rpc_error *error),
		    void *data);

/**
 * snap_api_register() - RegisterSnapTunIdentity: let a key use the data plane
 * @rpc: What makes calls.
 * @control: The data plane's @control.
 * @token: The SNAP token; copied.
 * @key: The public key.
 * @done: Gets NULL, or an error. That the server wants a pre-shared key as well is
 *	%RPC_UNIMPLEMENTED: nothing defines what would become of it.
 * @data: For @done.
 *
 * Return: the call, or NULL after a report.
 */
struct rpc_call *
snap_api_register(struct rpc *rpc, const struct url *control, const char *token,
		  const uint8_t key[SNAPTUN_KEY_LEN],
		  void (*done)(void *data, const struct rpc_error *error),
		  void *data);

/**
 * snap_api_underlays() - ListUnderlays: which SNAPs are there?
 * @rpc: What makes calls.
 * @api: The endhost API.
 * @token: The SNAP token; copied. NULL for none.
 * @isd_as: The AS that is meant; 0 for all.
 * @done: Gets the underlays, or NULL and an error.
 * @data: For @done.
 *
 * Return: the call, or NULL after a report.
 */
struct rpc_call *
snap_api_underlays(struct rpc *rpc, const struct url *api, const char *token,
		   uint64_t isd_as,
		   void (*done)(void *data,
				const struct snap_api_underlays *underlays,
				const struct rpc_error *error),
		   void *data);

/**
 * snap_api_endhost_apis() - GetEndhostApis: which endhost APIs are there?
 * @rpc: What makes calls.
 * @discovery: The discovery service.
 * @done: Gets the endhost APIs, or NULL and an error.
 * @data: For @done.
 *
 * Return: the call, or NULL after a report.
 */
struct rpc_call *
snap_api_endhost_apis(struct rpc *rpc, const struct url *discovery,
		      void (*done)(void *data,
				   const struct snap_api_endhost_apis *apis,
				   const struct rpc_error *error),
		      void *data);

/**
 * snap_api_token() - AuthenticateByKey: get a token for an API key
 * @rpc: What makes calls.
 * @service: The service; plain http is refused but for this machine.
 * @api_key: The API key; copied.
 * @device_id: What identifies this device there; copied.
 * @validity: How long the token is to be valid, in seconds; 0 for the default.
 * @done: Gets the token, or NULL and an error.
 * @data: For @done.
 *
 * Return: the call, or NULL after a report.
 */
struct rpc_call *
snap_api_token(struct rpc *rpc, const struct url *service, const char *api_key,
	       const char *device_id, uint32_t validity,
	       void (*done)(void *data, const struct snap_api_token *token,
			    const struct rpc_error *error),
	       void *data);

#endif /* SNAPTUN_SNAP_API_H */
