// SPDX-License-Identifier: GPL-2.0
/*
 * Control planes: who counts on them, and how registrations go. A helper in user
 * space does the talking; what has to outlive it, or be seen by several of them, is
 * here.
 */

#include "control_plane.h"

#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/once.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "device.h"
#include "report.h"
#include "tunnel.h"

static u32 hash_url(const char *url)
{
	static u32 seed;

	get_random_once(&seed, sizeof(seed));
	return jhash(url, strlen(url), seed);
}

static u64 now_exactly(void)
{
	return ktime_get_boottime_ns();
}

static bool is_registering(const struct snaptun_control_plane *plane)
{
	return plane->state == SNAPTUN_CONTROL_PLANE_STATE_REGISTERING;
}

/* The next time at which something becomes of it without anybody's doing. */
static void arm(struct snaptun_control_plane *plane)
{
	u64 at = plane->until ?: SNAPTUN_NEVER;

	if (is_registering(plane))
		at = min(at, plane->deadline);
	snaptun_agenda_set(&plane->snap->agenda, &plane->appointment, at);
}

/* Nobody registers any more. */
static void enter_state(struct snaptun_control_plane *plane, u32 state, u8 event)
{
	snaptun_owner_set(&plane->owner, NULL, 0);
	plane->state = state;
	arm(plane);
	snaptun_report_control_plane_event(plane, event);
}

/* To the state that goes with the registration that there is. */
static void fall_back(struct snaptun_control_plane *plane, u8 event)
{
	if (plane->until <= now_exactly())
		plane->until = 0;
	enter_state(plane,
		    plane->until ? SNAPTUN_CONTROL_PLANE_STATE_REGISTERED :
				   SNAPTUN_CONTROL_PLANE_STATE_IDLE,
		    event);
}

static void owner_lost(struct snaptun_owner *owner)
{
	fall_back(container_of(owner, struct snaptun_control_plane, owner),
		  SNAPTUN_CMD_CONTROL_PLANE_LOST_NTF);
}

static void time_is_up(struct snaptun_appointment *appointment)
{
	struct snaptun_control_plane *plane =
		container_of(appointment, struct snaptun_control_plane,
			     appointment);
	u64 now = now_exactly();

	if (plane->until && now >= plane->until) {
		plane->until = 0;
		if (plane->state == SNAPTUN_CONTROL_PLANE_STATE_REGISTERED)
			plane->state = SNAPTUN_CONTROL_PLANE_STATE_IDLE;
		snaptun_report_control_plane_event(plane,
						   SNAPTUN_CMD_CONTROL_PLANE_STATE_NTF);
	}
	if (is_registering(plane) && now >= plane->deadline)
		fall_back(plane, SNAPTUN_CMD_CONTROL_PLANE_LOST_NTF);
	else
		arm(plane);
}

/**
 * snaptun_control_plane_obtain() - find a control plane, or make it
 * @snap: the device; its lock is held until a tunnel joins, or
 *	snaptun_control_plane_drop_unused()
 * @url: its URL, checked
 *
 * Context: process.
 *
 * Return: the control plane, or NULL where there is no memory.
 */
struct snaptun_control_plane *
snaptun_control_plane_obtain(struct snaptun_device *snap, const char *url)
{
	struct snaptun_control_plane *plane;
	size_t size = strlen(url) + 1;
	u32 hash = hash_url(url);

	lockdep_assert_held(&snap->lock);
	hash_for_each_possible(snap->control_plane_urls, plane, url_node, hash)
		if (plane->hash == hash && !strcmp(plane->url, url))
			return plane;
	plane = kzalloc(struct_size(plane, url, size), GFP_KERNEL_ACCOUNT);
	if (!plane)
		return NULL;
	plane->snap = snap;
	plane->hash = hash;
	memcpy(plane->url, url, size);
	INIT_LIST_HEAD(&plane->tunnels);
	snaptun_owner_init(&plane->owner, snap, owner_lost);
	snaptun_appointment_init(&plane->appointment, time_is_up);
	if (xa_alloc_cyclic(&snap->control_planes, &plane->id, plane,
			    xa_limit_31b, &snap->next_control_plane,
			    GFP_KERNEL) < 0) {
		kfree(plane);
		return NULL;
	}
	hash_add(snap->control_plane_urls, &plane->url_node, hash);
	return plane;
}

/**
 * snaptun_control_plane_drop_unused() - a tunnel was not made after all
 * @plane: what snaptun_control_plane_obtain() returned; gone where no tunnel names it
 */
void snaptun_control_plane_drop_unused(struct snaptun_control_plane *plane)
{
	struct snaptun_device *snap = plane->snap;

	lockdep_assert_held(&snap->lock);
	if (plane->n_tunnels)
		return;
	snaptun_owner_set(&plane->owner, NULL, 0);
	snaptun_agenda_set(&snap->agenda, &plane->appointment, SNAPTUN_NEVER);
	hash_del(&plane->url_node);
	xa_erase(&snap->control_planes, plane->id);
	kfree(plane);
}

/* Events of the tunnel, which tell which one it is, look under its timer_lock. */
static void name_plane(struct snaptun_tunnel *tunnel,
		       struct snaptun_control_plane *plane)
{
	spin_lock_bh(&tunnel->timer_lock);
	tunnel->control_plane = plane;
	spin_unlock_bh(&tunnel->timer_lock);
}

/**
 * snaptun_control_plane_join() - a tunnel counts on a control plane from now on
 * @plane: the control plane; its device's lock is held
 * @tunnel: the tunnel, which counts on none
 *
 * Context: process.
 */
void snaptun_control_plane_join(struct snaptun_control_plane *plane,
				struct snaptun_tunnel *tunnel)
{
	lockdep_assert_held(&plane->snap->lock);
	name_plane(tunnel, plane);
	list_add_tail(&tunnel->control_plane_node, &plane->tunnels);
	if (!plane->n_tunnels++)
		snaptun_report_control_plane_event(plane,
						   SNAPTUN_CMD_CONTROL_PLANE_NEW_NTF);
	snaptun_tunnel_hold(tunnel, !plane->was_registered);
}

/**
 * snaptun_control_plane_leave() - a tunnel counts on its control plane no more
 * @tunnel: the tunnel; its device's lock is held, and rtnl
 *
 * With its last tunnel a control plane is gone, whatever is under way there.
 *
 * Context: process.
 */
void snaptun_control_plane_leave(struct snaptun_tunnel *tunnel)
{
	struct snaptun_control_plane *plane = tunnel->control_plane;

	if (!plane)
		return;
	ASSERT_RTNL();
	name_plane(tunnel, NULL);
	list_del_init(&tunnel->control_plane_node);
	if (--plane->n_tunnels)
		return;
	snaptun_report_control_plane_event(plane,
					   SNAPTUN_CMD_CONTROL_PLANE_DEL_NTF);
	snaptun_control_plane_drop_unused(plane);
}

/**
 * snaptun_control_plane_change() - a tunnel counts on another control plane
 * @tunnel: the tunnel; its device's lock is held, and rtnl
 * @plane: the other one, or NULL for none
 *
 * Context: process.
 */
void snaptun_control_plane_change(struct snaptun_tunnel *tunnel,
				  struct snaptun_control_plane *plane)
{
	if (plane == tunnel->control_plane)
		return;
	snaptun_control_plane_leave(tunnel);
	if (plane)
		snaptun_control_plane_join(plane, tunnel);
	else
		snaptun_tunnel_hold(tunnel, false);
}

/**
 * snaptun_control_plane_begin() - a helper is about to register
 * @plane: the control plane; its device's lock is held
 * @net: network namespace of the helper's netlink socket
 * @portid: port of that socket
 * @deadline: when it counts as lost, nanoseconds
 *
 * The one that registers already may begin again.
 *
 * Context: process.
 *
 * Return: 0, or -EBUSY while another registers.
 */
int snaptun_control_plane_begin(struct snaptun_control_plane *plane,
				const struct net *net, u32 portid, u64 deadline)
{
	bool again = is_registering(plane);

	lockdep_assert_held(&plane->snap->lock);
	if (again && !snaptun_owner_is(&plane->owner, net, portid))
		return -EBUSY;
	snaptun_owner_set(&plane->owner, net, portid);
	plane->state = SNAPTUN_CONTROL_PLANE_STATE_REGISTERING;
	plane->deadline = deadline;
	arm(plane);
	if (!again)
		snaptun_report_control_plane_event(plane,
						   SNAPTUN_CMD_CONTROL_PLANE_STATE_NTF);
	return 0;
}

/**
 * snaptun_control_plane_registered() - the device's key is registered
 * @plane: the control plane, whose owner tells it; its device's lock is held
 * @until: until when, nanoseconds
 *
 * Tunnels that waited for it begin, and those that have expired try again. Those that try
 * already have their whole time for it, unless the key was registered all along: renewals
 * would go on for ever with a data plane that does not answer.
 *
 * Context: process.
 */
void snaptun_control_plane_registered(struct snaptun_control_plane *plane,
				      u64 until)
{
	struct snaptun_tunnel *tunnel;
	bool lapsed = plane->until <= now_exactly();

	plane->until = until;
	enter_state(plane, SNAPTUN_CONTROL_PLANE_STATE_REGISTERED,
		    SNAPTUN_CMD_CONTROL_PLANE_STATE_NTF);
	plane->was_registered = true;
	list_for_each_entry(tunnel, &plane->tunnels, control_plane_node) {
		snaptun_tunnel_hold(tunnel, false);
		if (lapsed)
			snaptun_tunnel_renew_attempt(tunnel);
		snaptun_tunnel_end_pause(tunnel);
		cond_resched();
	}
}

/**
 * snaptun_control_plane_failed() - the helper could not register
 * @plane: the control plane, whose owner tells it; its device's lock is held
 *
 * Context: process.
 */
void snaptun_control_plane_failed(struct snaptun_control_plane *plane)
{
	enter_state(plane, SNAPTUN_CONTROL_PLANE_STATE_FAILED,
		    SNAPTUN_CMD_CONTROL_PLANE_STATE_NTF);
}

/**
 * snaptun_control_plane_given_up() - the helper does not register after all
 * @plane: the control plane, whose owner tells it; its device's lock is held
 *
 * Context: process.
 */
void snaptun_control_plane_given_up(struct snaptun_control_plane *plane)
{
	fall_back(plane, SNAPTUN_CMD_CONTROL_PLANE_STATE_NTF);
}

/**
 * snaptun_control_plane_forget() - the device's key is another now
 * @plane: the control plane; its device's lock is held
 *
 * What was registered, or is about to be, is of no use.
 *
 * Context: process.
 */
void snaptun_control_plane_forget(struct snaptun_control_plane *plane)
{
	struct snaptun_tunnel *tunnel;
	bool lost = is_registering(plane);

	lockdep_assert_held(&plane->snap->lock);
	if (!plane->was_registered && plane->state == SNAPTUN_CONTROL_PLANE_STATE_IDLE)
		return;
	plane->until = 0;
	plane->was_registered = false;
	list_for_each_entry(tunnel, &plane->tunnels, control_plane_node) {
		snaptun_tunnel_hold(tunnel, true);
		cond_resched();
	}
	fall_back(plane, lost ? SNAPTUN_CMD_CONTROL_PLANE_LOST_NTF :
				SNAPTUN_CMD_CONTROL_PLANE_STATE_NTF);
}
