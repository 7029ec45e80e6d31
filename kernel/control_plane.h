/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control planes: where the device's key is registered, so that tunnels are let in.
 * One is there as long as a tunnel names it.
 */
#ifndef SNAPTUN_CONTROL_PLANE_H
#define SNAPTUN_CONTROL_PLANE_H

#include <linux/list.h>

#include "agenda.h"
#include "owner.h"

struct snaptun_device;
struct snaptun_tunnel;

/* Buckets of a device's table of URLs, a power of two. */
#define SNAPTUN_URL_BITS	8

/**
 * struct snaptun_control_plane - a control plane
 * @snap: its device
 * @id: names it on its device
 * @hash: hash of its URL
 * @url_node: entry in the device's table of URLs
 * @tunnels: tunnels that name it
 * @n_tunnels: how many, which is its reference count; 0 only while a request that
 *	made it is under way
 * @state: enum snaptun_control_plane_state
 * @was_registered: its tunnels may send
 * @until: end of the registration, nanoseconds, or 0 without one
 * @owner: the helper that registers, in that state
 * @deadline: when the helper counts as lost, nanoseconds
 * @appointment: @until or @deadline, what comes first
 * @url: its URL
 *
 * Protected by the device's lock.
 */
struct snaptun_control_plane {
	struct snaptun_device *snap;
	u32 id;
	u32 hash;
	struct hlist_node url_node;
	struct list_head tunnels;
	unsigned int n_tunnels;
	u32 state;
	bool was_registered;
	u64 until;
	struct snaptun_owner owner;
	u64 deadline;
	struct snaptun_appointment appointment;
	char url[];
};

struct snaptun_control_plane *
snaptun_control_plane_obtain(struct snaptun_device *snap, const char *url);
void snaptun_control_plane_drop_unused(struct snaptun_control_plane *plane);
void snaptun_control_plane_join(struct snaptun_control_plane *plane,
				struct snaptun_tunnel *tunnel);
void snaptun_control_plane_leave(struct snaptun_tunnel *tunnel);
void snaptun_control_plane_change(struct snaptun_tunnel *tunnel,
				  struct snaptun_control_plane *plane);

int snaptun_control_plane_begin(struct snaptun_control_plane *plane,
				const struct net *net, u32 portid, u64 deadline);
void snaptun_control_plane_registered(struct snaptun_control_plane *plane,
				      u64 until);
void snaptun_control_plane_failed(struct snaptun_control_plane *plane);
void snaptun_control_plane_forget(struct snaptun_control_plane *plane);
void snaptun_control_plane_given_up(struct snaptun_control_plane *plane);

#endif
