// SPDX-License-Identifier: GPL-2.0
/* What goes with a netlink socket: provisional tunnels, registrations under way. */

#include "owner.h"

#include <linux/jhash.h>
#include <linux/once.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <net/netns/hash.h>

#include "device.h"

/* All that is somebody's, of all namespaces, by whose it is, the oldest first. */
static struct list_head owned[256];
static DEFINE_SPINLOCK(owned_lock);

static struct list_head *bucket_of(const struct net *net, u32 portid)
{
	static u32 seed;

	get_random_once(&seed, sizeof(seed));
	return &owned[jhash_2words(portid, net_hash_mix(net), seed) %
		      ARRAY_SIZE(owned)];
}

/**
 * snaptun_owners_init() - nothing is anybody's yet
 *
 * Context: module init.
 */
void __init snaptun_owners_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(owned); i++)
		INIT_LIST_HEAD(&owned[i]);
}

/**
 * snaptun_owner_init() - a new object is nobody's
 * @owner: the object's owner
 * @snap: its device
 * @lost: called when the owner's socket closes
 */
void snaptun_owner_init(struct snaptun_owner *owner, struct snaptun_device *snap,
			void (*lost)(struct snaptun_owner *owner))
{
	owner->snap = snap;
	owner->lost = lost;
	INIT_LIST_HEAD(&owner->node);
	owner->portid = 0;
}

/**
 * snaptun_owner_set() - give an object to a netlink socket, or to nobody
 * @owner: the object's owner; its device's lock is held
 * @net: network namespace of the socket
 * @portid: port of the socket, 0 for nobody
 *
 * Context: process.
 */
void snaptun_owner_set(struct snaptun_owner *owner, const struct net *net,
		       u32 portid)
{
	lockdep_assert_held(&owner->snap->lock);
	spin_lock(&owned_lock);
	owner->net = net;
	owner->portid = portid;
	if (portid)
		list_move_tail(&owner->node, bucket_of(net, portid));
	else
		list_del_init(&owner->node);
	spin_unlock(&owned_lock);
}

/**
 * snaptun_owner_is() - is an object this netlink socket's?
 * @owner: the object's owner; its device's lock is held
 * @net: network namespace of the socket
 * @portid: port of the socket
 */
bool snaptun_owner_is(const struct snaptun_owner *owner, const struct net *net,
		      u32 portid)
{
	return owner->portid == portid && owner->net == net;
}

/* Something of a socket; under rtnl it is not freed. */
static struct snaptun_owner *find(const struct net *net, u32 portid)
{
	struct snaptun_owner *owner, *found = NULL;

	spin_lock(&owned_lock);
	list_for_each_entry(owner, bucket_of(net, portid), node) {
		if (snaptun_owner_is(owner, net, portid)) {
			found = owner;
			break;
		}
	}
	spin_unlock(&owned_lock);
	return found;
}

/**
 * snaptun_owner_gone() - a netlink socket has closed
 * @net: its network namespace
 * @portid: its port
 *
 * Context: process, without locks. Any netlink socket may be meant, so the usual
 * case, that nothing of ours hangs on it, takes no lock that others wait for.
 */
void snaptun_owner_gone(const struct net *net, u32 portid)
{
	struct snaptun_owner *owner;

	while (find(net, portid)) {
		rtnl_lock();
		owner = find(net, portid);
		if (owner) {
			struct snaptun_device *snap = owner->snap;

			mutex_lock(&snap->lock);
			/* Unless its time was up in between. */
			if (snaptun_owner_is(owner, net, portid))
				owner->lost(owner);
			mutex_unlock(&snap->lock);
		}
		/* There may be many; rtnl is for others, too. */
		rtnl_unlock();
		cond_resched();
	}
}
