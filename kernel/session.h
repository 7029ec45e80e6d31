/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sessions: a pair of transport keys with its counters, found by the index that
 * the other side puts into its messages.
 */
#ifndef SNAPTUN_SESSION_H
#define SNAPTUN_SESSION_H

#include <linux/rhashtable-types.h>

#include "noise.h"
#include "replay.h"
#include "socket.h"

struct snaptun_device;
struct snaptun_tunnel;

/**
 * struct snaptun_session - one session, from its first handshake message on
 * @index_node: entry in the device's table of indices
 * @local_index: index that the other side names it by
 * @remote_index: index that this side names it by
 * @tunnel: the tunnel; outlives the session by RCU
 * @path: way of what is sent on it
 * @live: keys are set; written once, with release semantics
 * @initiator: this side sent the initiation
 * @birth: when the keys were made, nanoseconds of snaptun_now()
 * @send_counter: counter of the next message sent
 * @send_key: transport key for sending
 * @receive_key: transport key for receiving
 * @replay: counters received
 * @rcu: the data path uses sessions under RCU; freed, and zeroed, after a
 *	grace period
 *
 * All but @send_counter and @replay stay as they are once @live is set.
 */
struct snaptun_session {
	struct rhash_head index_node;
	__le32 local_index;
	__le32 remote_index;
	struct snaptun_tunnel *tunnel;
	struct snaptun_path path;
	bool live;
	bool initiator;
	u64 birth;
	atomic64_t send_counter;
	u8 send_key[SNAPTUN_KEY_SIZE];
	u8 receive_key[SNAPTUN_KEY_SIZE];
	struct snaptun_replay replay;
	struct rcu_head rcu;
};

/**
 * struct snaptun_sessions - the sessions of one tunnel
 * @lock: protects the pointers; taken with bottom halves disabled
 * @pending: handshake under way that this side started
 * @active: used for sending
 * @previous: still good for receiving
 * @next: made as responder, not yet proven by a transport message
 */
struct snaptun_sessions {
	spinlock_t lock; /* the pointers */
	struct snaptun_session __rcu *pending;
	struct snaptun_session __rcu *active;
	struct snaptun_session __rcu *previous;
	struct snaptun_session __rcu *next;
};

int snaptun_session_init(void);
void snaptun_session_exit(void);

int snaptun_session_table_init(struct rhashtable *table);
void snaptun_session_table_destroy(struct rhashtable *table);
struct snaptun_session *snaptun_session_lookup(struct rhashtable *table,
					       __le32 index);

struct snaptun_session *snaptun_session_new(struct rhashtable *table,
					    struct snaptun_tunnel *tunnel);
void snaptun_session_free(struct rhashtable *table,
			  struct snaptun_session *session);
void snaptun_session_begin(struct snaptun_session *session, bool initiator,
			   __le32 remote_index,
			   const struct snaptun_noise_keys *keys, u64 now);

bool snaptun_session_may_send(const struct snaptun_session *session, u64 now);
bool snaptun_session_may_receive(const struct snaptun_session *session,
				 u64 counter, u64 now);
bool snaptun_session_reserve(struct snaptun_session *session, unsigned int n,
			     u64 *counter);
bool snaptun_session_wants_rekey_on_send(const struct snaptun_session *session,
					 u64 now);
bool snaptun_session_wants_rekey_on_receive(const struct snaptun_session *session,
					    u64 now);

void snaptun_sessions_init(struct snaptun_sessions *sessions);
void snaptun_sessions_set_pending(struct snaptun_sessions *sessions,
				  struct rhashtable *table,
				  struct snaptun_session *session);
bool snaptun_sessions_take_pending(struct snaptun_sessions *sessions,
				   struct snaptun_session *session);
void snaptun_sessions_add(struct snaptun_sessions *sessions,
			  struct rhashtable *table,
			  struct snaptun_session *session);
bool snaptun_sessions_received_with(struct snaptun_sessions *sessions,
				    struct rhashtable *table,
				    struct snaptun_session *session);
void snaptun_sessions_wipe(struct snaptun_sessions *sessions,
			   struct rhashtable *table);

#endif
