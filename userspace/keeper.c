// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keeps one device connected. What is so is in the kernel: control planes, how long each
 * is registered, tunnels. Here is what is to be done about it, and when:
 *
 *   another token                every control plane is registered again, at once
 *   a registration has ended,    that control plane is registered again
 *   its helper was lost
 *   a tunnel gets no answers     the same, in case that the SNAP has forgotten us; the
 *                                kernel tells of it when the last session is too old, so
 *                                what tunnels send and receive is looked at, too
 *   a round of tries failed      another one follows after a while, or when a link or an
 *                                address changes
 *   a tunnel was removed         it is made again, if the configuration wants it
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "format.h"
#include "keeper.h"
#include "report.h"
#include "silence.h"
#include "uplink.h"

#define MS_PER_SECOND	1000

/* How long tunnels may go without answers before the SNAP is asked, in ms. */
#define DOUBT		20000

/* How often it is looked at what tunnels send and receive, in ms. */
#define WATCH		10000

/*
 * How many such looks in a row see no answer until the SNAP is asked. An answer may take
 * 10 s, which is when a keepalive is one.
 */
#define SILENT_LOOKS	3

/* How long another helper's new control plane is left to it, in ms. */
#define LEAVE		5000

/* Ends of registration and token that differ by less are the same, in ms. */
#define SAME		5000

/**
 * struct kept - a control plane that is kept registered
 * @next: The next one.
 * @keeper: Whose it is.
 * @uplink: The way to it.
 * @again: When the next round begins.
 * @doubt: When the SNAP is asked whether it still knows us.
 * @asked: When it was last, by loop_now(); 0 for never.
 * @wanted: The configuration wants tunnels there.
 * @missed: What the round under way cannot take into account has happened.
 * @registered: The last round was a success.
 * @was_registered: One was, of the control plane that the kernel has.
 * @gone: It is to be freed.
 */
struct kept {
	struct kept *next;
	struct keeper *keeper;
	struct uplink uplink;
	struct loop_timer again;
	struct loop_timer doubt;
	uint64_t asked;
	bool wanted;
	bool missed;
	bool registered;
	bool was_registered;
	bool gone;
};

static uint64_t pause_of(const struct keeper *keeper)
{
	return backoff_pause(&keeper->config->backoff, backoff_random());
}

static void settled(struct keeper *keeper)
{
	keeper->is_settled = true;
	keeper->told(keeper);
}

/* Begins a round, or has the one under way followed by another. */
static void begin(struct kept *kept, bool renew)
{
	/* Its timer is the one that frees it. */
	if (kept->gone)
		return;
	loop_timer_cancel(kept->keeper->loop, &kept->again);
	if (uplink_is_calling(&kept->uplink)) {
		kept->missed |= renew;
		return;
	}
	kept->uplink.renew |= renew;
	uplink_begin(&kept->uplink);
}

/* One that is in no list any more. */
static void free_kept(struct kept *kept)
{
	loop_timer_cancel(kept->keeper->loop, &kept->again);
	loop_timer_cancel(kept->keeper->loop, &kept->doubt);
	uplink_stop(&kept->uplink);
	free(kept);
}

static void take_out(struct kept *kept)
{
	struct kept **place = &kept->keeper->kept;

	while (*place != kept)
		place = &(*place)->next;
	*place = kept->next;
}

static void search(struct keeper *keeper);
static void try_next(struct keeper *keeper);

static void begin_again(struct loop_timer *timer)
{
	struct kept *kept = timer->data;
	struct keeper *keeper = kept->keeper;

	if (!kept->gone) {
		begin(kept, kept->missed);
		return;
	}
	take_out(kept);
	free_kept(kept);
	try_next(keeper);
}

static void doubted(struct loop_timer *timer)
{
	struct kept *kept = timer->data;

	kept->asked = loop_now();
	report_note("%s: tunnels get no answers, registering again",
		    kept->uplink.url.text);
	begin(kept, true);
}

/* The control plane that a tunnel, or an event of one, names. */
static struct kept *find_plane(struct keeper *keeper, const json_t *tunnel)
{
	struct kept *kept = keeper->kept;

	while (kept && !(kept->uplink.has_plane &&
			 json_object_get(tunnel, "control-plane") &&
			 member_number(tunnel, "control-plane") == kept->uplink.plane))
		kept = kept->next;
	return kept;
}

static void watch(struct loop_timer *timer)
{
	struct keeper *keeper = timer->data;
	struct kept *kept;
	json_t *tunnels;
	json_t *tunnel;
	size_t i;

	loop_timer_set(keeper->loop, timer, WATCH);
	device_list(&keeper->all.device, SNAPTUN_CMD_TUNNEL_GET, &tunnels);
	silence_count(&keeper->seen, tunnels, WATCH);
	json_array_foreach(tunnels, i, tunnel) {
		kept = find_plane(keeper, tunnel);
		/* Where it does not help it is not to be done all the time. */
		if (kept && kept->registered &&
		    member_number(tunnel, "silent") >= SILENT_LOOKS &&
		    (!kept->asked || loop_now() - kept->asked > pause_of(keeper))) {
			loop_timer_cancel(keeper->loop, &kept->doubt);
			doubted(&kept->doubt);
		}
	}
	json_decref(tunnels);
}

static bool has_tunnels(struct kept *kept)
{
	bool has = false;
	json_t *tunnels;
	json_t *tunnel;
	size_t i;

	device_list(&kept->keeper->all.device, SNAPTUN_CMD_TUNNEL_GET, &tunnels);
	json_array_foreach(tunnels, i, tunnel)
		has |= uplink_has_tunnel(&kept->uplink, tunnel);
	json_decref(tunnels);
	return has;
}

static void round_over(struct uplink *uplink, const struct rpc_error *error,
		       uint64_t pause)
{
	struct kept *kept = uplink->data;
	struct keeper *keeper = kept->keeper;
	bool named = keeper->config->snaps.count;

	kept->registered = !error;
	kept->was_registered |= !error;
	if (error) {
		report_note("%s: %s; trying again in %.0f s, or when links change",
			    uplink->what, error->message,
			    (double)pause / MS_PER_SECOND);
		/* Tunnels that never had a registration do not tie us to this one. */
		if (kept->wanted && !named && !kept->was_registered)
			uplink_drop_made(uplink);
		kept->gone = kept->wanted && !named && !has_tunnels(kept);
		loop_timer_set(keeper->loop, &kept->again, kept->gone ? 0 : pause);
	}
	if (kept->missed) {
		kept->uplink.renew = true;
		loop_timer_set(keeper->loop, &kept->again, 0);
		kept->missed = false;
	}
	/* One that was removed while the round was busy. */
	if (!error && kept->wanted && !has_tunnels(kept) &&
	    !loop_timer_is_set(keeper->loop, &kept->again))
		loop_timer_set(keeper->loop, &kept->again, pause_of(keeper));
	settled(keeper);
}

static struct kept *find_url(struct keeper *keeper, const char *url)
{
	struct kept *kept = keeper->kept;

	while (kept && strcmp(kept->uplink.url.text, url) != 0)
		kept = kept->next;
	return kept;
}

/*
 * Begins to keep a control plane registered, or wants tunnels of one that is kept
 * already; NULL, after a report, where it cannot.
 */
static struct kept *keep(struct keeper *keeper, const struct url *url, bool wanted)
{
	struct kept *kept = find_url(keeper, url->text);

	if (kept && wanted) {
		kept->wanted = true;
		kept->gone = false;
		kept->uplink.tunnels = keeper->config->tunnels;
	}
	if (kept)
		return kept;
	kept = calloc(1, sizeof(*kept));
	if (!kept) {
		report(STATUS_FAILED, "no memory");
		return NULL;
	}
	kept->keeper = keeper;
	kept->wanted = wanted;
	kept->again = (struct loop_timer){ .fire = begin_again, .data = kept };
	kept->doubt = (struct loop_timer){ .fire = doubted, .data = kept };
	kept->uplink = (struct uplink){
		.all = &keeper->all,
		.url = *url,
		.tunnels = wanted ? keeper->config->tunnels : 0,
		.done = round_over,
		.data = kept,
	};
	uplink_init(&kept->uplink);
	kept->next = keeper->kept;
	keeper->kept = kept;
	return kept;
}

/*
 * Whether a control plane is registered with another token than the one that there is
 * now: before a restart, say. What lasts for decades may be more than can be told.
 */
static bool is_outdated(const struct keeper *keeper, const json_t *plane)
{
	uint64_t left = 0;
	int64_t expiry;

	if (token_source_expiry(keeper->all.tokens, &expiry))
		left = token_time_left(expiry);
	if (left > TOKEN_TIME_MAX / 2)
		left = TOKEN_TIME_MAX / 2;
	return (uint64_t)member_number(plane, "lifetime") + SAME < left;
}

/* Begins a round for what the kernel has, and adopts what it has from others. */
static void look_at_planes(struct keeper *keeper, bool adopt)
{
	struct url url;
	struct kept *kept;
	json_t *planes;
	json_t *plane;
	size_t i;

	device_list(&keeper->all.device, SNAPTUN_CMD_CONTROL_PLANE_GET, &planes);
	json_array_foreach(planes, i, plane) {
		kept = find_url(keeper, member_text(plane, "url"));
		if (!kept && adopt && !url_parse(member_text(plane, "url"), &url)) {
			if (url_origins_have(&keeper->all.origins, &url))
				kept = keep(keeper, &url, false);
			else
				report_note("%s: not registered, since it is none of those that the configuration names or leads to",
					    url.text);
		}
		if (kept)
			kept->uplink.renew |= is_outdated(keeper, plane);
	}
	json_decref(planes);
}

/* Whether there is one that the configuration wants. */
static bool has_wanted(const struct keeper *keeper)
{
	const struct kept *kept = keeper->kept;

	while (kept && (kept->gone || !kept->wanted))
		kept = kept->next;
	return kept;
}

/*
 * Where none is left of those that were found, any of which will do: tries the next one,
 * or searches again after a while. What a search finds that is under way is tried then.
 */
static void try_next(struct keeper *keeper)
{
	struct discovery *discovery = &keeper->discovery;
	struct kept *kept;

	if (keeper->config->snaps.count || has_wanted(keeper) ||
	    discovery->attempt.running ||
	    loop_timer_is_set(keeper->loop, &keeper->again))
		return;
	if (keeper->tried >= discovery->count) {
		loop_timer_set(keeper->loop, &keeper->again, pause_of(keeper));
		return;
	}
	kept = keep(keeper, &discovery->snaps[keeper->tried++], true);
	if (!kept)
		return;
	look_at_planes(keeper, false);
	begin(kept, false);
}

/* One that the kernel has tunnels to is tried first. */
static void prefer_known(struct keeper *keeper)
{
	struct discovery *discovery = &keeper->discovery;
	json_t *planes;
	json_t *plane;
	size_t i;

	device_list(&keeper->all.device, SNAPTUN_CMD_CONTROL_PLANE_GET, &planes);
	json_array_foreach(planes, i, plane) {
		for (size_t s = 1; s < discovery->count; s++) {
			struct url url = discovery->snaps[s];

			if (strcmp(url.text, member_text(plane, "url")) != 0)
				continue;
			discovery->snaps[s] = discovery->snaps[0];
			discovery->snaps[0] = url;
		}
	}
	json_decref(planes);
}

static void found(struct discovery *discovery, const struct rpc_error *error,
		  uint64_t pause)
{
	struct keeper *keeper = discovery->data;
	struct kept *kept;

	if (error) {
		report_note("looking for SNAPs: %s; trying again in %.0f s, or when links change",
			    error->message, (double)pause / MS_PER_SECOND);
		loop_timer_set(keeper->loop, &keeper->again, pause);
		settled(keeper);
		return;
	}
	keeper->tried = 0;
	if (keeper->config->snaps.count) {
		while (keeper->tried < discovery->count)
			keep(keeper, &discovery->snaps[keeper->tried++], true);
	} else {
		prefer_known(keeper);
		keep(keeper, &discovery->snaps[keeper->tried++], true);
	}
	look_at_planes(keeper, true);
	/* A round that ends at once frees nothing: the list stays as it is. */
	for (kept = keeper->kept; kept; kept = kept->next)
		begin(kept, false);
}

/* What was found before and is of no use any more gets no token. */
static void forget_origins(struct keeper *keeper)
{
	struct url_origins *origins = &keeper->all.origins;
	const struct kept *kept;

	*origins = keeper->all.configured;
	for (kept = keeper->kept; kept; kept = kept->next) {
		if (kept->gone)
			continue;
		url_origins_add(origins, &kept->uplink.url);
		if (*kept->uplink.data_plane.control.text)
			url_origins_add(origins, &kept->uplink.data_plane.control);
	}
}

static void search(struct keeper *keeper)
{
	if (!keeper->discovery.attempt.running)
		forget_origins(keeper);
	loop_timer_cancel(keeper->loop, &keeper->again);
	keeper->tried = 0;
	discovery_begin(&keeper->discovery);
}

/* The device is there, or comes to be: looks what is to be done. */
static void open_device(struct keeper *keeper)
{
	if (!if_nametoindex(keeper->name))
		return;
	if (device_open(keeper->name, &keeper->all.device) != STATUS_OK) {
		device_close(&keeper->all.device);
		loop_timer_set(keeper->loop, &keeper->again, pause_of(keeper));
		settled(keeper);
		return;
	}
	keeper->is_open = true;
	loop_timer_set(keeper->loop, &keeper->watch, WATCH);
	search(keeper);
}

static void close_device(struct keeper *keeper)
{
	struct kept *kept;

	loop_timer_cancel(keeper->loop, &keeper->again);
	loop_timer_cancel(keeper->loop, &keeper->watch);
	json_decref(keeper->seen);
	keeper->seen = NULL;
	discovery_stop(&keeper->discovery);
	while ((kept = keeper->kept)) {
		keeper->kept = kept->next;
		free_kept(kept);
	}
	device_close(&keeper->all.device);
	keeper->is_open = false;
}

static void look_again(struct loop_timer *timer)
{
	struct keeper *keeper = timer->data;

	if (keeper->is_open)
		search(keeper);
	else
		open_device(keeper);
}

static void token_changed(struct uplinks *all)
{
	struct keeper *keeper = all->data;
	struct kept *kept;

	if (!keeper->is_open)
		return;
	for (kept = keeper->kept; kept; kept = kept->next)
		begin(kept, true);
	if (!has_wanted(keeper))
		search(keeper);
}

static void delayed(struct uplinks *all)
{
	settled(all->data);
}

enum status keeper_begin(struct keeper *keeper)
{
	enum status status;

	keeper->again = (struct loop_timer){ .fire = look_again, .data = keeper };
	keeper->watch = (struct loop_timer){ .fire = watch, .data = keeper };
	keeper->all.loop = keeper->loop;
	keeper->all.config = keeper->config;
	keeper->all.changed = token_changed;
	keeper->all.delayed = delayed;
	keeper->all.data = keeper;
	keeper->discovery.all = &keeper->all;
	keeper->discovery.done = found;
	keeper->discovery.data = keeper;
	status = uplinks_open(&keeper->all);
	if (status == STATUS_OK)
		status = discovery_init(&keeper->discovery);
	if (status != STATUS_OK)
		return status;
	open_device(keeper);
	if (!keeper->is_open) {
		report_note("%s: there is no such device yet", keeper->name);
		settled(keeper);
	}
	return STATUS_OK;
}

void keeper_free(struct keeper *keeper)
{
	if (keeper->all.tokens)
		close_device(keeper);
	uplinks_close(&keeper->all);
	config_free(keeper->config);
	free(keeper);
}

static void hear_plane(struct keeper *keeper, const json_t *event)
{
	const char *url_text = member_text(event, "url");
	struct kept *kept = find_url(keeper, url_text);
	const char *state = member_text(event, "state");
	const char *name = member_text(event, "event");
	struct url url;

	if (!strcmp(name, "control-plane-del")) {
		if (!kept)
			return;
		kept->gone |= !kept->wanted;
		kept->was_registered = false;
		loop_timer_set(keeper->loop, &kept->again,
			       kept->gone ? 0 : pause_of(keeper));
		/* It may have waited for who registered there. */
		if (!kept->gone)
			uplink_hear(&kept->uplink, event);
		return;
	}
	if (!strcmp(name, "control-plane-new") && (!kept || (kept->gone && !kept->wanted))) {
		if (!kept && !url_parse(url_text, &url) &&
		    url_origins_have(&keeper->all.origins, &url))
			kept = keep(keeper, &url, false);
		if (!kept)
			return;
		kept->gone = false;
		loop_timer_set(keeper->loop, &kept->again, LEAVE);
		return;
	}
	if (!kept || kept->gone)
		return;
	uplink_hear(&kept->uplink, event);
	/* What we did ourselves ends a round, and is dealt with there. */
	if (!strcmp(state, "idle") && !uplink_is_busy(&kept->uplink) &&
	    !loop_timer_is_set(keeper->loop, &kept->again))
		begin(kept, false);
}

static void hear_tunnel(struct keeper *keeper, const json_t *event)
{
	const char *state = member_text(event, "state");
	const char *name = member_text(event, "event");
	char text[ADDRESS_TEXT_SIZE];
	struct kept *kept = find_plane(keeper, event);

	if (!kept)
		return;
	if (!strcmp(name, "tunnel-address"))
		report_note("tunnel %lld has the address %s now",
			    member_number(event, "id"),
			    address_format(json_object_get(event, "assigned"), text));
	if (!strcmp(name, "tunnel-del") && kept->wanted &&
	    !uplink_is_busy(&kept->uplink) &&
	    !loop_timer_is_set(keeper->loop, &kept->again))
		loop_timer_set(keeper->loop, &kept->again, pause_of(keeper));
	if (!strcmp(state, "established")) {
		loop_timer_cancel(keeper->loop, &kept->doubt);
	} else if ((!strcmp(state, "connecting") || !strcmp(state, "expired")) &&
		   kept->registered &&
		   !loop_timer_is_set(keeper->loop, &kept->doubt)) {
		uint64_t since = loop_now() - kept->asked;
		uint64_t pause = pause_of(keeper);

		/* Where it does not help it is not to be done all the time. */
		loop_timer_set(keeper->loop, &kept->doubt,
			       kept->asked && since + DOUBT < pause ?
				       pause - since : DOUBT);
	}
}

/* Events were lost: what is not wanted and has gone meanwhile is to go here, too. */
static void drop_missing(struct keeper *keeper)
{
	struct kept *kept;
	json_t *planes;
	json_t *plane;
	size_t i;

	if (device_list(&keeper->all.device, SNAPTUN_CMD_CONTROL_PLANE_GET,
			&planes) != STATUS_OK)
		goto out;
	for (kept = keeper->kept; kept; kept = kept->next) {
		bool is_there = kept->wanted;

		json_array_foreach(planes, i, plane)
			is_there |= !strcmp(member_text(plane, "url"),
					    kept->uplink.url.text);
		if (is_there)
			continue;
		kept->gone = true;
		loop_timer_set(keeper->loop, &kept->again, 0);
	}
out:
	json_decref(planes);
}

void keeper_hear(struct keeper *keeper, const json_t *event)
{
	struct kept *kept;

	if (!keeper->is_open)
		return;
	if (!event) {
		drop_missing(keeper);
		for (kept = keeper->kept; kept; kept = kept->next)
			if (!kept->gone)
				uplink_hear(&kept->uplink, NULL);
		look_at_planes(keeper, true);
		for (kept = keeper->kept; kept; kept = kept->next)
			begin(kept, false);
		return;
	}
	if (member_number(event, "ifindex") != keeper->all.device.ifindex)
		return;
	if (!strncmp(member_text(event, "event"), "control-plane", 13))
		hear_plane(keeper, event);
	else
		hear_tunnel(keeper, event);
	keeper->told(keeper);
}

void keeper_look(struct keeper *keeper)
{
	uint32_t ifindex = if_nametoindex(keeper->name);
	struct kept *kept;

	if (keeper->is_open && ifindex != keeper->all.device.ifindex) {
		report_note("%s: the device is gone", keeper->name);
		close_device(keeper);
		keeper->told(keeper);
	}
	if (!keeper->is_open) {
		if (ifindex)
			open_device(keeper);
		return;
	}
	if (loop_timer_is_set(keeper->loop, &keeper->again) ||
	    keeper->discovery.attempt.running)
		search(keeper);
	for (kept = keeper->kept; kept; kept = kept->next)
		if (!kept->registered)
			begin(kept, false);
}

void keeper_describe(const struct keeper *keeper, char *text, size_t size)
{
	unsigned int registered = 0, planes = 0;
	const struct kept *kept;

	for (kept = keeper->kept; kept; kept = kept->next) {
		planes++;
		registered += kept->registered;
	}
	if (!keeper->is_open)
		snprintf(text, size, "%s: no device", keeper->name);
	else if (!planes)
		snprintf(text, size, "%s: looking for SNAPs", keeper->name);
	else
		snprintf(text, size, "%s: %u of %u control planes registered",
			 keeper->name, registered, planes);
}
