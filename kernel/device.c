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
#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/suspend.h>
#include <net/addrconf.h>
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
/* The machine falls asleep: no session is to be made. */
bool snaptun_asleep;
/* How often the machine was copied, or slept; of two at once, one need not be counted. */
unsigned int snaptun_lives;
/* Devices that are off the list, and whose works may still run. */
static atomic_t leaving;
/* How many devices there have been; rtnl. */
static u32 pool_owners;

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
 * of the only identity, unless it has prefixes, which say what it is for. Where
 * several could be meant there is none.
 */
void snaptun_device_choose_default(struct snaptun_device *snap)
{
	struct snaptun_tunnel *chosen = snap->marked_default;
	unsigned long id = 0;

	lockdep_assert_held(&snap->table_lock);
	if (!chosen && snap->n_configured == 1 && !snap->n_identities) {
		chosen = xa_find(&snap->tunnels, &id, ULONG_MAX, XA_PRESENT);
		if (chosen && READ_ONCE(chosen->allowed_ips.count))
			chosen = NULL;
	} else if (!chosen && !snap->n_configured && snap->n_identities == 1) {
		struct snaptun_identity *identity =
			xa_find(&snap->identities, &id, ULONG_MAX, XA_PRESENT);

		if (identity && !list_empty(&identity->confirmed) &&
		    !READ_ONCE(identity->allowed_ips.count))
			chosen = list_last_entry(&identity->confirmed,
						 struct snaptun_tunnel,
						 identity_node);
	}
	rcu_assign_pointer(snap->default_tunnel, chosen);
}

/**
 * snaptun_device_mark_default() - the user chose the default tunnel
 * @snap: the device; its lock is held
 * @tunnel: a configured tunnel, or NULL for none
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
	if (tunnel)
		tunnel->is_default = true;
	spin_lock_bh(&snap->table_lock);
	snap->marked_default = tunnel;
	snaptun_device_choose_default(snap);
	spin_unlock_bh(&snap->table_lock);
}

/**
 * snaptun_device_established() - a tunnel became established, or is no longer
 * @snap: the device
 * @established: which of both
 *
 * The interface is dormant while no tunnel is established: it looks up to the
 * stack, which goes on to send, and not quite up to whoever watches it.
 *
 * Context: any; a tunnel's timer_lock may be held.
 */
void snaptun_device_established(struct snaptun_device *snap, bool established)
{
	spin_lock_bh(&snap->state_lock);
	if (established && !snap->n_established++)
		netif_dormant_off(snap->dev);
	else if (!established && !--snap->n_established)
		netif_dormant_on(snap->dev);
	spin_unlock_bh(&snap->state_lock);
}

/**
 * snaptun_device_set_key() - set or remove the device's private key
 * @snap: the device; its lock is held
 * @private_key: the key, or all zero
 *
 * Another key ends every session: all tunnels of identities are removed,
 * configured ones begin afresh, those with a control plane once the key is registered
 * there. The same key again changes nothing.
 *
 * Context: process.
 *
 * Return: 0, or -ENOMEM and nothing has changed.
 */
int snaptun_device_set_key(struct snaptun_device *snap,
			   const u8 private_key[SNAPTUN_KEY_SIZE])
{
	struct snaptun_mac1_keys *keys, *old;
	struct snaptun_control_plane *plane;
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
	keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
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
	xa_for_each(&snap->control_planes, id, plane) {
		snaptun_control_plane_forget(plane);
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
 * snaptun_device_open_listen() - open a port that identities can use
 * @snap: the device; its lock is held
 * @port: UDP port, host byte order
 *
 * Nothing else of the device changes: snaptun_device_set_listen() puts it to use.
 *
 * Context: process.
 *
 * Return: the port, or an error.
 */
struct snaptun_socket *snaptun_device_open_listen(struct snaptun_device *snap,
						  u16 port)
{
	int err = snaptun_sources_open(&snap->sources);

	if (err)
		return ERR_PTR(err);
	return snaptun_socket_open(snap, snap->underlay, port,
				   SNAPTUN_SOCKET_BOTH);
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
	xa_for_each(&snap->tunnels, id, tunnel) {
		if (tunnel->identity)
			snaptun_tunnel_remove(tunnel);
		cond_resched();
	}
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
	if (snaptun_device_listen(snap))
		snaptun_socket_set_mark(snaptun_device_listen(snap), fwmark);
	xa_for_each(&snap->tunnels, id, tunnel) {
		if (!tunnel->identity)
			snaptun_socket_set_mark(tunnel->socket, fwmark);
		/* Routes may depend on it. */
		dst_cache_reset(&tunnel->route);
		cond_resched();
	}
}

/*
 * What the stack sends of its own accord has no place on a tunnel. Packets that go
 * from one tunnel to another would have it send redirects. An address that the
 * stack makes up would make it look for routers; EUI-64, the usual way, means
 * nothing to this kind of interface, so nobody asked for it.
 */
static void silence(struct net_device *dev)
{
	struct in_device *in4 = __in_dev_get_rtnl(dev);
	struct inet6_dev *in6 = __in6_dev_get(dev);

	if (in4) {
		IN_DEV_CONF_SET(in4, SEND_REDIRECTS, false);
		IPV4_DEVCONF_ALL(dev_net(dev), SEND_REDIRECTS) = false;
	}
	if (in6 && in6->cnf.addr_gen_mode == IN6_ADDR_GEN_MODE_EUI64)
		in6->cnf.addr_gen_mode = IN6_ADDR_GEN_MODE_NONE;
}

/**
 * snaptun_device_set_max_identity_tunnels() - bound the tunnels of each identity
 * @snap: the device; its lock is held
 * @max: the most that one may have
 *
 * Those that have more lose the ones that were silent longest.
 *
 * Context: process.
 */
void snaptun_device_set_max_identity_tunnels(struct snaptun_device *snap, u32 max)
{
	struct snaptun_identity *identity;
	unsigned long id;

	lockdep_assert_held(&snap->lock);
	WRITE_ONCE(snap->max_identity_tunnels, max);
	xa_for_each(&snap->identities, id, identity) {
		spin_lock_bh(&snap->table_lock);
		if (identity->n_confirmed > max)
			list_move_tail(&identity->crowded_node,
				       &snap->crowded_identities);
		spin_unlock_bh(&snap->table_lock);
		cond_resched();
	}
	snaptun_identities_relieve(snap);
}

static int snaptun_open(struct net_device *dev)
{
	struct snaptun_device *snap = netdev_priv(dev);
	struct snaptun_tunnel *tunnel;
	unsigned long id;

	silence(dev);
	mutex_lock(&snap->lock);
	xa_for_each(&snap->tunnels, id, tunnel) {
		snaptun_tunnel_start(tunnel);
		cond_resched();
	}
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
		cond_resched();
	}
	mutex_unlock(&snap->lock);
	return 0;
}

/* Tunnels of identities that have too many go, the silent ones first. */
static void relieve_crowded(struct work_struct *work)
{
	struct snaptun_device *snap =
		container_of(work, struct snaptun_device, crowded);

	mutex_lock(&snap->lock);
	snaptun_identities_relieve(snap);
	mutex_unlock(&snap->lock);
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
	err = snaptun_openers_init(snap);
	if (err)
		goto free_stats;
	err = snaptun_tunnel_tables_init(snap);
	if (err)
		goto destroy_openers;
	err = snaptun_session_table_init(&snap->by_index);
	if (err)
		goto destroy_tunnels;
	err = snaptun_identity_table_init(&snap->identity_keys);
	if (err)
		goto destroy_sessions;
	err = snaptun_allowed_table_init(&snap->allowed_ips);
	if (err)
		goto destroy_identities;
	err = snaptun_handshake_queue_init(snap);
	if (err)
		goto destroy_allowed;
	mutex_lock(&snap->lock);
	err = snaptun_device_set_key(snap, no_key);
	mutex_unlock(&snap->lock);
	if (err)
		goto destroy_queue;
	list_add(&snap->list, &devices);
	/* Under rtnl; a device is gone long before its number comes again. */
	snap->pool_owner = ++pool_owners;
	snaptun_pool_prepare();
	return 0;

destroy_queue:
	snaptun_handshake_queue_destroy(snap);
destroy_allowed:
	snaptun_allowed_table_destroy(&snap->allowed_ips);
destroy_identities:
	rhashtable_destroy(&snap->identity_keys);
destroy_sessions:
	snaptun_session_table_destroy(&snap->by_index);
destroy_tunnels:
	snaptun_tunnel_tables_destroy(snap);
destroy_openers:
	snaptun_openers_destroy(snap);
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

	WRITE_ONCE(snap->underlay, NULL);
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

	/* Packet sockets that go past queues look at nothing else. */
	netif_tx_stop_all_queues(dev);
	atomic_inc(&leaving);
	list_del(&snap->list);
	mutex_lock(&snap->lock);
	leave_underlay(snap);
	xa_for_each(&snap->identities, id, identity) {
		snaptun_identity_remove(snap, identity);
		cond_resched();
	}
	/* Who holds a reference to the device may do so for long. */
	snap->has_key = false;
	memzero_explicit(&snap->own, sizeof(snap->own));
	memzero_explicit(&snap->checker, sizeof(snap->checker));
	mutex_unlock(&snap->lock);
	snaptun_openers_flush(snap);
}

/*
 * What nobody uses any more goes. The core has waited for RCU readers since the
 * sockets were closed, so callbacks of theirs queue no more works; works that were
 * queued may hold tunnels; and freed tunnels count what they drop.
 *
 * Context: process, without rtnl unless the device never was registered: works may
 * wait for random numbers.
 */
static void destruct(struct net_device *dev)
{
	struct snaptun_device *snap = netdev_priv(dev);

	snaptun_handshake_queue_destroy(snap);
	snaptun_agenda_stop(&snap->agenda);
	flush_workqueue(snaptun_workqueue);
	rcu_barrier();
	atomic_dec(&leaving);

	snaptun_openers_destroy(snap);
	snaptun_sources_close(&snap->sources);
	snaptun_allowed_table_destroy(&snap->allowed_ips);
	rhashtable_destroy(&snap->identity_keys);
	snaptun_session_table_destroy(&snap->by_index);
	snaptun_tunnel_tables_destroy(snap);
	kfree_sensitive(rcu_dereference_protected(snap->mac1_keys, true));
	free_percpu(snap->stats);
	free_percpu(dev->tstats);
	dev->tstats = NULL;
}

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->version, THIS_MODULE->version, sizeof(info->version));
}

static int get_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? SNAPTUN_COUNTERS : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *names)
{
	unsigned int i;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < SNAPTUN_COUNTERS; i++)
		strscpy(names + i * ETH_GSTRING_LEN,
			snaptun_counter_name(SNAPTUN_COUNTER_FIRST + i),
			ETH_GSTRING_LEN);
}

static void get_ethtool_stats(struct net_device *dev,
			      struct ethtool_stats *stats, u64 *values)
{
	struct snaptun_device *snap = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < SNAPTUN_COUNTERS; i++)
		values[i] = snaptun_stats_read(snap->stats,
					       SNAPTUN_COUNTER_FIRST + i);
}

static const struct ethtool_ops ethtool_ops = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_ethtool_stats,
};

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
	dev->ethtool_ops = &ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_destructor = destruct;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	/* It sends with interrupts off, and polls NAPIs that are somebody else's. */
	dev->priv_flags |= IFF_DISABLE_NETPOLL;
	/* ICMP answers to packets without a tunnel need their route. */
	netif_keep_dst(dev);
	dev->features |= SNAPTUN_FEATURES;
	dev->hw_features |= SNAPTUN_FEATURES;
	dev->hw_enc_features |= SNAPTUN_FEATURES;
	snaptun_set_lltx(dev);
	/* Told to nobody before the device is registered. */
	set_bit(__LINK_STATE_DORMANT, &dev->state);
	dev->mtu = SNAPTUN_MTU_DEFAULT;
	dev->min_mtu = SNAPTUN_MTU_MIN;
	dev->max_mtu = SNAPTUN_MTU_MAX;
	SET_NETDEV_DEVTYPE(dev, &device_type);

	memset(snap, 0, sizeof(*snap));
	snap->dev = dev;
	mutex_init(&snap->lock);
	spin_lock_init(&snap->table_lock);
	spin_lock_init(&snap->state_lock);
	spin_lock_init(&snap->answer_lock);
	INIT_LIST_HEAD(&snap->contested);
	INIT_LIST_HEAD(&snap->crowded_identities);
	INIT_WORK(&snap->crowded, relieve_crowded);
	snap->handshake_rate = SNAPTUN_HANDSHAKE_RATE;
	snap->source_rate.per_second = SNAPTUN_SOURCE_RATE;
	snap->source_rate.burst = SNAPTUN_SOURCE_BURST;
	snap->max_tunnels = SNAPTUN_TUNNELS_PER_DEVICE;
	snap->max_identity_tunnels = SNAPTUN_TUNNELS_PER_IDENTITY;
	xa_init_flags(&snap->tunnels, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	xa_init_flags(&snap->identities, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	xa_init_flags(&snap->control_planes, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	hash_init(snap->control_plane_urls);
	snaptun_agenda_init(&snap->agenda);
}

static const struct nla_policy link_policy[IFLA_SNAPTUN_MAX + 1] = {
	[IFLA_SNAPTUN_PRIVATE_KEY] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_SIZE),
	[IFLA_SNAPTUN_LISTEN_PORT] = { .type = NLA_U16 },
	[IFLA_SNAPTUN_FWMARK] = { .type = NLA_U32 },
};

/* What a request wants of a new device; its lock is held. */
static int configure(struct snaptun_device *snap, struct nlattr **data,
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *key = data[IFLA_SNAPTUN_PRIVATE_KEY];
	const struct nlattr *port = data[IFLA_SNAPTUN_LISTEN_PORT];
	const struct nlattr *mark = data[IFLA_SNAPTUN_FWMARK];
	struct snaptun_socket *listen;
	int err;

	if (key) {
		err = snaptun_device_set_key(snap, nla_data(key));
		if (err) {
			NL_SET_ERR_MSG_ATTR(extack, key, "no memory");
			return err;
		}
	}
	if (port && nla_get_u16(port)) {
		listen = snaptun_device_open_listen(snap, nla_get_u16(port));
		if (IS_ERR(listen)) {
			NL_SET_ERR_MSG_ATTR(extack, port,
					    "cannot open the listen port");
			return PTR_ERR(listen);
		}
		snaptun_device_set_listen(snap, listen);
	}
	if (mark)
		snaptun_device_set_fwmark(snap, nla_get_u32(mark));
	return 0;
}

static int newlink(SNAPTUN_NEWLINK_ARGS)
{
	struct snaptun_device *snap = netdev_priv(dev);
	struct nlattr **attrs = snaptun_newlink_data();
	int err;

	snap->underlay = snaptun_newlink_net();
	err = register_netdevice(dev);
	if (!err && attrs) {
		mutex_lock(&snap->lock);
		err = configure(snap, attrs, extack);
		mutex_unlock(&snap->lock);
		if (err)
			unregister_netdevice(dev);
	}
	if (attrs && attrs[IFLA_SNAPTUN_PRIVATE_KEY])
		memzero_explicit(nla_data(attrs[IFLA_SNAPTUN_PRIVATE_KEY]),
				 SNAPTUN_KEY_SIZE);
	return err;
}

/* IFLA_LINK_NETNSID: where the underlay is. */
static struct net *get_link_net(const struct net_device *dev)
{
	const struct snaptun_device *snap = netdev_priv(dev);

	return READ_ONCE(snap->underlay) ?: dev_net(dev);
}

static struct rtnl_link_ops link_ops __read_mostly = {
	.kind = KBUILD_MODNAME,
	.priv_size = sizeof(struct snaptun_device),
	.maxtype = IFLA_SNAPTUN_MAX,
	.policy = link_policy,
	.setup = setup,
	.newlink = newlink,
	.get_link_net = get_link_net,
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
	if (!left && !atomic_read(&leaving))
		return;
	/*
	 * A work may hold the last reference to a tunnel, and that to a route. Who still
	 * sees the tunnel may queue one once more.
	 */
	synchronize_net();
	flush_workqueue(snaptun_handshake_workqueue);
	flush_workqueue(snaptun_workqueue);
	rcu_barrier();
}

static void for_all_tunnels(void (*act)(struct snaptun_tunnel *tunnel))
{
	struct snaptun_device *snap;
	struct snaptun_tunnel *tunnel;
	unsigned long id;

	rtnl_lock();
	list_for_each_entry(snap, &devices, list) {
		mutex_lock(&snap->lock);
		xa_for_each(&snap->tunnels, id, tunnel) {
			act(tunnel);
			cond_resched();
		}
		mutex_unlock(&snap->lock);
	}
	rtnl_unlock();
}

/* Whoever computes without a lock, with what was drawn at random, is to begin again. */
static void begin_life(void)
{
	WRITE_ONCE(snaptun_lives, snaptun_lives + 1);
	for_all_tunnels(snaptun_tunnel_end_sessions);
}

/*
 * No session key is in memory that is written to disk, or that lies around in a
 * machine that sleeps. Where sleep is what a machine does all day long, as a
 * telephone, sessions would hardly live.
 */
static int power_event(struct notifier_block *block, unsigned long event,
		       void *data)
{
	if (IS_ENABLED(CONFIG_PM_AUTOSLEEP) ||
	    IS_ENABLED(CONFIG_PM_USERSPACE_AUTOSLEEP))
		return NOTIFY_DONE;
	switch (event) {
	case PM_HIBERNATION_PREPARE:
	case PM_SUSPEND_PREPARE:
		WRITE_ONCE(snaptun_asleep, true);
		begin_life();
		/* Keys are zeroed when they are freed. */
		rcu_barrier();
		break;
	case PM_POST_HIBERNATION:
	case PM_POST_SUSPEND:
		WRITE_ONCE(snaptun_asleep, false);
		for_all_tunnels(snaptun_tunnel_seek_session);
		break;
	}
	return NOTIFY_DONE;
}

/* The machine was copied: the copies must not send with the same counters. */
static int fork_event(struct notifier_block *block, unsigned long event,
		      void *data)
{
	begin_life();
	for_all_tunnels(snaptun_tunnel_seek_session);
	return NOTIFY_DONE;
}

static struct notifier_block power_notifier = { .notifier_call = power_event };
static struct notifier_block fork_notifier = { .notifier_call = fork_event };

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

	err = register_pm_notifier(&power_notifier);
	if (err)
		return err;
	err = register_random_vmfork_notifier(&fork_notifier);
	if (err)
		goto no_power;
	err = register_pernet_device(&pernet_ops);
	if (err)
		goto no_fork;
	err = rtnl_link_register(&link_ops);
	if (err)
		goto no_pernet;
	return 0;

no_pernet:
	unregister_pernet_device(&pernet_ops);
no_fork:
	unregister_random_vmfork_notifier(&fork_notifier);
no_power:
	unregister_pm_notifier(&power_notifier);
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
	unregister_random_vmfork_notifier(&fork_notifier);
	unregister_pm_notifier(&power_notifier);
}
