// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connects a device: finds SNAPs, makes tunnels, registers, and waits until they are
 * established. The tunnels go with the connection to the kernel until then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "address.h"
#include "connect.h"
#include "discovery.h"
#include "events.h"
#include "format.h"
#include "process.h"
#include "report.h"
#include "signals.h"
#include "uplink.h"

#define MS_PER_SECOND	1000U

/* How long the tunnels to a SNAP that knows us already may take, in ms. */
#define DOUBT		10000

/**
 * struct connection - what is being done
 * @all: What uplinks share.
 * @discovery: The search for SNAPs.
 * @uplinks: Ways to those that are used, or were tried.
 * @count: Their number.
 * @events: The kernel's events.
 * @signals: Signals.
 * @timeout: All has taken too long.
 * @doubt: The last of the uplinks is to register, though the kernel says that it is.
 * @failed: The last of the uplinks failed, and may.
 * @waiting: The last of the uplinks is registered, its tunnels are waited for.
 * @status: The outcome.
 */
struct connection {
	struct uplinks all;
	struct discovery discovery;
	struct uplink uplinks[DISCOVERY_SNAPS_MAX];
	size_t count;
	struct events events;
	struct signals signals;
	struct loop_timer timeout;
	struct loop_timer doubt;
	bool failed;
	bool waiting;
	enum status status;
};

static void end(struct connection *connection, enum status status)
{
	connection->status = status;
	loop_stop(connection->all.loop);
}

static void begin_next(struct connection *connection);

/* A tunnel's state, or "" where it is not one of the uplink. */
static const char *state_of(const struct uplink *uplink, const json_t *tunnel)
{
	return uplink_has_tunnel(uplink, tunnel) ? member_text(tunnel, "state") : "";
}

/* Looks whether the tunnels of the last uplink are established. */
static void look(struct connection *connection)
{
	struct uplink *uplink = &connection->uplinks[connection->count - 1];
	size_t established = 0, others = 0;
	enum status status;
	json_t *tunnels;
	json_t *tunnel;
	size_t i;

	status = device_list(&connection->all.device, SNAPTUN_CMD_TUNNEL_GET,
			     &tunnels);
	json_array_foreach(tunnels, i, tunnel) {
		const char *state = state_of(uplink, tunnel);

		if (!strcmp(state, "closed"))
			status = report(STATUS_FAILED, "tunnel %lld is closed: it has got another address than before",
					member_number(tunnel, "id"));
		/* Without keepalives it is packets that have one established. */
		if (!strcmp(state, "established") ||
		    (*state && !member_number(tunnel, "keepalive")))
			established++;
		else if (*state)
			others++;
	}
	json_decref(tunnels);
	if (status != STATUS_OK) {
		end(connection, status);
	} else if (!others && established) {
		connection->waiting = false;
		loop_timer_cancel(connection->all.loop, &connection->doubt);
		begin_next(connection);
	} else if (!others) {
		end(connection, report(STATUS_FAILED, "somebody has removed the tunnel"));
	}
}

/* The failure of a call as an exit code. */
static enum status status_of(const struct rpc_error *error)
{
	return rpc_code_is_permanent(error->code) ? STATUS_REFUSED :
						    STATUS_UNREACHABLE;
}

static void uplink_done(struct uplink *uplink, const struct rpc_error *error,
			uint64_t pause)
{
	struct connection *connection = uplink->data;

	(void)pause;
	if (!error) {
		connection->waiting = true;
		/* What others did before us may be of no use any more: once. */
		if (!uplink->was_asked)
			loop_timer_set(connection->all.loop, &connection->doubt, DOUBT);
		look(connection);
		return;
	}
	/* Of those that were found, any will do; of those that were named, all are wanted. */
	if (!connection->all.config->snaps.count &&
	    connection->count < connection->discovery.count) {
		report_note("%s: %s", uplink->what, error->message);
		/* They are of no use, and may have the port that the next one is to have. */
		uplink_drop_made(uplink);
		connection->failed = true;
		begin_next(connection);
		return;
	}
	end(connection, report(status_of(error), "%s: %s", uplink->what,
			       error->message));
}

/* Goes on to the next SNAP, or to the end. */
static void begin_next(struct connection *connection)
{
	bool one = !connection->all.config->snaps.count;
	struct uplink *uplink;

	if (connection->count &&
	    (connection->count == connection->discovery.count ||
	     (one && !connection->failed))) {
		end(connection, STATUS_OK);
		return;
	}
	uplink = &connection->uplinks[connection->count];
	*uplink = (struct uplink){
		.all = &connection->all,
		.url = connection->discovery.snaps[connection->count],
		.tunnels = connection->all.config->tunnels,
		.done = uplink_done,
		.data = connection,
	};
	connection->count++;
	connection->failed = false;
	uplink_init(uplink);
	uplink_begin(uplink);
}

static void found(struct discovery *discovery, const struct rpc_error *error,
		  uint64_t pause)
{
	struct connection *connection = discovery->data;

	(void)pause;
	if (error)
		end(connection, report(status_of(error), "looking for SNAPs: %s",
				       error->message));
	else
		begin_next(connection);
}

static void heard(struct events *events, const json_t *event)
{
	struct connection *connection = events->data;

	if (!connection->count)
		return;
	uplink_hear(&connection->uplinks[connection->count - 1], event);
	if (connection->waiting)
		look(connection);
}

static void doubted(struct loop_timer *timer)
{
	struct connection *connection = timer->data;
	struct uplink *uplink = &connection->uplinks[connection->count - 1];

	report_note("%s answers no handshake, registering again", uplink->url.text);
	connection->waiting = false;
	uplink->renew = true;
	uplink_begin(uplink);
}

static void timed_out(struct loop_timer *timer)
{
	struct connection *connection = timer->data;

	end(connection, report(STATUS_TIMEOUT, "%s", connection->waiting ?
			       "the SNAP answered no handshake in time" :
			       "it took too long"));
}

static void interrupted(struct signals *signals, int number)
{
	(void)number;
	end(signals->data, STATUS_INTERRUPTED);
}

static enum status run(struct connection *connection, const char *device,
		       uint32_t timeout)
{
	uint64_t end = loop_now() + (uint64_t)timeout * MS_PER_SECOND;
	uint8_t key[SNAPTUN_KEY_LEN];
	enum status status;

	connection->events = (struct events){
		.loop = connection->all.loop, .heard = heard, .data = connection,
	};
	connection->signals = (struct signals){
		.loop = connection->all.loop, .taken = interrupted, .data = connection,
	};
	connection->timeout = (struct loop_timer){
		.fire = timed_out, .data = connection,
	};
	connection->doubt = (struct loop_timer){ .fire = doubted, .data = connection };
	connection->discovery.all = &connection->all;
	connection->discovery.done = found;
	connection->discovery.data = connection;
	status = signals_begin(&connection->signals);
	if (status == STATUS_OK)
		status = device_open(device, &connection->all.device);
	if (status == STATUS_OK)
		status = uplinks_read_input(&connection->all, connection->signals.watch.fd,
					    (uint64_t)timeout * MS_PER_SECOND);
	if (status == STATUS_OK)
		status = uplinks_open(&connection->all);
	if (status == STATUS_OK && !device_is_up(&connection->all.device))
		status = report(STATUS_FAILED, "%s is down", device);
	if (status == STATUS_OK)
		status = device_key(&connection->all.device, key);
	if (status == STATUS_OK)
		status = events_begin(&connection->events);
	if (status == STATUS_OK)
		status = discovery_init(&connection->discovery);
	if (status != STATUS_OK)
		return status;
	if (timeout)
		loop_timer_set(connection->all.loop, &connection->timeout,
			       end > loop_now() ? end - loop_now() : 0);
	connection->status = STATUS_FAILED;
	discovery_begin(&connection->discovery);
	status = loop_run(connection->all.loop);
	discovery_stop(&connection->discovery);
	return status == STATUS_OK ? connection->status : status;
}

/* The first uplink that is used: of those that were found it is the last one tried. */
static size_t first_used(const struct connection *connection)
{
	return connection->all.config->snaps.count || !connection->count ?
	       0 : connection->count - 1;
}

/*
 * From now on they stay, whatever becomes of the connection to the kernel; all of them,
 * or none.
 */
static enum status keep_tunnels(struct connection *connection)
{
	enum status status = STATUS_OK;
	const json_t *id;
	size_t i;

	for (size_t u = first_used(connection);
	     u < connection->count && status == STATUS_OK; u++) {
		json_array_foreach(connection->uplinks[u].made, i, id) {
			status = device_keep_tunnel(&connection->all.device,
						    (uint32_t)json_integer_value(id));
			if (status != STATUS_OK)
				break;
		}
	}
	for (size_t u = 0; u < connection->count && status != STATUS_OK; u++)
		uplink_drop_made(&connection->uplinks[u]);
	return status;
}

/* The tunnels of all uplinks that are used, each with its "control-plane-url". */
static json_t *collect(struct connection *connection)
{
	json_t *list = json_array();
	json_t *tunnels;
	json_t *tunnel;
	size_t i;

	if (device_list(&connection->all.device, SNAPTUN_CMD_TUNNEL_GET,
			&tunnels) != STATUS_OK)
		return list;
	json_array_foreach(tunnels, i, tunnel) {
		for (size_t u = first_used(connection); u < connection->count; u++) {
			const struct uplink *uplink = &connection->uplinks[u];

			if (!uplink_has_tunnel(uplink, tunnel))
				continue;
			json_object_set_new(tunnel, "control-plane-url",
					    json_string(uplink->url.text));
			json_array_append(list, tunnel);
		}
	}
	json_decref(tunnels);
	return list;
}

static enum status print(struct connection *connection, bool json)
{
	json_t *tunnels = collect(connection);
	enum status status = STATUS_OK;
	char text[ADDRESS_TEXT_SIZE];
	const json_t *tunnel;
	size_t i;

	if (json) {
		if (json_dumpf(tunnels, stdout, JSON_INDENT(2)) < 0)
			status = report(STATUS_FAILED, "cannot write the answer");
		printf("\n");
	} else {
		json_array_foreach(tunnels, i, tunnel) {
			const json_t *assigned = json_object_get(tunnel, "assigned");

			if (assigned)
				printf("%s\n", address_format(assigned, text));
		}
	}
	json_decref(tunnels);
	return status;
}

enum status connect_device(const char *device, const struct config *config,
			   uint32_t timeout, bool json)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	enum status status;

	if (!connection)
		return report(STATUS_FAILED, "no memory");
	connection->all.config = config;
	connection->all.provisional = true;
	status = process_hide();
	if (status == STATUS_OK)
		status = rpc_set_up();
	if (status == STATUS_OK)
		status = loop_new(&connection->all.loop);
	if (status == STATUS_OK)
		status = run(connection, device, timeout);
	if (status == STATUS_OK)
		status = keep_tunnels(connection);
	if (status == STATUS_OK)
		status = print(connection, json);
	for (size_t i = 0; i < connection->count; i++)
		uplink_stop(&connection->uplinks[i]);
	events_end(&connection->events);
	signals_end(&connection->signals);
	uplinks_close(&connection->all);
	loop_free(connection->all.loop);
	free(connection);
	return status;
}
