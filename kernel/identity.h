/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identities: static keys that may start tunnels here, and the initiations of
 * theirs that are remembered against replays.
 */
#ifndef SNAPTUN_IDENTITY_H
#define SNAPTUN_IDENTITY_H

#include <linux/list.h>
#include <linux/rhashtable-types.h>

#include <uapi/linux/snaptun.h>

#include "agenda.h"
#include "allowed_ips.h"
#include "noise.h"
#include "ratelimit.h"
#include "tunnel.h"

struct snaptun_device;
struct snaptun_session;

/**
 * struct snaptun_initiation_id - what tells initiations of a key apart
 * @timestamp: TAI64N
 * @ephemeral: the initiation's ephemeral public key
 */
struct snaptun_initiation_id {
	u8 timestamp[SNAPTUN_TIMESTAMP_SIZE];
	u8 ephemeral[SNAPTUN_KEY_SIZE];
};

/**
 * struct snaptun_initiations - accepted initiations of one key
 * @floor: all at or below it count as seen
 * @newest: greatest timestamp seen
 * @seen: those accepted above @floor; memory that grows with them
 * @count: how many
 * @room: how many there is memory for
 */
struct snaptun_initiations {
	u8 floor[SNAPTUN_TIMESTAMP_SIZE];
	u8 newest[SNAPTUN_TIMESTAMP_SIZE];
	struct snaptun_initiation_id *seen;
	unsigned int count;
	unsigned int room;
};

/**
 * struct snaptun_authorisation - a reason why a key is authorised
 * @tag: its owner's name for it
 * @tag_len: bytes of that
 * @until: when it ends, nanoseconds, or SNAPTUN_NEVER
 */
struct snaptun_authorisation {
	u8 tag[SNAPTUN_AUTHORISATION_TAG_MAX];
	u8 tag_len;
	u64 until;
};

/**
 * struct snaptun_authorisations - all such reasons of a key
 * @list: the reasons, each with another tag
 * @n: how many
 */
struct snaptun_authorisations {
	struct snaptun_authorisation list[SNAPTUN_AUTHORISATIONS_MAX];
	unsigned int n;
};

/**
 * struct snaptun_identity - an authorised static key
 * @snap: its device
 * @key_node: entry in the device's table of keys
 * @id: place in the device's array of identities
 * @peer: the key with its secrets
 * @has_psk: @peer has a pre-shared key
 * @keepalive: persistent keepalive of its tunnels, seconds
 * @burst_limit: burst limit of its tunnels, bytes
 * @answer_keepalives: whether keepalives count as data in its tunnels
 * @allowed_ips: IP addresses that its tunnels carry
 * @initiations: accepted initiations
 * @budgets: handshake messages that its tunnels together may still send
 * @authorisations: why it is authorised
 * @until: the latest end of those, 0 without one; nanoseconds; read without a lock
 * @appointment: when that is
 * @candidates: tunnels that have not proven their address; table_lock
 * @confirmed: tunnels that have, the newest last, that is the one whose other side
 *	made a session last; table_lock
 * @preferred_at: when that session was made, nanoseconds; table_lock
 * @n_candidates: length of @candidates; table_lock
 * @n_confirmed: length of @confirmed; table_lock
 * @crowded_node: entry in the device's list of those with too many tunnels;
 *	table_lock
 * @rcu: the table of keys is walked under RCU
 *
 * Protected by the device's lock unless marked table_lock.
 */
struct snaptun_identity {
	struct snaptun_device *snap;
	struct rhash_head key_node;
	u32 id;
	struct snaptun_noise_peer peer;
	bool has_psk;
	u16 keepalive;
	u32 burst_limit;
	bool answer_keepalives;
	struct snaptun_allowed_ips allowed_ips;
	struct snaptun_initiations initiations;
	struct snaptun_budgets budgets;
	struct snaptun_authorisations authorisations;
	u64 until;
	struct snaptun_appointment appointment;
	struct list_head candidates;
	struct list_head confirmed;
	u64 preferred_at;
	unsigned int n_candidates;
	unsigned int n_confirmed;
	struct list_head crowded_node;
	struct rcu_head rcu;
};

bool snaptun_initiations_seen(const struct snaptun_initiations *initiations,
			      const struct snaptun_initiation_id *id);
bool snaptun_initiations_fresh(const struct snaptun_initiations *initiations,
			       const struct snaptun_initiation_id *id);
void snaptun_initiations_remember(struct snaptun_initiations *initiations,
				  const struct snaptun_initiation_id *id);
void snaptun_initiations_destroy(struct snaptun_initiations *initiations);

int snaptun_authorisations_put(struct snaptun_authorisations *all,
			       const struct snaptun_authorisation *new, u64 now);

int snaptun_identity_table_init(struct rhashtable *table);
struct snaptun_identity *
snaptun_identity_find(struct snaptun_device *snap,
		      const u8 key[SNAPTUN_KEY_SIZE]);
int snaptun_identity_add(struct snaptun_device *snap,
			 struct snaptun_identity *identity);
void snaptun_identity_authorise(struct snaptun_identity *identity,
				const struct snaptun_authorisations *all);
void snaptun_identity_confirmed(struct snaptun_device *snap,
				struct snaptun_tunnel *tunnel);
void snaptun_identity_prefer(struct snaptun_tunnel *tunnel,
			     const struct snaptun_session *session);
void snaptun_identity_lost(struct snaptun_tunnel *tunnel);
void snaptun_identities_relieve(struct snaptun_device *snap);
void snaptun_identity_apply(struct snaptun_device *snap,
			    struct snaptun_identity *identity);
void snaptun_identity_remove(struct snaptun_device *snap,
			     struct snaptun_identity *identity);

/**
 * snaptun_identity_has_ended() - is a key no longer authorised?
 * @identity: the identity
 * @now: current time
 *
 * Context: any.
 */
static inline bool
snaptun_identity_has_ended(const struct snaptun_identity *identity, u64 now)
{
	return now >= READ_ONCE(identity->until);
}

/**
 * snaptun_tunnel_has_ended() - must a tunnel carry nothing, for now?
 * @tunnel: the tunnel
 * @now: current time
 *
 * Context: any; where it is the data path, under RCU.
 *
 * Return: whether an identity started it that is no longer authorised.
 */
static inline bool snaptun_tunnel_has_ended(const struct snaptun_tunnel *tunnel,
					    u64 now)
{
	return tunnel->identity &&
	       snaptun_identity_has_ended(tunnel->identity, now);
}

#endif
