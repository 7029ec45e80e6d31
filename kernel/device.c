// SPDX-License-Identifier: GPL-2.0
/*
 * The device: its life as a network interface, its key, ports and default
 * tunnel.
 *
 * A device stays bound to the network namespace that it was made in: its
 * underlay sockets are there, wherever the interface itself moves.
 */

#include "device.h"

#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/rhashtable.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>

#include "compat.h"
#include "identity.h"
#include "pool.h"
#include "session.h"
#include "tunnel.h"
#include "tx.h"

/* Every device of every namespace; rtnl. */
static LIST_HEAD(devices);

#define SNAPTUN_FEATURES						\
	(NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_GSO |	\
	 NETIF_F_GSO_SOFTWARE | NETIF_F_HIGHDMA)

/*
 * Packets of the stack that carry no EtherType, as those of a packet socket
 * bound to no protocol, tell by their first nibble what they are.
 */
static __be16 parse_protocol(const struct sk_buff *skb)
{
	return snaptun_tx_protocol(skb);
}

static const struct header_ops header_ops = {
	.parse_protocol = parse_protocol,
};

/**
 * snaptun_device_choose_default() - settle which tunnel is the default
 * @snap: the device; its table_lock is held
 *
 * The tunnel that the user marked; else the only configured one, or the newest
 * of the only identity. Where several could be meant there is none.
 */
void snaptun_device_choose_default(struct snaptun_device *snap)
{
	struct snaptun_tunnel *chosen = snap->marked_default;
	unsigned long id = 0;

	lockdep_assert_held(&snap->table_lock);
	if (!chosen && snap->n_configured == 1 && !snap->n_identities) {
		chosen = xa_find(&snap->tunnels, &id, ULONG_MAX, XA_PRESENT);
	} else if (!chosen && !snap->n_configured && snap->n_identities == 1) {
		struct snaptun_identity *identity =
			xa_find(&snap->identities, &id, ULONG_MAX, XA_PRESENT);

		if (identity && !list_empty(&identity->confirmed))
			chosen = list_last_entry(&identity->confirmed,
						 struct snaptun_tunnel,
						 identity_node);
	}
	rcu_assign_pointer(snap->default_tunnel, chosen);
}

/**
 * snaptun_device_mark_default() - the user chose the default tunnel
 * @snap: the device; its lock is held
 * @tunnel: a configured tunnel
 *
 * Another that was marked is no longer.
 *
 * Context: process.
 */
void snaptun_device_mark_default(struct snaptun_device *snap,
				 struct snaptun_tunnel *tunnel)
{
	lockdep_assert_held(&snap->lock);
	if (snap->marked_default)
		snap->marked_default->is_default = false;
	tunnel->is_default = true;
	spin_lock_bh(&snap->table_lock);
	snap->marked_default = tunnel;
	snaptun_device_choose_default(snap);
	spin_unlock_bh(&snap->table_lock);
}

/**
 * snaptun_device_set_key() - set or remove the device's private key
 * @snap: the device; its lock is held
 * @private_key: the key, or all zero
 *
 * Another key ends every session: all tunnels of identities are removed,
 * configured ones begin afresh. The same key again changes nothing.
 *
 * Context: process.
 *
 * Return: 0, or -ENOMEM and nothing has changed.
 */
int snaptun_device_set_key(struct snaptun_device *snap,
			   const u8 private_key[SNAPTUN_KEY_SIZE])
{
	struct snaptun_mac1_keys *keys, *old;
	struct snaptun_noise_static own;
	struct snaptun_identity *identity;
	struct snaptun_tunnel *tunnel;
	unsigned long id;
	bool has_key;
	int err = 0;

	lockdep_assert_held(&snap->lock);
	has_key = snaptun_noise_set_static(&own, private_key);
	if (rcu_access_pointer(snap->mac1_keys) &&
	    !crypto_memneq(&own, &snap->own, sizeof(own)))
		goto wipe;
	keys = kzalloc(sizeof(*keys), GFP_KERNEL);
	if (!keys) {
		err = -ENOMEM;
		goto wipe;
	}
	snap->has_key = has_key;
	snap->own = own;
	snaptun_cookie_checker_init(&snap->checker, snap->own.public);
	keys->keys = snap->checker.keys;
	old = rcu_replace_pointer(snap->mac1_keys, keys,
				  lockdep_is_held(&snap->lock));
	kfree_rcu(old, rcu);

	xa_for_each(&snap->identities, id, identity) {
		u8 public_key[SNAPTUN_KEY_SIZE];

		memcpy(public_key, identity->peer.public, sizeof(public_key));
		snaptun_noise_set_peer(&identity->peer, &snap->own, public_key);
		cond_resched();
	}
	xa_for_each(&snap->tunnels, id, tunnel) {
		if (tunnel->identity)
			snaptun_tunnel_remove(tunnel);
		else
			snaptun_tunnel_rekey(tunnel);
		cond_resched();
	}
wipe:
	memzero_explicit(&own, sizeof(own));
	return err;
}

/**
 * snaptun_device_set_listen() - exchange the listen port
 * @snap: the device; its lock is held
 * @listen: an open port, or NULL; the device owns it
 *
 * Tunnels of identities are bound to the old port and go with it.
 *
 * Context: process.
 */
void snaptun_device_set_listen(struct snaptun_device *snap,
			       struct snaptun_socket *listen)
{
	struct snaptun_socket *old = snaptun_device_listen(snap);
	struct snaptun_tunnel *tunnel;
	unsigned long id;

	lockdep_assert_held(&snap->lock);
	xa_for_each(&snap->tunnels, id, tunnel)
		if (tunnel->identity)
			snaptun_tunnel_remove(tunnel);
	rcu_assign_pointer(snap->listen, listen);
	snaptun_socket_close(old);
}

/**
 * snaptun_device_set_fwmark() - set the mark of packets on the underlay
 * @snap: the device; its lock is held
 * @fwmark: the mark, or 0
 *
 * Context: process.
 */
void snaptun_device_set_fwmark(struct snaptun_device *snap, u32 fwmark)
{
	struct snaptun_tunnel *tunnel;
	unsigned long id;

	lockdep_assert_held(&snap->lock);
	WRITE_ONCE(snap->fwmark, fwmark);
	/* Routes may depend on it. */
	xa_for_each(&snap->tunnels, id, tunnel)
		dst_cache_reset(&tunnel->route);
}

static int snaptun_open(struct net_device *dev)
{
	struct snaptun_device *snap = netdev_priv(dev);
	struct snaptun_tunnel *tunnel;
	unsigned long id;

	mutex_lock(&snap->lock);
	xa_for_each(&snap->tunnels, id, tunnel)
		snaptun_tunnel_start(tunnel);
	mutex_unlock(&snap->lock);
	return 0;
}

static int snaptun_stop(struct net_device *dev)
{
	struct snaptun_device *snap = netdev_priv(dev);
	struct snaptun_tunnel *tunnel;
	unsigned long id;

	mutex_lock(&snap->lock);
	xa_for_each(&snap->tunnels, id, tunnel) {
		/* Only its other side could bring it back, as a new one. */
		if (tunnel->identity)
			snaptun_tunnel_remove(tunnel);
		else
			snaptun_tunnel_stop(tunnel);
	}
	mutex_unlock(&snap->lock);
	return 0;
}

static int snaptun_dev_init(struct net_device *dev)
{
	static const u8 no_key[SNAPTUN_KEY_SIZE];
	struct snaptun_device *snap = netdev_priv(dev);
	int err = -ENOMEM;

	netdev_lockdep_set_classes(dev);
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;
	snap->stats = snaptun_stats_alloc();
	if (!snap->stats)
		goto free_tstats;
	err = gro_cells_init(&snap->gro_cells, dev);
	if (err)
		goto free_stats;
	err = snaptun_tunnel_tables_init(snap);
	if (err)
		goto destroy_cells;
	err = snaptun_session_table_init(&snap->by_index);
	if (err)
		goto destroy_tunnels;
	err = snaptun_identity_table_init(&snap->identity_keys);
	if (err)
		goto destroy_sessions;
	err = snaptun_handshake_queue_init(snap);
	if (err)
		goto destroy_identities;
	mutex_lock(&snap->lock);
	err = snaptun_device_set_key(snap, no_key);
	mutex_unlock(&snap->lock);
	if (err)
		goto destroy_queue;
	list_add(&snap->list, &devices);
	snaptun_pool_prepare();
	return 0;

destroy_queue:
	snaptun_handshake_queue_destroy(snap);
destroy_identities:
	rhashtable_destroy(&snap->identity_keys);
destroy_sessions:
	snaptun_session_table_destroy(&snap->by_index);
destroy_tunnels:
	snaptun_tunnel_tables_destroy(snap);
destroy_cells:
	gro_cells_destroy(&snap->gro_cells);
free_stats:
	free_percpu(snap->stats);
free_tstats:
	free_percpu(dev->tstats);
	dev->tstats = NULL;
	return err;
}

/* All that reaches the underlay goes; the device's lock is held. */
static void leave_underlay(struct snaptun_device *snap)
{
	struct snaptun_tunnel *tunnel;
	unsigned long id;

	snap->underlay = NULL;
	xa_for_each(&snap->tunnels, id, tunnel) {
		snaptun_tunnel_remove(tunnel);
		cond_resched();
	}
	snaptun_device_set_listen(snap, NULL);
}

static void snaptun_uninit(struct net_device *dev)
{
	struct snaptun_device *snap = netdev_priv(dev);
	struct snaptun_identity *identity;
	unsigned long id;

	list_del(&snap->list);
	mutex_lock(&snap->lock);
	leave_underlay(snap);
	xa_for_each(&snap->identities, id, identity)
		snaptun_identity_remove(snap, identity);
	mutex_unlock(&snap->lock);

	/*
	 * Callbacks of the sockets that were closed may still run, works may
	 * hold tunnels, and freed tunnels count what they drop.
	 */
	synchronize_net();
	snaptun_handshake_queue_destroy(snap);
	flush_workqueue(snaptun_workqueue);
	rcu_barrier();

	gro_cells_destroy(&snap->gro_cells);
	rhashtable_destroy(&snap->identity_keys);
	snaptun_session_table_destroy(&snap->by_index);
	snaptun_tunnel_tables_destroy(snap);
	kfree_sensitive(rcu_dereference_protected(snap->mac1_keys, true));
	memzero_explicit(&snap->own, sizeof(snap->own));
	memzero_explicit(&snap->checker, sizeof(snap->checker));
	free_percpu(snap->stats);
	free_percpu(dev->tstats);
	dev->tstats = NULL;
}

static const struct net_device_ops netdev_ops = {
	.ndo_init = snaptun_dev_init,
	.ndo_uninit = snaptun_uninit,
	.ndo_open = snaptun_open,
	.ndo_stop = snaptun_stop,
	.ndo_start_xmit = snaptun_tx,
	.ndo_get_stats64 = dev_get_tstats64,
};

static const struct device_type device_type = { .name = KBUILD_MODNAME };

static void setup(struct net_device *dev)
{
	struct snaptun_device *snap = netdev_priv(dev);

	dev->netdev_ops = &netdev_ops;
	dev->header_ops = &header_ops;
	dev->needs_free_netdev = true;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	/* ICMP answers to packets without a tunnel need their route. */
	netif_keep_dst(dev);
	dev->features |= SNAPTUN_FEATURES;
	dev->hw_features |= SNAPTUN_FEATURES;
	dev->hw_enc_features |= SNAPTUN_FEATURES;
	snaptun_set_lltx(dev);
	dev->mtu = SNAPTUN_MTU_DEFAULT;
	dev->min_mtu = SNAPTUN_MTU_MIN;
	dev->max_mtu = SNAPTUN_MTU_MAX;
	SET_NETDEV_DEVTYPE(dev, &device_type);

	memset(snap, 0, sizeof(*snap));
	snap->dev = dev;
	mutex_init(&snap->lock);
	spin_lock_init(&snap->table_lock);
	xa_init(&snap->tunnels);
	xa_init(&snap->identities);
}

static int newlink(SNAPTUN_NEWLINK_ARGS)
{
	struct snaptun_device *snap = netdev_priv(dev);

	snap->underlay = snaptun_newlink_net();
	return register_netdevice(dev);
}

static struct rtnl_link_ops link_ops __read_mostly = {
	.kind = KBUILD_MODNAME,
	.priv_size = sizeof(struct snaptun_device),
	.setup = setup,
	.newlink = newlink,
};

/**
 * snaptun_device_is_ours() - is a network interface a SNAP tunnel device?
 * @dev: the interface
 */
bool snaptun_device_is_ours(const struct net_device *dev)
{
	return dev->netdev_ops == &netdev_ops;
}

/* A namespace goes: devices that moved out of it lose their underlay. */
static void net_pre_exit(struct net *net)
{
	struct snaptun_device *snap;
	bool left = false;

	rtnl_lock();
	list_for_each_entry(snap, &devices, list) {
		mutex_lock(&snap->lock);
		if (snap->underlay == net) {
			leave_underlay(snap);
			left = true;
		}
		mutex_unlock(&snap->lock);
	}
	rtnl_unlock();
	if (!left)
		return;
	/* A work may hold the last reference to a tunnel, and that to a route. */
	flush_workqueue(snaptun_workqueue);
	rcu_barrier();
}

static struct pernet_operations pernet_ops = {
	.pre_exit = net_pre_exit,
};

/**
 * snaptun_device_init() - register the link kind
 *
 * Context: module init.
 *
 * Return: 0 or an error.
 */
int __init snaptun_device_init(void)
{
	int err;

	err = register_pernet_device(&pernet_ops);
	if (err)
		return err;
	err = rtnl_link_register(&link_ops);
	if (err)
		unregister_pernet_device(&pernet_ops);
	return err;
}

/**
 * snaptun_device_exit() - remove all devices and the link kind
 *
 * Context: module exit.
 */
void snaptun_device_exit(void)
{
	rtnl_link_unregister(&link_ops);
	unregister_pernet_device(&pernet_ops);
}
