// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions: their table of indices, their keys' life and the rotation of a
 * tunnel's sessions (section 6 of the WireGuard paper).
 */

#include "session.h"

#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "trace.h"

static struct kmem_cache *session_cache;

static const struct rhashtable_params session_params = {
	.key_len = sizeof_field(struct snaptun_session, local_index),
	.key_offset = offsetof(struct snaptun_session, local_index),
	.head_offset = offsetof(struct snaptun_session, index_node),
	.automatic_shrinking = true,
};

/**
 * snaptun_session_init() - be able to make sessions
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_session_init(void)
{
	session_cache = KMEM_CACHE(snaptun_session, 0);
	return session_cache ? 0 : -ENOMEM;
}

/**
 * snaptun_session_exit() - the last session is gone, RCU's callbacks included
 */
void snaptun_session_exit(void)
{
	kmem_cache_destroy(session_cache);
}

/**
 * snaptun_session_table_init() - make a table of session indices
 * @table: the table
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_session_table_init(struct rhashtable *table)
{
	return rhashtable_init(table, &session_params);
}

/**
 * snaptun_session_table_destroy() - free a table that is empty
 * @table: the table
 *
 * Context: process.
 */
void snaptun_session_table_destroy(struct rhashtable *table)
{
	rhashtable_destroy(table);
}

/**
 * snaptun_session_lookup() - find a session by this side's index
 * @table: the device's table
 * @index: receiver index of a message
 *
 * Context: RCU read lock, under which the result may be used.
 *
 * Return: the session, or NULL.
 */
struct snaptun_session *snaptun_session_lookup(struct rhashtable *table,
					       __le32 index)
{
	return rhashtable_lookup(table, &index, session_params);
}

static void free_session(struct snaptun_session *session)
{
	memzero_explicit(session, sizeof(*session));
	kmem_cache_free(session_cache, session);
}

/**
 * snaptun_session_new() - make a session without keys under a random index
 * @table: the device's table
 * @tunnel: the session's tunnel
 *
 * Context: process.
 *
 * Return: the session, or NULL where there is no memory.
 */
struct snaptun_session *snaptun_session_new(struct rhashtable *table,
					    struct snaptun_tunnel *tunnel)
{
	struct snaptun_session *session;
	int err;

	session = kmem_cache_zalloc(session_cache, GFP_KERNEL_ACCOUNT);
	if (!session)
		return NULL;
	session->tunnel = tunnel;
	snaptun_replay_init(&session->replay);
	do {
		session->local_index = (__force __le32)get_random_u32();
		err = rhashtable_lookup_insert_fast(table, &session->index_node,
						    session_params);
	} while (err == -EEXIST);
	if (!err)
		return session;
	free_session(session);
	return NULL;
}

static void free_session_rcu(struct rcu_head *rcu)
{
	struct snaptun_session *session =
		container_of(rcu, struct snaptun_session, rcu);

	snaptun_replay_destroy(&session->replay);
	free_session(session);
}

/**
 * snaptun_session_free() - end a session
 * @table: the device's table
 * @session: the session, or NULL
 *
 * Its index is unknown from now on; its memory is zeroed and freed once nobody
 * can use it any more.
 *
 * Context: any.
 */
void snaptun_session_free(struct rhashtable *table,
			  struct snaptun_session *session)
{
	if (!session)
		return;
	rhashtable_remove_fast(table, &session->index_node, session_params);
	trace_snaptun_session(session, SNAPTUN_SESSION_ENDED);
	call_rcu(&session->rcu, free_session_rcu);
}

/**
 * snaptun_session_begin() - give a session its keys
 * @session: the session; not live yet
 * @initiator: this side sent the initiation
 * @remote_index: the other side's index
 * @keys: outcome of the handshake
 * @now: current time
 */
void snaptun_session_begin(struct snaptun_session *session, bool initiator,
			   __le32 remote_index,
			   const struct snaptun_noise_keys *keys, u64 now)
{
	session->initiator = initiator;
	session->remote_index = remote_index;
	session->birth = now;
	memcpy(session->send_key,
	       initiator ? keys->initiator_to_responder :
			   keys->responder_to_initiator, SNAPTUN_KEY_SIZE);
	memcpy(session->receive_key,
	       initiator ? keys->responder_to_initiator :
			   keys->initiator_to_responder, SNAPTUN_KEY_SIZE);
	/* Pairs with the acquire in the receive path: keys before the mark. */
	smp_store_release(&session->live, true);
}

static bool older_than(const struct snaptun_session *session, u64 seconds,
		       u64 now)
{
	return now >= session->birth + seconds * NSEC_PER_SEC;
}

/**
 * snaptun_session_may_send() - may messages still be sent on a session?
 * @session: a live session
 * @now: current time
 *
 * Return: false where it is too old or its counters are used up.
 */
bool snaptun_session_may_send(const struct snaptun_session *session, u64 now)
{
	return !older_than(session, SNAPTUN_REJECT_AFTER_TIME, now) &&
	       (u64)atomic64_read(&session->send_counter) <
		       SNAPTUN_REJECT_AFTER_MESSAGES;
}

/**
 * snaptun_session_may_receive() - may a message still be received on a session?
 * @session: a live session
 * @counter: the message's counter
 * @now: current time
 *
 * Return: false where the session is too old or the counter too great.
 */
bool snaptun_session_may_receive(const struct snaptun_session *session,
				 u64 counter, u64 now)
{
	return !older_than(session, SNAPTUN_REJECT_AFTER_TIME, now) &&
	       counter < SNAPTUN_REJECT_AFTER_MESSAGES;
}

/**
 * snaptun_session_reserve() - take counters for a batch of messages
 * @session: a live session
 * @n: number of messages
 * @counter: receives the first of @n consecutive counters
 *
 * No counter is given out twice.
 *
 * Return: false where not as many are left.
 */
bool snaptun_session_reserve(struct snaptun_session *session, unsigned int n,
			     u64 *counter)
{
	u64 end;

	/* What is refused must not go on counting, or it would wrap around. */
	if ((u64)atomic64_read(&session->send_counter) >=
	    SNAPTUN_REJECT_AFTER_MESSAGES)
		return false;
	end = atomic64_add_return(n, &session->send_counter);
	*counter = end - n;
	return end <= SNAPTUN_REJECT_AFTER_MESSAGES;
}

/**
 * snaptun_session_wants_rekey_on_send() - is a new session due, as one sends?
 * @session: a live session
 * @now: current time
 *
 * The initiator alone looks at time, so that one side starts; counters are
 * each sender's own.
 */
bool snaptun_session_wants_rekey_on_send(const struct snaptun_session *session,
					 u64 now)
{
	if ((u64)atomic64_read(&session->send_counter) >
	    SNAPTUN_REKEY_AFTER_MESSAGES)
		return true;
	return session->initiator &&
	       older_than(session, SNAPTUN_REKEY_AFTER_TIME, now);
}

/**
 * snaptun_session_wants_rekey_on_receive() - is one due, as one receives?
 * @session: a live session
 * @now: current time
 *
 * An initiator that only receives has to start in time for the sender.
 */
bool snaptun_session_wants_rekey_on_receive(const struct snaptun_session *session,
					    u64 now)
{
	return session->initiator &&
	       older_than(session, SNAPTUN_REJECT_AFTER_TIME -
					   SNAPTUN_KEEPALIVE_TIMEOUT -
					   SNAPTUN_REKEY_TIMEOUT, now);
}

/**
 * snaptun_sessions_init() - begin without sessions
 * @sessions: a tunnel's sessions
 */
void snaptun_sessions_init(struct snaptun_sessions *sessions)
{
	memset(sessions, 0, sizeof(*sessions));
	spin_lock_init(&sessions->lock);
}

/* Put @session in the place of what *@slot holds, and hand that out. */
static struct snaptun_session *
exchange(struct snaptun_sessions *sessions, struct snaptun_session __rcu **slot,
	 struct snaptun_session *session)
{
	return rcu_replace_pointer(*slot, session,
				   lockdep_is_held(&sessions->lock));
}

/**
 * snaptun_sessions_set_pending() - a handshake of ours is under way
 * @sessions: the tunnel's sessions
 * @table: the device's table
 * @session: session that waits for its keys, or NULL; replaces the one before
 *
 * Context: process.
 */
void snaptun_sessions_set_pending(struct snaptun_sessions *sessions,
				  struct rhashtable *table,
				  struct snaptun_session *session)
{
	spin_lock_bh(&sessions->lock);
	session = exchange(sessions, &sessions->pending, session);
	spin_unlock_bh(&sessions->lock);
	snaptun_session_free(table, session);
}

/**
 * snaptun_sessions_take_pending() - a handshake of ours was answered
 * @sessions: the tunnel's sessions
 * @session: the session that the answer names
 *
 * Context: process.
 *
 * Return: false where @session is not the one pending.
 */
bool snaptun_sessions_take_pending(struct snaptun_sessions *sessions,
				   struct snaptun_session *session)
{
	bool taken = false;

	spin_lock_bh(&sessions->lock);
	if (rcu_access_pointer(sessions->pending) == session) {
		RCU_INIT_POINTER(sessions->pending, NULL);
		taken = true;
	}
	spin_unlock_bh(&sessions->lock);
	return taken;
}

/**
 * snaptun_sessions_add() - a handshake gave a session its keys
 * @sessions: the tunnel's sessions
 * @table: the device's table
 * @session: the session, live
 *
 * An initiator sends on it at once. A responder waits, since the initiator may
 * never have got the response; what it sends on stays.
 *
 * Context: process.
 */
void snaptun_sessions_add(struct snaptun_sessions *sessions,
			  struct rhashtable *table,
			  struct snaptun_session *session)
{
	struct snaptun_session *old, *older = NULL;

	spin_lock_bh(&sessions->lock);
	if (session->initiator) {
		struct snaptun_session *last, *unproven;

		/*
		 * A session that waits to be proven is newer than the active
		 * one, and the other side may be sending on it already.
		 */
		last = exchange(sessions, &sessions->active, session);
		unproven = exchange(sessions, &sessions->next, NULL);
		old = unproven ? last : NULL;
		older = exchange(sessions, &sessions->previous,
				 unproven ? unproven : last);
	} else {
		old = exchange(sessions, &sessions->next, session);
	}
	spin_unlock_bh(&sessions->lock);
	snaptun_session_free(table, old);
	snaptun_session_free(table, older);
}

/**
 * snaptun_sessions_received_with() - an authentic message came on a session
 * @sessions: the tunnel's sessions
 * @table: the device's table
 * @session: its session
 *
 * Context: bottom halves disabled.
 *
 * Return: true where that proves a responder's new session, which is active
 * from now on.
 */
bool snaptun_sessions_received_with(struct snaptun_sessions *sessions,
				    struct rhashtable *table,
				    struct snaptun_session *session)
{
	struct snaptun_session *old;

	if (likely(rcu_access_pointer(sessions->next) != session))
		return false;
	spin_lock(&sessions->lock);
	if (rcu_access_pointer(sessions->next) != session) {
		spin_unlock(&sessions->lock);
		return false;
	}
	RCU_INIT_POINTER(sessions->next, NULL);
	old = exchange(sessions, &sessions->active, session);
	old = exchange(sessions, &sessions->previous, old);
	spin_unlock(&sessions->lock);
	snaptun_session_free(table, old);
	return true;
}

/**
 * snaptun_sessions_wipe() - end all sessions
 * @sessions: the tunnel's sessions
 * @table: the device's table
 *
 * Context: process.
 */
void snaptun_sessions_wipe(struct snaptun_sessions *sessions,
			   struct rhashtable *table)
{
	struct snaptun_session *ended[4];
	unsigned int i;

	spin_lock_bh(&sessions->lock);
	ended[0] = exchange(sessions, &sessions->pending, NULL);
	ended[1] = exchange(sessions, &sessions->active, NULL);
	ended[2] = exchange(sessions, &sessions->previous, NULL);
	ended[3] = exchange(sessions, &sessions->next, NULL);
	spin_unlock_bh(&sessions->lock);
	for (i = 0; i < ARRAY_SIZE(ended); i++)
		snaptun_session_free(table, ended[i]);
}
