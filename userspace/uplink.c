// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device's way to one SNAP. A round is: the data plane's address, tunnels to it, the
 * right to register from the kernel, the registration; and all of that again after a
 * failure that may pass.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "format.h"
#include "key.h"
#include "report.h"
#include "uplink.h"

#define MS_PER_SECOND	1000

/* What a registration lasts whose token does not tell, in ms. */
#define UNKNOWN_LIFETIME	3600000U

/* Beyond its calls and pauses, what a helper may take before it counts as lost, ms. */
#define DEADLINE_SLACK	10000U

/* A pause that is longer has others register meanwhile, in ms. */
#define LONG_PAUSE		30000U

static void fail(struct uplink *uplink, enum rpc_code code, const char *why)
{
	struct rpc_error error = { .code = code };

	rpc_error_set(&error, code, "%s", why);
	attempt_failed(&uplink->attempt, &error);
}

/* What the kernel said is on stderr already. */
static void fail_locally(struct uplink *uplink)
{
	fail(uplink, RPC_INTERNAL, "the kernel did not do what it was asked for");
}

static void finish(struct uplink *uplink)
{
	attempt_succeeded(&uplink->attempt);
	uplink->renew = false;
	uplink->done(uplink, NULL, 0);
}

/* Gives the right to register back, if it is ours, with this outcome. */
static int give_back(struct uplink *uplink, uint32_t state, uint64_t lifetime)
{
	if (!uplink->owner)
		return 0;
	uplink->owner = false;
	return device_end_registration(&uplink->all->device, uplink->plane, state,
				       lifetime);
}

/* How long the key is registered with that token, in ms. */
static uint64_t lifetime_left(const struct uplink *uplink)
{
	return uplink->has_expiry ? token_time_left(uplink->expiry) : UNKNOWN_LIFETIME;
}

static void registered(void *data, const struct rpc_error *error)
{
	struct uplink *uplink = data;
	uint64_t lifetime = lifetime_left(uplink);

	uplink->call = NULL;
	if (error) {
		attempt_failed(&uplink->attempt, error);
	} else if (!lifetime) {
		fail(uplink, RPC_UNAUTHENTICATED, "the token has expired in the meantime");
	} else if (give_back(uplink, SNAPTUN_CONTROL_PLANE_STATE_REGISTERED, lifetime)) {
		/* The device's key, or the control plane itself, is another now. */
		fail(uplink, RPC_ABORTED, "the registration took too long, or is of no use any more");
	} else {
		report_note("registered with %s for %llu s", uplink->url.text,
			    (unsigned long long)lifetime / MS_PER_SECOND);
		finish(uplink);
	}
}

/* Takes the right to register, or waits for who has it. */
static bool take_over(struct uplink *uplink, uint64_t pause)
{
	uint64_t deadline = 2ULL * uplink->all->config->request_timeout +
			    pause + DEADLINE_SLACK;
	int error = device_begin_registration(&uplink->all->device, uplink->plane,
					      deadline);

	uplink->owner = !error;
	uplink->waiting = error == EBUSY;
	if (uplink->waiting) {
		report_note("another helper is registering with %s, waiting for it",
			    uplink->url.text);
		uplinks_delayed(uplink->all);
	} else if (error) {
		fail_locally(uplink);
	}
	return uplink->owner;
}

static void do_register(struct uplink *uplink)
{
	struct uplinks *all = uplink->all;
	const char *token = token_source_get(all->tokens);

	if (!take_over(uplink, 0))
		return;
	if (!token) {
		fail(uplink, RPC_UNAUTHENTICATED, "the token has expired in the meantime");
		return;
	}
	uplink->has_expiry = token_source_expiry(all->tokens, &uplink->expiry);
	if (device_key(&all->device, uplink->key) == STATUS_OK)
		uplink->call = snap_api_register(all->rpc,
						 &uplink->data_plane.control,
						 token, uplink->key, registered,
						 uplink);
	uplink->was_asked |= uplink->call != NULL;
	if (!uplink->call)
		fail_locally(uplink);
}

static bool member_is(const json_t *object, const char *name, const char *value)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text && !strcmp(text, value);
}

/*
 * Finds the control plane in the kernel. Returns its object, or NULL where no tunnel
 * names it or, with a failure in *status, the kernel does not tell.
 */
static json_t *find_plane(struct uplink *uplink, enum status *status)
{
	json_t *found = NULL;
	json_t *planes;
	json_t *plane;
	size_t i;

	*status = device_list(&uplink->all->device, SNAPTUN_CMD_CONTROL_PLANE_GET,
			      &planes);
	json_array_foreach(planes, i, plane)
		if (member_is(plane, "url", uplink->url.text))
			found = json_incref(plane);
	json_decref(planes);
	uplink->has_plane = found;
	if (found)
		uplink->plane = (uint32_t)
			json_integer_value(json_object_get(found, "id"));
	return found;
}

static long long id_of(const json_t *tunnel)
{
	return (long long)json_integer_value(json_object_get(tunnel, "id"));
}

/* Which of the tunnels that were made here it is; their number for none of them. */
static size_t find_made(const struct uplink *uplink, const json_t *tunnel)
{
	const json_t *id;
	size_t i;

	json_array_foreach(uplink->made, i, id)
		if (json_integer_value(id) == id_of(tunnel))
			break;
	return i;
}

static bool was_made_here(const struct uplink *uplink, const json_t *tunnel)
{
	return find_made(uplink, tunnel) < json_array_size(uplink->made);
}

bool uplink_has_tunnel(const struct uplink *uplink, const json_t *tunnel)
{
	const json_t *plane = json_object_get(tunnel, "control-plane");

	if (!uplink->has_plane || !plane ||
	    json_integer_value(plane) != uplink->plane)
		return false;
	/* Of others, one that is provisional may go any time. */
	return !json_is_true(json_object_get(tunnel, "provisional")) ||
	       was_made_here(uplink, tunnel);
}

static bool leads_there(const struct uplink *uplink, const json_t *tunnel)
{
	char key[KEY_TEXT_SIZE];

	key_encode(uplink->data_plane.key, key);
	return member_is(tunnel, "remote-key", key) &&
	       address_equals(json_object_get(tunnel, "endpoint"),
			      &uplink->data_plane.address);
}

/* Makes a tunnel to the data plane. */
static enum status add_tunnel(struct uplink *uplink)
{
	const struct device_tunnel tunnel = {
		.key = uplink->data_plane.key,
		.address = &uplink->data_plane.address,
		.url = uplink->url.text,
		.provisional = uplink->all->provisional,
	};
	enum status status;
	json_t *answer;

	status = device_add_tunnel(&uplink->all->device, &tunnel,
				   uplink->all->config, &answer);
	if (status == STATUS_OK)
		json_array_append_new(uplink->made, json_integer(id_of(answer)));
	json_decref(answer);
	return status;
}

/* Of the tunnels that were made here, those are left that are in a list of all. */
static void forget_removed(struct uplink *uplink, const json_t *tunnels)
{
	json_t *left = json_array();
	json_t *tunnel;
	size_t i;

	json_array_foreach(tunnels, i, tunnel)
		if (was_made_here(uplink, tunnel))
			json_array_append_new(left, json_integer(id_of(tunnel)));
	json_decref(uplink->made);
	uplink->made = left;
}

/* Removes the tunnels of a list that lead elsewhere. */
static void remove_wrong(struct uplink *uplink, const json_t *tunnels)
{
	json_t *tunnel;
	size_t i;

	json_array_foreach(tunnels, i, tunnel) {
		if (!uplink_has_tunnel(uplink, tunnel) || leads_there(uplink, tunnel))
			continue;
		device_remove_tunnel(&uplink->all->device, (uint32_t)id_of(tunnel));
		json_array_remove(uplink->made, find_made(uplink, tunnel));
	}
}

void uplink_drop_made(struct uplink *uplink)
{
	const json_t *id;
	size_t i;

	json_array_foreach(uplink->made, i, id)
		device_remove_tunnel(&uplink->all->device,
				     (uint32_t)json_integer_value(id));
	json_array_clear(uplink->made);
}

/*
 * Sees that there are as many tunnels to the data plane as there are to be. Those that
 * lead elsewhere, since it was there before, go once the others are there, or before
 * where both would have the same port.
 */
static enum status settle_tunnels(struct uplink *uplink)
{
	bool same_port = config_given(uplink->all->config, CONFIG_LOCAL_PORT);
	unsigned int right = 0, wrong = 0, wanted;
	enum status status;
	json_t *tunnels;
	json_t *tunnel;
	size_t i;

	status = device_list(&uplink->all->device, SNAPTUN_CMD_TUNNEL_GET,
			     &tunnels);
	if (status != STATUS_OK)
		return status;
	forget_removed(uplink, tunnels);
	json_array_foreach(tunnels, i, tunnel) {
		if (!uplink_has_tunnel(uplink, tunnel))
			continue;
		if (leads_there(uplink, tunnel))
			right++;
		else
			wrong++;
	}
	/* Some may have been made there before others failed: they are the same ones. */
	wanted = wrong > uplink->tunnels ? wrong : uplink->tunnels;
	if (wrong) {
		report_note("the data plane of %s has moved: its tunnels follow",
			    uplink->url.text);
		/* The new one may not know the key. */
		uplink->renew = true;
	}
	if (same_port)
		remove_wrong(uplink, tunnels);
	for (; right < wanted && status == STATUS_OK; right++)
		status = add_tunnel(uplink);
	if (!same_port && status == STATUS_OK)
		remove_wrong(uplink, tunnels);
	json_decref(tunnels);
	return status;
}

/* The SNAP said where its data plane is. */
static void located(void *data, const struct snap_data_plane *plane,
		    const struct rpc_error *error)
{
	struct uplink *uplink = data;
	struct uplinks *all = uplink->all;
	enum status status;
	json_t *known;

	uplink->call = NULL;
	if (error) {
		attempt_failed(&uplink->attempt, error);
		return;
	}
	/* Another registry may not know the key. */
	uplink->renew |= *uplink->data_plane.control.text &&
			 strcmp(uplink->data_plane.control.text, plane->control.text) != 0;
	uplink->data_plane = *plane;
	if (!url_may_lead(&uplink->url, &plane->control, all->config->insecure_http)) {
		fail(uplink, RPC_FAILED_PRECONDITION,
		     "it has the token sent in the clear, which --insecure-http would allow");
		return;
	}
	if (!url_origins_add(&all->origins, &plane->control)) {
		fail(uplink, RPC_FAILED_PRECONDITION, "too many origins get the token already");
		return;
	}
	/* Looking a name up would keep everything else waiting. */
	if (*plane->address.name) {
		fail(uplink, RPC_FAILED_PRECONDITION,
		     "its data plane has a name instead of an address, which is not looked up");
		return;
	}
	json_decref(find_plane(uplink, &status));
	if (status == STATUS_OK)
		status = settle_tunnels(uplink);
	known = status == STATUS_OK ? find_plane(uplink, &status) : NULL;
	if (!known)
		fail_locally(uplink);
	else if (!uplink->renew && json_object_get(known, "lifetime"))
		/* It holds, whoever is registering anew, or could not. */
		finish(uplink);
	else
		do_register(uplink);
	json_decref(known);
}

static void try_once(struct attempt *attempt, const char *token)
{
	struct uplink *uplink = attempt->data;
	struct uplinks *all = uplink->all;

	uplink->waiting = false;
	if (!url_origins_have(&all->origins, &uplink->url)) {
		fail(uplink, RPC_FAILED_PRECONDITION,
		     "it is none of those that the configuration names or leads to, and gets no token");
		return;
	}
	uplink->call = snap_api_data_plane(all->rpc, &uplink->url, token, located,
					   uplink);
	if (!uplink->call)
		fail_locally(uplink);
}

/* The right to register lasts over a pause, but a long one is left to others. */
static void keep_right(struct attempt *attempt, uint64_t pause)
{
	struct uplink *uplink = attempt->data;
	uint64_t deadline = 2ULL * uplink->all->config->request_timeout + pause +
			    DEADLINE_SLACK;

	uplinks_delayed(uplink->all);
	if (pause > LONG_PAUSE)
		give_back(uplink, SNAPTUN_CONTROL_PLANE_STATE_FAILED, 0);
	if (uplink->owner && device_begin_registration(&uplink->all->device,
						       uplink->plane, deadline))
		uplink->owner = false;
}

static void round_over(struct attempt *attempt, const struct rpc_error *error,
		       uint64_t pause)
{
	struct uplink *uplink = attempt->data;

	give_back(uplink, SNAPTUN_CONTROL_PLANE_STATE_FAILED, 0);
	uplink->done(uplink, error, pause);
}

void uplink_init(struct uplink *uplink)
{
	snprintf(uplink->what, sizeof(uplink->what), "registering with %s",
		 uplink->url.text);
	uplink->attempt = (struct attempt){
		.loop = uplink->all->loop,
		.tokens = uplink->all->tokens,
		.what = uplink->what,
		.try = try_once,
		.over = round_over,
		.paused = keep_right,
		.data = uplink,
	};
	attempt_init(&uplink->attempt, &uplink->all->config->backoff);
	uplink->call = NULL;
	uplink->has_plane = false;
	uplink->owner = false;
	uplink->waiting = false;
	uplink->was_asked = false;
	uplink->made = json_array();
}

void uplink_begin(struct uplink *uplink)
{
	attempt_begin(&uplink->attempt);
}

bool uplink_is_busy(const struct uplink *uplink)
{
	return uplink->attempt.running;
}

bool uplink_is_calling(const struct uplink *uplink)
{
	return uplink->call || uplink->waiting;
}

void uplink_hear(struct uplink *uplink, const json_t *event)
{
	struct rpc_error error = { .code = RPC_ABORTED };
	const char *state = event ? member_text(event, "state") : "";

	if (!uplink->waiting)
		return;
	if (event && (member_number(event, "ifindex") != uplink->all->device.ifindex ||
		      !member_is(event, "url", uplink->url.text)))
		return;
	/* One that goes says how it was; who registered there is done with it. */
	if (event && member_is(event, "event", "control-plane-del"))
		state = "";
	if (!strcmp(state, "registering"))
		return;
	uplink->waiting = false;
	if (!strcmp(state, "registered") && !uplink->renew) {
		finish(uplink);
	} else if (!strcmp(state, "failed")) {
		rpc_error_set(&error, RPC_ABORTED, "another helper could not register");
		attempt_failed(&uplink->attempt, &error);
	} else {
		attempt_resume(&uplink->attempt);
	}
}

void uplink_stop(struct uplink *uplink)
{
	rpc_cancel(uplink->call);
	uplink->call = NULL;
	uplink->waiting = false;
	attempt_stop(&uplink->attempt);
	give_back(uplink, SNAPTUN_CONTROL_PLANE_STATE_IDLE, 0);
	json_decref(uplink->made);
	uplink->made = NULL;
}
