// SPDX-License-Identifier: GPL-2.0
/*
 * Tunnels: how they are found, made and removed, how their timers drive them,
 * and the packets that wait for a session.
 */

#include "tunnel.h"

#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "compat.h"
#include "device.h"
#include "identity.h"
#include "report.h"
#include "trace.h"
#include "tx.h"

/*
 * Tunnels that go with the netlink socket of who made them. What is in the list
 * changes, as their removal, under rtnl too.
 */
static LIST_HEAD(provisional);
static DEFINE_SPINLOCK(provisional_lock);

static const struct rhashtable_params remote_params = {
	.key_len = sizeof(struct snaptun_path) -
		   offsetof(struct snaptun_path, remote),
	.key_offset = offsetof(struct snaptun_tunnel, path.remote),
	.head_offset = offsetof(struct snaptun_tunnel, remote_node),
	.automatic_shrinking = true,
};

static const struct rhashtable_params assigned_params = {
	.key_len = sizeof_field(struct snaptun_tunnel, assigned),
	.key_offset = offsetof(struct snaptun_tunnel, assigned),
	.head_offset = offsetof(struct snaptun_tunnel, assigned_node),
	.automatic_shrinking = true,
};

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
	err = rhashtable_init(&snap->by_assigned, &assigned_params);
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
 * snaptun_tunnel_by_assigned() - the tunnel with an assigned address
 * @snap: the device
 * @assigned: the address
 *
 * Context: RCU read lock.
 *
 * Return: the tunnel, or NULL.
 */
struct snaptun_tunnel *
snaptun_tunnel_by_assigned(struct snaptun_device *snap,
			   const struct snaptun_address *assigned)
{
	return rhashtable_lookup_fast(&snap->by_assigned, assigned,
				      assigned_params);
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

/**
 * snaptun_tunnel_state() - where a tunnel is in its life
 * @tunnel: the tunnel
 *
 * Context: any.
 *
 * Return: enum snaptun_tunnel_state.
 */
u32 snaptun_tunnel_state(const struct snaptun_tunnel *tunnel)
{
	const struct snaptun_timers *t = &tunnel->timers;

	if (!READ_ONCE(tunnel->confirmed))
		return SNAPTUN_TUNNEL_STATE_CANDIDATE;
	if (READ_ONCE(tunnel->closed))
		return SNAPTUN_TUNNEL_STATE_CLOSED;
	if (READ_ONCE(t->usable_until) != SNAPTUN_NEVER)
		return SNAPTUN_TUNNEL_STATE_ESTABLISHED;
	if (READ_ONCE(t->attempt_at) != SNAPTUN_NEVER)
		return SNAPTUN_TUNNEL_STATE_CONNECTING;
	if (READ_ONCE(t->restart_at) != SNAPTUN_NEVER)
		return SNAPTUN_TUNNEL_STATE_EXPIRED;
	return SNAPTUN_TUNNEL_STATE_IDLE;
}

/* The tunnel is in another state now; its timer_lock is held. */
static void enter_state(struct snaptun_tunnel *tunnel, u32 state)
{
	bool was = tunnel->state == SNAPTUN_TUNNEL_STATE_ESTABLISHED;
	bool is = state == SNAPTUN_TUNNEL_STATE_ESTABLISHED;

	lockdep_assert_held(&tunnel->timer_lock);
	tunnel->state = state;
	if (was != is)
		snaptun_device_established(tunnel->snap, is);
	trace_snaptun_tunnel_state(tunnel->snap->dev, tunnel->id, state);
}

/**
 * snaptun_tunnel_settle() - something happened that may change the tunnel's state
 * @tunnel: the tunnel
 *
 * If it did, whoever wants to know is told.
 *
 * Context: any; the device's table_lock may be held, the tunnel's timer_lock not.
 */
void snaptun_tunnel_settle(struct snaptun_tunnel *tunnel)
{
	u32 state;

	spin_lock_bh(&tunnel->timer_lock);
	state = snaptun_tunnel_state(tunnel);
	if (tunnel->announced && state != tunnel->state) {
		enter_state(tunnel, state);
		snaptun_report_event(tunnel, SNAPTUN_CMD_TUNNEL_STATE_NTF);
	}
	spin_unlock_bh(&tunnel->timer_lock);
}

/* From now on events tell of the tunnel; table_lock or the device's lock is held. */
static void announce(struct snaptun_tunnel *tunnel)
{
	spin_lock_bh(&tunnel->timer_lock);
	tunnel->announced = true;
	enter_state(tunnel, snaptun_tunnel_state(tunnel));
	snaptun_report_event(tunnel, SNAPTUN_CMD_TUNNEL_NEW_NTF);
	spin_unlock_bh(&tunnel->timer_lock);
}

/* The last event of the tunnel; the device's lock is held. */
static void renounce(struct snaptun_tunnel *tunnel)
{
	spin_lock_bh(&tunnel->timer_lock);
	if (tunnel->announced) {
		enter_state(tunnel, SNAPTUN_TUNNEL_STATE_IDLE);
		snaptun_report_event(tunnel, SNAPTUN_CMD_TUNNEL_DEL_NTF);
		tunnel->announced = false;
	}
	spin_unlock_bh(&tunnel->timer_lock);
}

#define TIMER_LONG_WAIT	(40ULL * NSEC_PER_SEC)

static void arm_locked(struct snaptun_tunnel *tunnel, u64 next, u64 now)
{
	u64 wait = next > now ? next - now : 0;

	/*
	 * The wheel may be late by an eighth of a long wait. One that ends too
	 * early instead is followed by a short one, which is exact enough.
	 */
	if (wait > TIMER_LONG_WAIT)
		wait -= wait / 8;
	WRITE_ONCE(tunnel->armed_at, next);
	mod_timer(&tunnel->timer, jiffies + nsecs_to_jiffies(wait) + 1);
}

/**
 * snaptun_tunnel_arm() - have the timer fire in time for what is due next
 * @tunnel: the tunnel
 * @now: current time
 *
 * A timer that would fire earlier stays: it looks and arms itself again. So
 * the data path, whose deadlines move away all the time, hardly ever touches
 * it.
 *
 * Context: any.
 */
void snaptun_tunnel_arm(struct snaptun_tunnel *tunnel, u64 now)
{
	u64 next;

	/*
	 * What the data path noted comes before a look at @armed_at, and the
	 * timer's mark there before its look at what was noted: one of the two
	 * sees the other.
	 */
	smp_mb();
	next = snaptun_timers_next(&tunnel->timers);
	if (next >= READ_ONCE(tunnel->armed_at))
		return;
	spin_lock_bh(&tunnel->timer_lock);
	if (next < tunnel->armed_at)
		arm_locked(tunnel, next, now);
	spin_unlock_bh(&tunnel->timer_lock);
}

static void release(struct kref *kref);

static void queue_todo(struct snaptun_tunnel *tunnel,
		       enum snaptun_tunnel_todo todo)
{
	set_bit(todo, &tunnel->todo);
	/* The data path may hold a tunnel that was removed. */
	if (!kref_get_unless_zero(&tunnel->kref))
		return;
	if (!queue_work(snaptun_workqueue, &tunnel->work))
		kref_put(&tunnel->kref, release);
}

static void timer_fired(struct timer_list *timer)
{
	struct snaptun_tunnel *tunnel =
		snaptun_timer_container(tunnel, timer, timer);
	u64 now = snaptun_now();
	unsigned int due;

	spin_lock(&tunnel->timer_lock);
	WRITE_ONCE(tunnel->armed_at, SNAPTUN_NEVER);
	due = snaptun_timers_due(&tunnel->timers, now,
				 get_random_u32() % SNAPTUN_RESTART_JITTER);
	spin_unlock(&tunnel->timer_lock);

	if (due & SNAPTUN_DUE_GIVE_UP)
		snaptun_tunnel_drop_staged(tunnel);
	if (due & SNAPTUN_DUE_FORGET)
		queue_todo(tunnel, SNAPTUN_TODO_FORGET);
	if (due & SNAPTUN_DUE_WIPE)
		queue_todo(tunnel, SNAPTUN_TODO_WIPE);
	if (due & SNAPTUN_DUE_KEEPALIVE)
		snaptun_tx_keepalive(tunnel);
	if (due & SNAPTUN_DUE_INITIATION)
		queue_todo(tunnel, SNAPTUN_TODO_INITIATE);
	snaptun_tunnel_settle(tunnel);
	snaptun_tunnel_arm(tunnel, now);
}

/*
 * Has nothing happened since the timer wanted the tunnel removed? If so, it is
 * dead from now on, and cannot be confirmed any more.
 */
static bool still_doomed(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	bool doomed;

	spin_lock_bh(&snap->table_lock);
	spin_lock(&tunnel->timer_lock);
	doomed = tunnel->timers.doomed;
	spin_unlock(&tunnel->timer_lock);
	if (doomed)
		tunnel->dead = true;
	spin_unlock_bh(&snap->table_lock);
	return doomed;
}

/* No secret of a session or handshake is left. */
static void wipe(struct snaptun_tunnel *tunnel)
{
	snaptun_sessions_wipe(&tunnel->sessions, &tunnel->snap->by_index);
	memzero_explicit(&tunnel->handshake, sizeof(tunnel->handshake));
}

static void do_todo(struct work_struct *work)
{
	struct snaptun_tunnel *tunnel =
		container_of(work, struct snaptun_tunnel, work);
	struct snaptun_device *snap = tunnel->snap;

	/* Not under a lock that rtnl waits for. */
	wait_for_random_bytes();
	mutex_lock(&snap->lock);
	if (!tunnel->dead) {
		/* Unless a session was made since. */
		if (test_and_clear_bit(SNAPTUN_TODO_WIPE, &tunnel->todo) &&
		    READ_ONCE(tunnel->timers.session_at) == SNAPTUN_NEVER)
			wipe(tunnel);
		if (test_and_clear_bit(SNAPTUN_TODO_INITIATE, &tunnel->todo))
			snaptun_handshake_initiate(tunnel);
		if (test_and_clear_bit(SNAPTUN_TODO_FORGET, &tunnel->todo) &&
		    still_doomed(tunnel))
			snaptun_tunnel_remove(tunnel);
	}
	mutex_unlock(&snap->lock);
	kref_put(&tunnel->kref, release);
}

/**
 * snaptun_tunnel_want_handshake() - the tunnel needs a new session
 * @tunnel: the tunnel
 *
 * Nothing happens where a handshake is under way already.
 *
 * Context: any.
 */
void snaptun_tunnel_want_handshake(struct snaptun_tunnel *tunnel)
{
	u64 now = snaptun_now();
	bool began, initiate;

	if (READ_ONCE(tunnel->timers.attempt_at) != SNAPTUN_NEVER)
		return;
	spin_lock_bh(&tunnel->timer_lock);
	began = snaptun_timers_want_handshake(&tunnel->timers, now);
	initiate = began && snaptun_timers_take_initiation(&tunnel->timers, now);
	spin_unlock_bh(&tunnel->timer_lock);
	if (!began)
		return;
	if (initiate)
		queue_todo(tunnel, SNAPTUN_TODO_INITIATE);
	snaptun_tunnel_settle(tunnel);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_sent() - messages were sealed and sent
 * @tunnel: the tunnel
 * @now: current time
 * @packets: how many
 * @bytes: their UDP payload
 * @is_keepalive: it was a keepalive
 *
 * Context: bottom halves disabled.
 */
void snaptun_tunnel_sent(struct snaptun_tunnel *tunnel, u64 now,
			 unsigned int packets, unsigned int bytes,
			 bool is_keepalive)
{
	atomic64_add(packets, &tunnel->tx_packets);
	atomic64_add(bytes, &tunnel->tx_bytes);
	snaptun_timers_sent(&tunnel->timers, now, is_keepalive);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_received() - an authentic message was received
 * @tunnel: the tunnel
 * @now: current time
 * @bytes: its UDP payload
 * @is_keepalive: it was a keepalive
 *
 * Context: bottom halves disabled.
 */
void snaptun_tunnel_received(struct snaptun_tunnel *tunnel, u64 now,
			     unsigned int bytes, bool is_keepalive)
{
	atomic64_inc(&tunnel->rx_packets);
	atomic64_add(bytes, &tunnel->rx_bytes);
	WRITE_ONCE(tunnel->heard_at, now);
	snaptun_timers_received(&tunnel->timers, now, is_keepalive);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_proven() - the other side uses the session that we answered
 * @tunnel: the tunnel
 * @session: the session
 *
 * Context: bottom halves disabled, RCU read lock.
 */
void snaptun_tunnel_proven(struct snaptun_tunnel *tunnel,
			   const struct snaptun_session *session)
{
	spin_lock(&tunnel->timer_lock);
	snaptun_timers_session_usable(&tunnel->timers, session->birth);
	spin_unlock(&tunnel->timer_lock);
	trace_snaptun_session(session, SNAPTUN_SESSION_PROVEN);
	snaptun_tunnel_settle(tunnel);
	snaptun_tx_staged(tunnel);
}

static void free_tunnel_rcu(struct rcu_head *rcu)
{
	struct snaptun_tunnel *tunnel =
		container_of(rcu, struct snaptun_tunnel, rcu);

	/* A sender that found the tunnel before it went may have staged. */
	snaptun_tunnel_drop_staged(tunnel);
	dst_cache_destroy(&tunnel->route);
	kfree_sensitive(tunnel);
}

static void release(struct kref *kref)
{
	struct snaptun_tunnel *tunnel =
		container_of(kref, struct snaptun_tunnel, kref);

	call_rcu(&tunnel->rcu, free_tunnel_rcu);
}

/* A tunnel that nobody can find yet. */
static struct snaptun_tunnel *allocate(struct snaptun_device *snap,
				       const u8 public_key[SNAPTUN_KEY_SIZE],
				       bool responder)
{
	struct snaptun_tunnel *tunnel;

	lockdep_assert_held(&snap->lock);
	if (snap->n_tunnels >= snap->max_tunnels || snap->next_tunnel == U32_MAX)
		return ERR_PTR(-ENOSPC);
	tunnel = kzalloc(sizeof(*tunnel), GFP_KERNEL_ACCOUNT);
	if (!tunnel)
		return ERR_PTR(-ENOMEM);
	if (dst_cache_init(&tunnel->route, GFP_KERNEL_ACCOUNT)) {
		kfree(tunnel);
		return ERR_PTR(-ENOMEM);
	}
	tunnel->snap = snap;
	kref_init(&tunnel->kref);
	INIT_LIST_HEAD(&tunnel->provisional_node);
	INIT_LIST_HEAD(&tunnel->identity_node);
	INIT_LIST_HEAD(&tunnel->contested_node);
	snaptun_allowed_ips_init(&tunnel->allowed_ips);
	snaptun_cookie_jar_init(&tunnel->jar, public_key);
	snaptun_sessions_init(&tunnel->sessions);
	snaptun_timers_init(&tunnel->timers, responder);
	spin_lock_init(&tunnel->timer_lock);
	tunnel->armed_at = SNAPTUN_NEVER;
	timer_setup(&tunnel->timer, timer_fired, 0);
	INIT_WORK(&tunnel->work, do_todo);
	skb_queue_head_init(&tunnel->staged);
	return tunnel;
}

static void free_unseen(struct snaptun_tunnel *tunnel)
{
	dst_cache_destroy(&tunnel->route);
	kfree_sensitive(tunnel);
}

/* Give a tunnel its id, after which netlink sees it. */
static int publish(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	int err;

	tunnel->id = snap->next_tunnel + 1;
	err = xa_insert(&snap->tunnels, tunnel->id, tunnel, GFP_KERNEL);
	if (err)
		return err;
	snap->next_tunnel = tunnel->id;
	snap->n_tunnels++;
	return 0;
}

/**
 * snaptun_tunnel_add() - make a configured tunnel
 * @snap: the device; its lock is held
 * @config: what it is made of
 * @extack: receives the reason of a failure
 *
 * Opens its port, and begins a handshake where the device is up and a
 * persistent keepalive is set.
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
	tunnel->burst_limit = config->burst_limit;
	tunnel->timers.keepalive = config->keepalive;
	tunnel->timers.answer_keepalives = config->answer_keepalives;
	memcpy(tunnel->peer.psk, config->psk, sizeof(tunnel->peer.psk));
	tunnel->has_psk = memchr_inv(config->psk, 0, sizeof(config->psk));
	if (!snaptun_noise_set_peer(&tunnel->peer, &snap->own,
				    config->public_key) && snap->has_key) {
		NL_SET_ERR_MSG(extack, "the remote key is of low order");
		err = -EINVAL;
		goto fail;
	}
	tunnel->socket = snaptun_socket_open(snap, snap->underlay,
					     ntohs(config->path.local_port),
					     is_v4 ? SNAPTUN_SOCKET_V4 :
						     SNAPTUN_SOCKET_V6);
	if (IS_ERR(tunnel->socket)) {
		err = PTR_ERR(tunnel->socket);
		NL_SET_ERR_MSG(extack, "cannot open the local port");
		goto fail;
	}
	tunnel->path.local_port = tunnel->socket->port;
	err = publish(tunnel);
	if (err) {
		NL_SET_ERR_MSG(extack, "no memory");
		goto close;
	}

	snap->n_configured++;
	spin_lock_bh(&snap->table_lock);
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
	announce(tunnel);
	if (netif_running(snap->dev))
		snaptun_tunnel_start(tunnel);
	return tunnel;
close:
	snaptun_socket_close(tunnel->socket);
fail:
	free_unseen(tunnel);
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

	if (READ_ONCE(identity->n_candidates) >= SNAPTUN_CANDIDATES_PER_IDENTITY ||
	    READ_ONCE(snap->n_candidates) >= SNAPTUN_CANDIDATES_PER_DEVICE)
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
		free_unseen(tunnel);
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
 * Return: false where the tunnel was removed, or the address became another's
 * in the meantime.
 */
bool snaptun_tunnel_confirm(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	bool ok;

	if (likely(READ_ONCE(tunnel->confirmed)))
		return true;
	spin_lock(&snap->table_lock);
	ok = tunnel->confirmed;
	if (!ok && !tunnel->dead &&
	    !rhashtable_lookup_insert_fast(&snap->by_remote,
					   &tunnel->remote_node,
					   remote_params)) {
		snap->n_candidates--;
		WRITE_ONCE(tunnel->confirmed, true);
		snaptun_identity_confirmed(snap, tunnel);
		snaptun_device_choose_default(snap);
		spin_lock(&tunnel->timer_lock);
		snaptun_timers_confirmed(&tunnel->timers);
		spin_unlock(&tunnel->timer_lock);
		announce(tunnel);
		ok = true;
	}
	spin_unlock(&snap->table_lock);
	return ok;
}

/* Is the address a tunnel's that could use it now? table_lock is held. */
static bool taken_by_another(struct snaptun_tunnel *tunnel)
{
	struct snaptun_tunnel *owner =
		snaptun_tunnel_by_assigned(tunnel->snap, &tunnel->assigned);

	return owner && READ_ONCE(owner->state) == SNAPTUN_TUNNEL_STATE_ESTABLISHED;
}

/* The tunnel is not found by its address, but waits for it; table_lock is held. */
static void contest_assigned(struct snaptun_tunnel *tunnel)
{
	if (tunnel->in_assigned)
		rhashtable_remove_fast(&tunnel->snap->by_assigned,
				       &tunnel->assigned_node, assigned_params);
	tunnel->in_assigned = false;
	list_move_tail(&tunnel->contested_node, &tunnel->snap->contested);
}

/* The tunnel is found by its address from now on; table_lock is held. */
static void take_assigned(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_tunnel *owner =
		snaptun_tunnel_by_assigned(snap, &tunnel->assigned);

	if (owner)
		contest_assigned(owner);
	if (rhashtable_lookup_insert_fast(&snap->by_assigned,
					  &tunnel->assigned_node,
					  assigned_params))
		return;
	tunnel->in_assigned = true;
	list_del_init(&tunnel->contested_node);
}

/* The tunnel's address is free, and goes to who waits for it; table_lock is held. */
static void leave_assigned(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_tunnel *heir;

	list_del_init(&tunnel->contested_node);
	if (!tunnel->in_assigned)
		return;
	rhashtable_remove_fast(&snap->by_assigned, &tunnel->assigned_node,
			       assigned_params);
	tunnel->in_assigned = false;
	list_for_each_entry(heir, &snap->contested, contested_node) {
		if (snaptun_address_equal(&heir->assigned, &tunnel->assigned)) {
			take_assigned(heir);
			break;
		}
	}
}

/**
 * snaptun_tunnel_set_assigned() - the other side reports our address
 * @tunnel: the tunnel; the device's lock is held
 * @assigned: the address
 *
 * An established tunnel keeps an address that a second one is told too.
 *
 * Context: process.
 */
void snaptun_tunnel_set_assigned(struct snaptun_tunnel *tunnel,
				 const struct snaptun_address *assigned)
{
	struct snaptun_device *snap = tunnel->snap;
	bool changed, conflict = false;

	changed = !snaptun_address_equal(&tunnel->assigned, assigned);
	if (!changed && tunnel->in_assigned)
		return;
	spin_lock_bh(&snap->table_lock);
	if (changed) {
		leave_assigned(tunnel);
		spin_lock(&tunnel->timer_lock);
		tunnel->assigned = *assigned;
		spin_unlock(&tunnel->timer_lock);
	}
	if (!taken_by_another(tunnel)) {
		take_assigned(tunnel);
	} else if (list_empty(&tunnel->contested_node)) {
		contest_assigned(tunnel);
		conflict = true;
	}
	spin_unlock_bh(&snap->table_lock);
	spin_lock_bh(&tunnel->timer_lock);
	if (changed)
		snaptun_report_event(tunnel, SNAPTUN_CMD_TUNNEL_ADDRESS_NTF);
	if (conflict)
		snaptun_report_event(tunnel, SNAPTUN_CMD_ADDRESS_CONFLICT_NTF);
	spin_unlock_bh(&tunnel->timer_lock);
}

/**
 * snaptun_tunnel_refuses() - does another assigned address end the tunnel?
 * @tunnel: the tunnel; the device's lock is held
 * @assigned: address that the other side reports
 */
bool snaptun_tunnel_refuses(const struct snaptun_tunnel *tunnel,
			    const struct snaptun_address *assigned)
{
	return tunnel->fixed_address &&
	       snaptun_address_is_set(&tunnel->assigned) &&
	       !snaptun_address_equal(&tunnel->assigned, assigned);
}

/**
 * snaptun_tunnel_close() - have a tunnel do nothing any more
 * @tunnel: a configured tunnel; the device's lock is held
 *
 * It stays so until snaptun_tunnel_reopen(), or until the device is set up.
 *
 * Context: process.
 */
void snaptun_tunnel_close(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;

	lockdep_assert_held(&snap->lock);
	WRITE_ONCE(tunnel->closed, true);
	spin_lock_bh(&snap->table_lock);
	leave_assigned(tunnel);
	spin_unlock_bh(&snap->table_lock);
	snaptun_tunnel_stop(tunnel);
}

/* A closed tunnel may have any address now; the device's lock is held. */
static void forget_closed(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;

	if (!tunnel->closed)
		return;
	spin_lock_bh(&snap->table_lock);
	spin_lock(&tunnel->timer_lock);
	memset(&tunnel->assigned, 0, sizeof(tunnel->assigned));
	spin_unlock(&tunnel->timer_lock);
	spin_unlock_bh(&snap->table_lock);
	WRITE_ONCE(tunnel->closed, false);
}

/**
 * snaptun_tunnel_reopen() - have a tunnel that was closed begin afresh
 * @tunnel: the tunnel; the device's lock is held. Another than a closed one goes on
 *	as it is.
 *
 * Context: process.
 */
void snaptun_tunnel_reopen(struct snaptun_tunnel *tunnel)
{
	if (!tunnel->closed)
		return;
	forget_closed(tunnel);
	if (netif_running(tunnel->snap->dev))
		snaptun_tunnel_start(tunnel);
	else
		snaptun_tunnel_settle(tunnel);
}

/**
 * snaptun_tunnel_set_keepalive() - change when a tunnel sends keepalives
 * @tunnel: the tunnel; the device's lock is held
 * @keepalive: persistent keepalive interval, seconds, 0 for off
 * @answer_keepalives: keepalives count as data
 *
 * Context: process.
 */
void snaptun_tunnel_set_keepalive(struct snaptun_tunnel *tunnel, u16 keepalive,
				  bool answer_keepalives)
{
	u64 now = snaptun_now();

	spin_lock_bh(&tunnel->timer_lock);
	snaptun_timers_set_keepalive(&tunnel->timers, keepalive,
				     answer_keepalives, now);
	spin_unlock_bh(&tunnel->timer_lock);
	snaptun_tunnel_settle(tunnel);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_set_provisional() - have a tunnel go with who made it, or stay
 * @tunnel: a configured tunnel; the device's lock and rtnl are held
 * @net: network namespace of the netlink socket that it goes with
 * @creator: port of that socket, or 0 for a tunnel that stays
 *
 * Context: process.
 */
void snaptun_tunnel_set_provisional(struct snaptun_tunnel *tunnel,
				    const struct net *net, u32 creator)
{
	ASSERT_RTNL();
	spin_lock(&provisional_lock);
	tunnel->creator = creator;
	tunnel->creator_net = net;
	if (creator)
		list_move_tail(&tunnel->provisional_node, &provisional);
	else
		list_del_init(&tunnel->provisional_node);
	spin_unlock(&provisional_lock);
}

static struct snaptun_tunnel *provisional_of(const struct net *net, u32 creator)
{
	struct snaptun_tunnel *tunnel, *found = NULL;

	spin_lock(&provisional_lock);
	list_for_each_entry(tunnel, &provisional, provisional_node) {
		if (tunnel->creator == creator && tunnel->creator_net == net) {
			found = tunnel;
			break;
		}
	}
	spin_unlock(&provisional_lock);
	return found;
}

/**
 * snaptun_tunnels_orphaned() - remove what goes with a netlink socket
 * @net: its network namespace
 * @creator: its port
 *
 * Context: process, without locks. Any netlink socket may be meant, so the usual
 * case, that none of ours hangs on it, takes no lock that others wait for.
 */
void snaptun_tunnels_orphaned(const struct net *net, u32 creator)
{
	struct snaptun_tunnel *tunnel;

	if (!provisional_of(net, creator))
		return;
	rtnl_lock();
	while ((tunnel = provisional_of(net, creator))) {
		struct snaptun_device *snap = tunnel->snap;

		mutex_lock(&snap->lock);
		snaptun_tunnel_remove(tunnel);
		mutex_unlock(&snap->lock);
	}
	rtnl_unlock();
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
		snap->n_configured--;
		if (tunnel->creator)
			snaptun_tunnel_set_provisional(tunnel, NULL, 0);
		/* Taking away needs no memory. */
		snaptun_allowed_ips_replace(&snap->allowed_ips,
					    &tunnel->allowed_ips, NULL, 0);
	}

	spin_lock_bh(&snap->table_lock);
	tunnel->dead = true;
	leave_assigned(tunnel);
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

	renounce(tunnel);
	timer_shutdown_sync(&tunnel->timer);
	snaptun_sessions_wipe(&tunnel->sessions, &snap->by_index);
	snaptun_tunnel_drop_staged(tunnel);
	if (!identity)
		snaptun_socket_close(tunnel->socket);
	kref_put(&tunnel->kref, release);
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

/**
 * snaptun_tunnel_start() - the device is up
 * @tunnel: the tunnel; the device's lock is held
 *
 * Context: process.
 */
void snaptun_tunnel_start(struct snaptun_tunnel *tunnel)
{
	u64 now = snaptun_now();

	forget_closed(tunnel);
	spin_lock_bh(&tunnel->timer_lock);
	snaptun_timers_start(&tunnel->timers, now);
	spin_unlock_bh(&tunnel->timer_lock);
	snaptun_tunnel_settle(tunnel);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_stop() - the device is down
 * @tunnel: the tunnel; the device's lock is held
 *
 * Ends its sessions and drops what waits for one.
 *
 * Context: process.
 */
void snaptun_tunnel_stop(struct snaptun_tunnel *tunnel)
{
	spin_lock_bh(&tunnel->timer_lock);
	snaptun_timers_stop(&tunnel->timers);
	spin_unlock_bh(&tunnel->timer_lock);
	wipe(tunnel);
	snaptun_tunnel_drop_staged(tunnel);
	snaptun_tunnel_settle(tunnel);
}

/**
 * snaptun_tunnel_end_sessions() - erase a tunnel's session keys
 * @tunnel: the tunnel; the device's lock is held
 *
 * All else goes on: an attempt under way, packets that wait.
 *
 * Context: process.
 */
void snaptun_tunnel_end_sessions(struct snaptun_tunnel *tunnel)
{
	spin_lock_bh(&tunnel->timer_lock);
	snaptun_timers_sessions_ended(&tunnel->timers);
	spin_unlock_bh(&tunnel->timer_lock);
	wipe(tunnel);
	snaptun_tunnel_settle(tunnel);
}

/**
 * snaptun_tunnel_seek_session() - have a tunnel without a session get one
 * @tunnel: the tunnel; the device's lock is held
 *
 * Unless nobody but a packet would start a handshake there.
 *
 * Context: process.
 */
void snaptun_tunnel_seek_session(struct snaptun_tunnel *tunnel)
{
	if (tunnel->identity || tunnel->timers.keepalive)
		snaptun_tunnel_want_handshake(tunnel);
}

/* Takes the oldest packet out; the queue's lock is held. */
static struct sk_buff *unstage_locked(struct snaptun_tunnel *tunnel)
{
	struct sk_buff *skb = __skb_dequeue(&tunnel->staged);

	if (skb) {
		tunnel->staged_bytes -= skb->len;
		atomic_sub(skb->truesize, &tunnel->snap->staged_bytes);
	}
	return skb;
}

/**
 * snaptun_tunnel_stage() - have a packet wait for a session
 * @tunnel: the tunnel
 * @skb: the packet; consumed
 *
 * The oldest packets make room for the newest.
 *
 * Context: bottom halves disabled.
 *
 * Return: false where the device has no room left and @skb was dropped.
 */
bool snaptun_tunnel_stage(struct snaptun_tunnel *tunnel, struct sk_buff *skb)
{
	struct snaptun_device *snap = tunnel->snap;
	struct sk_buff_head dropped;
	struct sk_buff *old;

	if (atomic_read(&snap->staged_bytes) + skb->truesize > SNAPTUN_STAGED_DEVICE) {
		snaptun_drop_skb(snap, skb,
				 SNAPTUN_A_COUNTERS_TX_STAGED_OVERFLOW);
		return false;
	}
	__skb_queue_head_init(&dropped);
	spin_lock_bh(&tunnel->staged.lock);
	while (skb_queue_len(&tunnel->staged) &&
	       (skb_queue_len(&tunnel->staged) >= SNAPTUN_STAGED_PACKETS ||
		tunnel->staged_bytes + skb->len > SNAPTUN_STAGED_BYTES))
		__skb_queue_tail(&dropped, unstage_locked(tunnel));
	__skb_queue_tail(&tunnel->staged, skb);
	tunnel->staged_bytes += skb->len;
	atomic_add(skb->truesize, &snap->staged_bytes);
	spin_unlock_bh(&tunnel->staged.lock);

	while ((old = __skb_dequeue(&dropped)))
		snaptun_drop_skb(snap, old,
				 SNAPTUN_A_COUNTERS_TX_STAGED_OVERFLOW);
	return true;
}

/**
 * snaptun_tunnel_unstage() - take the packet that waits longest
 * @tunnel: the tunnel
 *
 * Context: any.
 *
 * Return: the packet, or NULL.
 */
struct sk_buff *snaptun_tunnel_unstage(struct snaptun_tunnel *tunnel)
{
	struct sk_buff *skb;

	spin_lock_bh(&tunnel->staged.lock);
	skb = unstage_locked(tunnel);
	spin_unlock_bh(&tunnel->staged.lock);
	return skb;
}

/**
 * snaptun_tunnel_drop_staged() - no session came
 * @tunnel: the tunnel
 *
 * Context: any.
 */
void snaptun_tunnel_drop_staged(struct snaptun_tunnel *tunnel)
{
	struct sk_buff *skb;

	while ((skb = snaptun_tunnel_unstage(tunnel)))
		snaptun_drop_skb(tunnel->snap, skb,
				 SNAPTUN_A_COUNTERS_TX_NO_SESSION);
}
