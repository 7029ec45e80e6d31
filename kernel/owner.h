/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes with a netlink socket: provisional tunnels, registrations under way.
 */
#ifndef SNAPTUN_OWNER_H
#define SNAPTUN_OWNER_H

#include <linux/list.h>
#include <linux/types.h>

struct net;
struct snaptun_device;

/**
 * struct snaptun_owner - whose an object is
 * @snap: the object's device
 * @lost: the socket has closed; called under rtnl and the device's lock
 * @node: entry in the table of all that are somebody's; its lock
 * @net: namespace of the socket; compared, never used
 * @portid: its port, 0 where the object is nobody's
 *
 * Lies in the object, which is freed under rtnl. @net and @portid are protected by the
 * device's lock, too.
 */
struct snaptun_owner {
	struct snaptun_device *snap;
	void (*lost)(struct snaptun_owner *owner);
	struct list_head node;
	const struct net *net;
	u32 portid;
};

void snaptun_owners_init(void);
void snaptun_owner_init(struct snaptun_owner *owner, struct snaptun_device *snap,
			void (*lost)(struct snaptun_owner *owner));
void snaptun_owner_set(struct snaptun_owner *owner, const struct net *net,
		       u32 portid);
bool snaptun_owner_is(const struct snaptun_owner *owner, const struct net *net,
		      u32 portid);
void snaptun_owner_gone(const struct net *net, u32 portid);

#endif
