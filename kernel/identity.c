// SPDX-License-Identifier: GPL-2.0
/*
 * Identities, and which of their initiations are new.
 *
 * A key may have many tunnels at once, each stamped with a clock of its own,
 * so initiations of one key can arrive out of order; a single "newest" would
 * refuse some of them. A replayed initiation must not make a tunnel either, not
 * even from another address. So the accepted ones are remembered, down to a
 * floor that follows the newest (Documentation/protocol.rst, "Replayed
 * initiations").
 */

#include "identity.h"

#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "compat.h"
#include "device.h"
#include "report.h"
#include "session.h"
#include "tunnel.h"

static const struct rhashtable_params identity_params = {
	.key_len = SNAPTUN_KEY_SIZE,
	.key_offset = offsetof(struct snaptun_identity, peer.public),
	.head_offset = offsetof(struct snaptun_identity, key_node),
	.automatic_shrinking = true,
};

/* TAI64N is big-endian: bytes compare as the times do. */
static int compare_stamps(const u8 a[SNAPTUN_TIMESTAMP_SIZE],
			  const u8 b[SNAPTUN_TIMESTAMP_SIZE])
{
	return memcmp(a, b, SNAPTUN_TIMESTAMP_SIZE);
}

/**
 * snaptun_initiations_seen() - is an initiation remembered?
 * @initiations: accepted initiations of its key
 * @id: the initiation
 */
bool snaptun_initiations_seen(const struct snaptun_initiations *initiations,
			      const struct snaptun_initiation_id *id)
{
	unsigned int i;

	for (i = 0; i < initiations->count; i++)
		if (!memcmp(&initiations->seen[i], id, sizeof(*id)))
			return true;
	return false;
}

/**
 * snaptun_initiations_fresh() - may an initiation from a new address be taken?
 * @initiations: accepted initiations of its key
 * @id: the initiation
 *
 * Return: false where it was accepted before, or is too old to tell.
 */
bool snaptun_initiations_fresh(const struct snaptun_initiations *initiations,
			       const struct snaptun_initiation_id *id)
{
	return compare_stamps(id->timestamp, initiations->floor) > 0 &&
	       !snaptun_initiations_seen(initiations, id);
}

/* Raise the floor, and forget what lies at or below it. */
static void raise_floor(struct snaptun_initiations *initiations,
			const u8 floor[SNAPTUN_TIMESTAMP_SIZE])
{
	unsigned int i, kept = 0;

	if (compare_stamps(floor, initiations->floor) <= 0)
		return;
	memcpy(initiations->floor, floor, SNAPTUN_TIMESTAMP_SIZE);
	for (i = 0; i < initiations->count; i++)
		if (compare_stamps(initiations->seen[i].timestamp, floor) > 0)
			initiations->seen[kept++] = initiations->seen[i];
	initiations->count = kept;
}

/* Is there room for one more? Most keys have a tunnel or two, and need little. */
static bool make_room(struct snaptun_initiations *initiations)
{
	struct snaptun_initiation_id *seen;
	unsigned int room;

	if (initiations->count < initiations->room)
		return true;
	room = min(4 * max(initiations->room, 1U),
		   (unsigned int)SNAPTUN_REMEMBERED_INITIATIONS);
	if (room == initiations->room)
		return false;
	seen = krealloc_array(initiations->seen, room, sizeof(*seen),
			      GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!seen)
		return false;
	initiations->seen = seen;
	initiations->room = room;
	return true;
}

/**
 * snaptun_initiations_remember() - an initiation was accepted
 * @initiations: accepted initiations of its key
 * @id: the initiation; rekeys count too
 *
 * Where there is no room for it nothing as old as the oldest is taken any more.
 *
 * Context: process.
 */
void snaptun_initiations_remember(struct snaptun_initiations *initiations,
				  const struct snaptun_initiation_id *id)
{
	const struct snaptun_initiation_id *oldest = id;
	u8 floor[SNAPTUN_TIMESTAMP_SIZE];
	unsigned int i;
	u64 seconds;

	if (compare_stamps(id->timestamp, initiations->newest) > 0)
		memcpy(initiations->newest, id->timestamp,
		       SNAPTUN_TIMESTAMP_SIZE);
	memcpy(floor, initiations->newest, sizeof(floor));
	seconds = get_unaligned_be64(floor);
	if (seconds > SNAPTUN_TIMESTAMP_SPREAD) {
		put_unaligned_be64(seconds - SNAPTUN_TIMESTAMP_SPREAD, floor);
		raise_floor(initiations, floor);
	}
	if (!make_room(initiations)) {
		for (i = 0; i < initiations->count; i++)
			if (!i || compare_stamps(initiations->seen[i].timestamp,
						 oldest->timestamp) < 0)
				oldest = &initiations->seen[i];
		memcpy(floor, oldest->timestamp, sizeof(floor));
		raise_floor(initiations, floor);
	}
	if (compare_stamps(id->timestamp, initiations->floor) > 0)
		initiations->seen[initiations->count++] = *id;
}

/**
 * snaptun_initiations_destroy() - free what was remembered
 * @initiations: accepted initiations of a key that goes
 */
void snaptun_initiations_destroy(struct snaptun_initiations *initiations)
{
	kfree(initiations->seen);
}

/**
 * snaptun_authorisations_put() - add a reason why a key is authorised, or change it
 * @all: its reasons; those that have ended go
 * @new: the reason; takes the place of the one with its tag
 * @now: current time
 *
 * Return: 0, or -ENOSPC.
 */
int snaptun_authorisations_put(struct snaptun_authorisations *all,
			       const struct snaptun_authorisation *new, u64 now)
{
	unsigned int i, kept = 0;

	for (i = 0; i < all->n; i++) {
		const struct snaptun_authorisation *old = &all->list[i];

		if (old->until > now &&
		    (old->tag_len != new->tag_len ||
		     memcmp(old->tag, new->tag, new->tag_len)))
			all->list[kept++] = *old;
	}
	all->n = kept;
	if (new->until <= now)
		return 0;
	if (all->n == ARRAY_SIZE(all->list))
		return -ENOSPC;
	all->list[all->n++] = *new;
	return 0;
}

/**
 * snaptun_identity_authorise() - say why, and until when, a key is authorised
 * @identity: the identity; its device's lock is held
 * @all: its reasons from now on
 *
 * Context: process.
 */
void snaptun_identity_authorise(struct snaptun_identity *identity,
				const struct snaptun_authorisations *all)
{
	struct snaptun_device *snap = identity->snap;
	bool was_authorised = identity->until;
	u64 until = 0;
	unsigned int i;

	lockdep_assert_held(&snap->lock);
	if (all != &identity->authorisations)
		identity->authorisations = *all;
	for (i = 0; i < all->n; i++)
		until = max(until, all->list[i].until);
	/* What ended just now is told of here, and by nobody else. */
	if (until <= ktime_get_boottime_ns())
		until = 0;
	WRITE_ONCE(identity->until, until);
	snaptun_agenda_set(&snap->agenda, &identity->appointment,
			   until ?: SNAPTUN_NEVER);
	if (was_authorised && !until)
		snaptun_report_identity_ended(identity);
}

/* The last reason has ended. */
static void ended(struct snaptun_appointment *appointment)
{
	struct snaptun_identity *identity =
		container_of(appointment, struct snaptun_identity, appointment);

	identity->authorisations.n = 0;
	WRITE_ONCE(identity->until, 0);
	snaptun_report_identity_ended(identity);
}

/**
 * snaptun_identity_table_init() - make a device's table of authorised keys
 * @table: the table
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_identity_table_init(struct rhashtable *table)
{
	return rhashtable_init(table, &identity_params);
}

/**
 * snaptun_identity_find() - find an authorised key
 * @snap: the device; its lock is held
 * @key: static public key
 *
 * Return: the identity, or NULL.
 */
struct snaptun_identity *
snaptun_identity_find(struct snaptun_device *snap,
		      const u8 key[SNAPTUN_KEY_SIZE])
{
	lockdep_assert_held(&snap->lock);
	return rhashtable_lookup_fast(&snap->identity_keys, key,
				      identity_params);
}

/**
 * snaptun_identity_add() - authorise a key
 * @snap: the device; its lock is held
 * @identity: the new identity, allocated, with the reasons why it is authorised; the
 *	device owns it on success
 *
 * Return: 0, -EEXIST where the key is authorised already, -ENOSPC where the
 * device has too many, or -ENOMEM.
 */
int snaptun_identity_add(struct snaptun_device *snap,
			 struct snaptun_identity *identity)
{
	int err;

	lockdep_assert_held(&snap->lock);
	if (snap->n_identities >= SNAPTUN_IDENTITIES_PER_DEVICE)
		return -ENOSPC;
	identity->snap = snap;
	snaptun_appointment_init(&identity->appointment, ended);
	INIT_LIST_HEAD(&identity->candidates);
	INIT_LIST_HEAD(&identity->confirmed);
	INIT_LIST_HEAD(&identity->crowded_node);
	snaptun_allowed_ips_init(&identity->allowed_ips);
	err = rhashtable_lookup_insert_fast(&snap->identity_keys,
					    &identity->key_node,
					    identity_params);
	if (err)
		return err;
	err = xa_alloc_cyclic(&snap->identities, &identity->id, identity,
			      xa_limit_31b, &snap->next_identity, GFP_KERNEL);
	if (err < 0) {
		rhashtable_remove_fast(&snap->identity_keys,
				       &identity->key_node, identity_params);
		return err;
	}
	snaptun_identity_authorise(identity, &identity->authorisations);
	spin_lock_bh(&snap->table_lock);
	snap->n_identities++;
	snaptun_device_choose_default(snap);
	spin_unlock_bh(&snap->table_lock);
	return 0;
}

static struct snaptun_tunnel *any_tunnel(struct snaptun_device *snap,
					 struct snaptun_identity *identity)
{
	struct snaptun_tunnel *tunnel;

	spin_lock_bh(&snap->table_lock);
	tunnel = list_first_entry_or_null(&identity->confirmed,
					  struct snaptun_tunnel, identity_node) ?:
		 list_first_entry_or_null(&identity->candidates,
					  struct snaptun_tunnel, identity_node);
	spin_unlock_bh(&snap->table_lock);
	return tunnel;
}

/* The newest tunnel carries the identity's IP addresses; table_lock is held. */
static void choose_newest(struct snaptun_identity *identity)
{
	struct snaptun_tunnel *newest = NULL;

	if (!list_empty(&identity->confirmed))
		newest = list_last_entry(&identity->confirmed,
					 struct snaptun_tunnel, identity_node);
	rcu_assign_pointer(identity->allowed_ips.tunnel, newest);
}

/**
 * snaptun_identity_prefer() - the other side of a tunnel made a session
 * @tunnel: a tunnel of an identity, whose newest it is from now on
 * @session: the session; one that is proven late, and older than that of another
 *	tunnel, changes nothing
 *
 * Of a host that went from one address to another and back, the tunnels of both are
 * there; the one that it uses is the one to send to.
 *
 * Context: bottom halves disabled.
 */
void snaptun_identity_prefer(struct snaptun_tunnel *tunnel,
			     const struct snaptun_session *session)
{
	struct snaptun_identity *identity = tunnel->identity;
	struct snaptun_device *snap = tunnel->snap;

	spin_lock(&snap->table_lock);
	if (tunnel->confirmed && !tunnel->dead &&
	    session->birth >= identity->preferred_at) {
		identity->preferred_at = session->birth;
		list_move_tail(&tunnel->identity_node, &identity->confirmed);
		choose_newest(identity);
		snaptun_device_choose_default(snap);
	}
	spin_unlock(&snap->table_lock);
}

/**
 * snaptun_identity_confirmed() - a candidate proved its address
 * @snap: the device; its table_lock is held
 * @tunnel: the tunnel, newest of its identity from now on
 *
 * Where that has too many now, a work removes the one that was silent longest.
 *
 * Context: bottom halves disabled.
 */
void snaptun_identity_confirmed(struct snaptun_device *snap,
				struct snaptun_tunnel *tunnel)
{
	struct snaptun_identity *identity = tunnel->identity;

	lockdep_assert_held(&snap->table_lock);
	list_move_tail(&tunnel->identity_node, &identity->confirmed);
	identity->n_candidates--;
	identity->n_confirmed++;
	choose_newest(identity);
	if (identity->n_confirmed <= READ_ONCE(snap->max_identity_tunnels))
		return;
	list_move_tail(&identity->crowded_node, &snap->crowded_identities);
	queue_work(snaptun_workqueue, &snap->crowded);
}

/**
 * snaptun_identity_lost() - a tunnel of an identity is removed
 * @tunnel: the tunnel; its device's table_lock is held
 */
void snaptun_identity_lost(struct snaptun_tunnel *tunnel)
{
	struct snaptun_identity *identity = tunnel->identity;

	lockdep_assert_held(&tunnel->snap->table_lock);
	list_del_init(&tunnel->identity_node);
	if (tunnel->confirmed)
		identity->n_confirmed--;
	else
		identity->n_candidates--;
	choose_newest(identity);
}

/* The tunnel that was heard of longest ago; table_lock is held. */
static struct snaptun_tunnel *most_silent(const struct snaptun_identity *identity)
{
	struct snaptun_tunnel *tunnel, *found = NULL;

	list_for_each_entry(tunnel, &identity->confirmed, identity_node)
		if (!found ||
		    READ_ONCE(tunnel->heard_at) < READ_ONCE(found->heard_at))
			found = tunnel;
	return found;
}

/* A tunnel that has to go, or NULL; table_lock is held. */
static struct snaptun_tunnel *one_too_many(struct snaptun_device *snap)
{
	struct snaptun_identity *identity;

	while ((identity = list_first_entry_or_null(&snap->crowded_identities,
						    struct snaptun_identity,
						    crowded_node))) {
		if (identity->n_confirmed > snap->max_identity_tunnels)
			return most_silent(identity);
		list_del_init(&identity->crowded_node);
	}
	return NULL;
}

/**
 * snaptun_identities_relieve() - keep crowded identities within their bound
 * @snap: the device; its lock is held
 *
 * Context: process.
 */
void snaptun_identities_relieve(struct snaptun_device *snap)
{
	struct snaptun_tunnel *tunnel;

	lockdep_assert_held(&snap->lock);
	for (;;) {
		spin_lock_bh(&snap->table_lock);
		tunnel = one_too_many(snap);
		spin_unlock_bh(&snap->table_lock);
		if (!tunnel)
			return;
		snaptun_count(snap, TUNNELS_EVICTED);
		snaptun_tunnel_remove(tunnel);
		cond_resched();
	}
}

/**
 * snaptun_identity_apply() - give an identity's tunnels its settings
 * @snap: the device; its lock is held
 * @identity: the identity, changed
 *
 * Another pre-shared key holds from their next handshake on.
 *
 * Context: process.
 */
void snaptun_identity_apply(struct snaptun_device *snap,
			    struct snaptun_identity *identity)
{
	struct snaptun_tunnel *tunnel;
	unsigned long id;

	lockdep_assert_held(&snap->lock);
	xa_for_each(&snap->tunnels, id, tunnel) {
		if (tunnel->identity == identity)
			snaptun_tunnel_adopt(tunnel);
		cond_resched();
	}
}

static void free_identity_rcu(struct rcu_head *rcu)
{
	struct snaptun_identity *identity =
		container_of(rcu, struct snaptun_identity, rcu);

	snaptun_initiations_destroy(&identity->initiations);
	kfree_sensitive(identity);
}

/**
 * snaptun_identity_remove() - end an authorisation and its tunnels
 * @snap: the device; its lock is held
 * @identity: the identity; freed
 *
 * Context: process.
 */
void snaptun_identity_remove(struct snaptun_device *snap,
			     struct snaptun_identity *identity)
{
	struct snaptun_tunnel *tunnel;

	lockdep_assert_held(&snap->lock);
	while ((tunnel = any_tunnel(snap, identity))) {
		snaptun_tunnel_remove(tunnel);
		cond_resched();
	}
	snaptun_agenda_set(&snap->agenda, &identity->appointment, SNAPTUN_NEVER);
	xa_erase(&snap->identities, identity->id);
	rhashtable_remove_fast(&snap->identity_keys, &identity->key_node,
			       identity_params);
	snaptun_allowed_ips_commit(&snap->allowed_ips, &identity->allowed_ips,
				   NULL, 0);
	spin_lock_bh(&snap->table_lock);
	snap->n_identities--;
	list_del(&identity->crowded_node);
	snaptun_device_choose_default(snap);
	spin_unlock_bh(&snap->table_lock);
	call_rcu(&identity->rcu, free_identity_rcu);
}
