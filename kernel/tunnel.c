// SPDX-License-Identifier: GPL-2.0
/*
 * Tunnels: how they are found, made and removed. What drives them is in
 * tunnel_timer.c, their assigned addresses in assigned.c, the packets that wait for
 * a session in staged.c.
 */

#include "tunnel.h"

#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "compat.h"
#include "device.h"
#include "identity.h"

static struct kmem_cache *tunnel_cache;

static const struct rhashtable_params remote_params = {
	.key_len = sizeof(struct snaptun_path) -
		   offsetof(struct snaptun_path, remote),
	.key_offset = offsetof(struct snaptun_tunnel, path.remote),
	.head_offset = offsetof(struct snaptun_tunnel, remote_node),
	.automatic_shrinking = true,
};

/**
 * snaptun_tunnel_init() - be able to make tunnels
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_tunnel_init(void)
{
	tunnel_cache = KMEM_CACHE(snaptun_tunnel, 0);
	return tunnel_cache ? 0 : -ENOMEM;
}

/**
 * snaptun_tunnel_exit() - the last tunnel is gone, RCU's callbacks included
 */
void snaptun_tunnel_exit(void)
{
	kmem_cache_destroy(tunnel_cache);
}

/**
 * snaptun_tunnel_tables_init() - make a device's tables of tunnels
 * @snap: the device
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_tunnel_tables_init(struct snaptun_device *snap)
{
	int err;

	err = rhashtable_init(&snap->by_remote, &remote_params);
	if (err)
		return err;
	err = snaptun_assigned_table_init(&snap->by_assigned);
	if (err)
		rhashtable_destroy(&snap->by_remote);
	return err;
}

/**
 * snaptun_tunnel_tables_destroy() - free the tables; no tunnel is left
 * @snap: the device
 */
void snaptun_tunnel_tables_destroy(struct snaptun_device *snap)
{
	rhashtable_destroy(&snap->by_remote);
	rhashtable_destroy(&snap->by_assigned);
}

/**
 * snaptun_tunnel_by_remote() - the tunnel that owns a remote address
 * @snap: the device
 * @path: a message's way
 *
 * Context: RCU read lock, or the device's lock.
 *
 * Return: the tunnel, or NULL.
 */
struct snaptun_tunnel *
snaptun_tunnel_by_remote(struct snaptun_device *snap,
			 const struct snaptun_path *path)
{
	return rhashtable_lookup_fast(&snap->by_remote, &path->remote,
				      remote_params);
}

/**
 * snaptun_tunnel_is_from() - does a message come from the tunnel's other side?
 * @tunnel: the tunnel
 * @path: the message's way
 *
 * Context: any.
 */
bool snaptun_tunnel_is_from(const struct snaptun_tunnel *tunnel,
			    const struct snaptun_path *path)
{
	return tunnel->path.local_port == path->local_port &&
	       snaptun_address_equal(&tunnel->path.remote, &path->remote);
}

/**
 * snaptun_tunnel_candidate() - an identity's candidate at an address
 * @snap: the device; its lock is held
 * @identity: the identity
 * @path: a message's way
 *
 * Return: the tunnel, or NULL.
 */
struct snaptun_tunnel *
snaptun_tunnel_candidate(struct snaptun_device *snap,
			 struct snaptun_identity *identity,
			 const struct snaptun_path *path)
{
	struct snaptun_tunnel *tunnel, *found = NULL;

	spin_lock_bh(&snap->table_lock);
	list_for_each_entry(tunnel, &identity->candidates, identity_node) {
		if (snaptun_tunnel_is_from(tunnel, path)) {
			found = tunnel;
			break;
		}
	}
	spin_unlock_bh(&snap->table_lock);
	return found;
}

/**
 * snaptun_tunnel_allowed_ips() - the IP addresses that a tunnel may stand for
 * @tunnel: the tunnel
 *
 * Context: RCU read lock, or the device's lock.
 *
 * Return: its own, or those of its identity.
 */
struct snaptun_allowed_ips *
snaptun_tunnel_allowed_ips(struct snaptun_tunnel *tunnel)
{
	return tunnel->identity ? &tunnel->identity->allowed_ips :
				  &tunnel->allowed_ips;
}

static void free_tunnel(struct snaptun_tunnel *tunnel)
{
	memzero_explicit(tunnel, sizeof(*tunnel));
	kmem_cache_free(tunnel_cache, tunnel);
}

static void free_tunnel_rcu(struct rcu_head *rcu)
{
	struct snaptun_tunnel *tunnel =
		container_of(rcu, struct snaptun_tunnel, rcu);

	/* A sender that found the tunnel before it went may have staged. */
	snaptun_tunnel_drop_staged(tunnel);
	dst_cache_destroy(&tunnel->route);
	free_tunnel(tunnel);
}

static void release(struct kref *kref)
{
	struct snaptun_tunnel *tunnel =
		container_of(kref, struct snaptun_tunnel, kref);

	call_rcu(&tunnel->rcu, free_tunnel_rcu);
}

/**
 * snaptun_tunnel_put() - give up a reference
 * @tunnel: the tunnel; freed after a grace period where it was the last one
 *
 * Context: any.
 */
void snaptun_tunnel_put(struct snaptun_tunnel *tunnel)
{
	kref_put(&tunnel->kref, release);
}

static void creator_lost(struct snaptun_owner *creator)
{
	snaptun_tunnel_remove(container_of(creator, struct snaptun_tunnel, creator));
}

/* A tunnel that nobody can find yet. */
static struct snaptun_tunnel *allocate(struct snaptun_device *snap,
				       const u8 public_key[SNAPTUN_KEY_SIZE],
				       bool responder)
{
	struct snaptun_tunnel *tunnel;

	lockdep_assert_held(&snap->lock);
	if (snap->n_tunnels >= snap->max_tunnels)
		return ERR_PTR(-ENOSPC);
	tunnel = kmem_cache_zalloc(tunnel_cache, GFP_KERNEL_ACCOUNT);
	if (!tunnel)
		return ERR_PTR(-ENOMEM);
	tunnel->snap = snap;
	kref_init(&tunnel->kref);
	snaptun_owner_init(&tunnel->creator, snap, creator_lost);
	INIT_LIST_HEAD(&tunnel->control_plane_node);
	INIT_LIST_HEAD(&tunnel->identity_node);
	INIT_LIST_HEAD(&tunnel->contested_node);
	snaptun_allowed_ips_init(&tunnel->allowed_ips);
	snaptun_cookie_jar_init(&tunnel->jar, public_key);
	snaptun_sessions_init(&tunnel->sessions);
	snaptun_timers_init(&tunnel->timers, responder);
	snaptun_tunnel_timer_init(tunnel);
	skb_queue_head_init(&tunnel->staged);
	return tunnel;
}

/* Give a tunnel its id, after which netlink sees it. */
static int publish(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	int err;

	/* Numbers come again when all have been given: candidates use up many. */
	err = xa_alloc_cyclic(&snap->tunnels, &tunnel->id, tunnel, xa_limit_31b,
			      &snap->next_tunnel, GFP_KERNEL);
	if (err < 0)
		return err;
	snap->n_tunnels++;
	return 0;
}

/**
 * snaptun_tunnel_add() - make a configured tunnel
 * @snap: the device; its lock is held
 * @config: what it is made of
 * @extack: receives the reason of a failure
 *
 * Opens its port, and begins a handshake where the device is up, a persistent
 * keepalive is set, and its control plane, if it has one, was registered.
 *
 * Context: process.
 *
 * Return: the tunnel, or an error with a message in @extack.
 */
struct snaptun_tunnel *
snaptun_tunnel_add(struct snaptun_device *snap,
		   const struct snaptun_tunnel_config *config,
		   struct netlink_ext_ack *extack)
{
	bool is_v4 = snaptun_address_is_v4(&config->path.remote);
	struct snaptun_tunnel *tunnel;
	int err;

	if (!snap->underlay) {
		NL_SET_ERR_MSG(extack, "the device's underlay namespace is gone");
		return ERR_PTR(-ENETDOWN);
	}
	tunnel = allocate(snap, config->public_key, false);
	if (IS_ERR(tunnel)) {
		if (PTR_ERR(tunnel) == -ENOSPC)
			NL_SET_ERR_MSG(extack, "the device has as many tunnels as it may have");
		else
			NL_SET_ERR_MSG(extack, "no memory");
		return tunnel;
	}
	tunnel->path = config->path;
	tunnel->fixed_address = config->fixed_address;
	/* So that it is not the default one meanwhile. */
	tunnel->allowed_ips.count = config->n_prefixes;
	tunnel->burst_limit = config->burst_limit;
	tunnel->timers.keepalive = config->keepalive;
	tunnel->timers.answer_keepalives = config->answer_keepalives;
	memcpy(tunnel->peer.psk, config->psk, sizeof(tunnel->peer.psk));
	tunnel->has_psk = memchr_inv(config->psk, 0, sizeof(config->psk));
	if (snaptun_noise_is_low_order(config->public_key)) {
		NL_SET_ERR_MSG(extack, "the remote key is of low order");
		err = -EKEYREJECTED;
		goto fail;
	}
	snaptun_noise_set_peer(&tunnel->peer, &snap->own, config->public_key);
	tunnel->socket = snaptun_socket_open(snap, snap->underlay,
					     ntohs(config->path.local_port),
					     is_v4 ? SNAPTUN_SOCKET_V4 :
						     SNAPTUN_SOCKET_V6);
	if (IS_ERR(tunnel->socket)) {
		err = PTR_ERR(tunnel->socket);
		if (err == -EAFNOSUPPORT || err == -EPFNOSUPPORT)
			NL_SET_ERR_MSG(extack, "the kernel lacks the endpoint's IP version");
		else
			NL_SET_ERR_MSG(extack, "cannot open the local port");
		goto fail;
	}
	tunnel->path.local_port = tunnel->socket->port;
	err = publish(tunnel);
	if (err) {
		NL_SET_ERR_MSG(extack, "no memory");
		goto close;
	}

	spin_lock_bh(&snap->table_lock);
	snap->n_configured++;
	/* No other tunnel can have the port that was just opened. */
	err = rhashtable_lookup_insert_fast(&snap->by_remote,
					    &tunnel->remote_node, remote_params);
	if (!err) {
		tunnel->confirmed = true;
		rcu_assign_pointer(tunnel->allowed_ips.tunnel, tunnel);
		snaptun_device_choose_default(snap);
	}
	spin_unlock_bh(&snap->table_lock);
	if (err) {
		NL_SET_ERR_MSG(extack, "no memory");
		snaptun_tunnel_remove(tunnel);
		return ERR_PTR(err);
	}
	if (config->control_plane)
		snaptun_control_plane_join(config->control_plane, tunnel);
	snaptun_tunnel_announce(tunnel);
	if (netif_running(snap->dev))
		snaptun_tunnel_start(tunnel);
	return tunnel;
close:
	snaptun_socket_close(tunnel->socket);
fail:
	free_tunnel(tunnel);
	return ERR_PTR(err);
}

/**
 * snaptun_tunnel_adopt() - give a tunnel the settings of its identity
 * @tunnel: a tunnel of an identity; the device's lock is held
 *
 * Context: process.
 */
void snaptun_tunnel_adopt(struct snaptun_tunnel *tunnel)
{
	const struct snaptun_identity *identity = tunnel->identity;

	tunnel->peer = identity->peer;
	tunnel->has_psk = identity->has_psk;
	WRITE_ONCE(tunnel->burst_limit, identity->burst_limit);
	snaptun_tunnel_set_keepalive(tunnel, identity->keepalive,
				     identity->answer_keepalives);
}

/*
 * May an identity with @own of the device's @total candidates have one more? It gets
 * a share of what others leave, so that those who take much still leave something.
 */
static bool may_add_candidate(unsigned int own, unsigned int total)
{
	/* Both only grow under the device's lock. */
	unsigned int others = total > own ? total - own : 0;
	unsigned int left = SNAPTUN_CANDIDATES_PER_DEVICE - others;

	return own < DIV_ROUND_UP(left * SNAPTUN_CANDIDATES_PER_IDENTITY,
				  SNAPTUN_CANDIDATES_PER_DEVICE);
}

/**
 * snaptun_tunnel_add_candidate() - make a tunnel for an initiation
 * @snap: the device; its lock is held
 * @identity: who sent the initiation
 * @path: the initiation's way
 *
 * Context: process.
 *
 * Return: the tunnel, or -ENOSPC, -ENOMEM.
 */
struct snaptun_tunnel *
snaptun_tunnel_add_candidate(struct snaptun_device *snap,
			     struct snaptun_identity *identity,
			     const struct snaptun_path *path)
{
	struct snaptun_tunnel *tunnel;
	int err;

	if (!may_add_candidate(READ_ONCE(identity->n_candidates),
			       READ_ONCE(snap->n_candidates)))
		return ERR_PTR(-ENOSPC);
	tunnel = allocate(snap, identity->peer.public, true);
	if (IS_ERR(tunnel))
		return tunnel;
	tunnel->path = *path;
	tunnel->socket = snaptun_device_listen(snap);
	tunnel->identity = identity;
	snaptun_tunnel_adopt(tunnel);
	err = publish(tunnel);
	if (err) {
		free_tunnel(tunnel);
		return ERR_PTR(err);
	}
	spin_lock_bh(&snap->table_lock);
	list_add_tail(&tunnel->identity_node, &identity->candidates);
	identity->n_candidates++;
	snap->n_candidates++;
	spin_unlock_bh(&snap->table_lock);

	tunnel->timers.running = true;
	return tunnel;
}

/**
 * snaptun_tunnel_initiated() - the other side sent a valid initiation
 * @tunnel: the tunnel; the device's lock is held
 * @now: current time
 *
 * A candidate gets its time to prove its address anew.
 *
 * Context: process.
 */
void snaptun_tunnel_initiated(struct snaptun_tunnel *tunnel, u64 now)
{
	struct snaptun_device *snap = tunnel->snap;

	spin_lock_bh(&snap->table_lock);
	if (!tunnel->confirmed) {
		spin_lock(&tunnel->timer_lock);
		snaptun_timers_became_candidate(&tunnel->timers, now);
		spin_unlock(&tunnel->timer_lock);
	}
	spin_unlock_bh(&snap->table_lock);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_confirm() - a candidate received its first transport message
 * @tunnel: a tunnel that an initiation made
 *
 * The other side receives at its address, which is the tunnel's from now on.
 *
 * Context: bottom halves disabled.
 *
 * Return: 0; -ENOENT where the tunnel was removed in the meantime, -EEXIST where
 * the address became another's, -ENOMEM.
 */
int snaptun_tunnel_confirm(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	int err = 0;

	if (likely(READ_ONCE(tunnel->confirmed)))
		return 0;
	spin_lock(&snap->table_lock);
	if (tunnel->confirmed)
		goto out;
	err = tunnel->dead ? -ENOENT :
	      rhashtable_lookup_insert_fast(&snap->by_remote,
					    &tunnel->remote_node, remote_params);
	if (err)
		goto out;
	snap->n_candidates--;
	WRITE_ONCE(tunnel->confirmed, true);
	/* So that it is not the one that is silent longest. */
	WRITE_ONCE(tunnel->heard_at, snaptun_now());
	snaptun_identity_confirmed(snap, tunnel);
	snaptun_device_choose_default(snap);
	spin_lock(&tunnel->timer_lock);
	snaptun_timers_confirmed(&tunnel->timers);
	spin_unlock(&tunnel->timer_lock);
	snaptun_tunnel_announce(tunnel);
out:
	spin_unlock(&snap->table_lock);
	return err;
}

/**
 * snaptun_tunnel_remove() - remove a tunnel
 * @tunnel: the tunnel; the device's lock is held
 *
 * The data path may hold on to it until an RCU grace period is over.
 *
 * Context: process.
 */
void snaptun_tunnel_remove(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_identity *identity = tunnel->identity;

	lockdep_assert_held(&snap->lock);
	xa_erase(&snap->tunnels, tunnel->id);
	snap->n_tunnels--;
	if (!identity) {
		snaptun_owner_set(&tunnel->creator, NULL, 0);
		snaptun_allowed_ips_commit(&snap->allowed_ips,
					   &tunnel->allowed_ips, NULL, 0);
	}

	spin_lock_bh(&snap->table_lock);
	tunnel->dead = true;
	if (!identity)
		snap->n_configured--;
	snaptun_tunnel_leave_assigned(tunnel);
	RCU_INIT_POINTER(tunnel->allowed_ips.tunnel, NULL);
	if (tunnel->confirmed)
		rhashtable_remove_fast(&snap->by_remote, &tunnel->remote_node,
				       remote_params);
	if (identity) {
		snaptun_identity_lost(tunnel);
		if (!tunnel->confirmed)
			snap->n_candidates--;
	}
	if (snap->marked_default == tunnel)
		snap->marked_default = NULL;
	snaptun_device_choose_default(snap);
	spin_unlock_bh(&snap->table_lock);

	snaptun_tunnel_renounce(tunnel);
	snaptun_control_plane_leave(tunnel);
	timer_shutdown_sync(&tunnel->timer);
	snaptun_sessions_wipe(&tunnel->sessions, &snap->by_index);
	snaptun_tunnel_drop_staged(tunnel);
	if (!identity)
		snaptun_socket_close(tunnel->socket);
	snaptun_tunnel_put(tunnel);
}

/**
 * snaptun_tunnel_rekey() - the device has another private key
 * @tunnel: the tunnel; the device's lock is held
 *
 * Context: process.
 */
void snaptun_tunnel_rekey(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	u8 public_key[SNAPTUN_KEY_SIZE];

	snaptun_tunnel_stop(tunnel);
	memcpy(public_key, tunnel->peer.public, sizeof(public_key));
	snaptun_noise_set_peer(&tunnel->peer, &snap->own, public_key);
	memset(tunnel->last_timestamp, 0, sizeof(tunnel->last_timestamp));
	if (netif_running(snap->dev))
		snaptun_tunnel_start(tunnel);
}
