// SPDX-License-Identifier: GPL-2.0
/*
 * Handshakes. Softirq puts messages with a right mac1 into a bounded ring; as many
 * workers as there are CPUs take them out, judge their cookies, and only then compute.
 *
 * The device's lock protects the handshake state of tunnels. X25519, which is nearly
 * all of the work, is done without it, so that CPUs compute side by side and nobody
 * waits for it: before and after, a worker looks under the lock, and what changed
 * meanwhile decides.
 */

#include "handshake.h"

#include <linux/random.h>
#include <linux/slab.h>

#include "compat.h"
#include "device.h"
#include "identity.h"
#include "noise.h"
#include "session.h"
#include "trace.h"
#include "tunnel.h"
#include "tx.h"

/* TAI64 labels count from 2^62, and TAI was 10 s ahead at the epoch. */
#define TAI64_EPOCH	0x400000000000000aULL

/* The next initiation's time: now, but later than any that the device sent. */
static void next_stamp(struct snaptun_device *snap,
		       u8 timestamp[SNAPTUN_TIMESTAMP_SIZE])
{
	u32 nanoseconds;
	u64 seconds;

	snap->last_stamp = max(ktime_get_real_ns(), snap->last_stamp + 1);
	seconds = div_u64_rem(snap->last_stamp, NSEC_PER_SEC, &nanoseconds);
	put_unaligned_be64(TAI64_EPOCH + seconds, timestamp);
	put_unaligned_be32(nanoseconds, timestamp + 8);
}

/* May the device take part in handshakes? Its lock is held. */
static bool is_ready(const struct snaptun_device *snap)
{
	return snap->has_key && netif_running(snap->dev) &&
	       !READ_ONCE(snaptun_asleep);
}

/* May it still do so with the key @own? Its lock is held. */
static bool is_ready_with(const struct snaptun_device *snap,
			  const struct snaptun_noise_static *own)
{
	return is_ready(snap) && !crypto_memneq(&snap->own, own, sizeof(*own));
}

/* May it go on with that key, and the tunnel? The device's lock is held. */
static bool may_go_on(const struct snaptun_tunnel *tunnel,
		      const struct snaptun_noise_static *own)
{
	return is_ready_with(tunnel->snap, own) && !tunnel->dead &&
	       !tunnel->closed && !tunnel->held &&
	       !snaptun_tunnel_has_ended(tunnel, snaptun_now());
}

/*
 * The port that a message came to, where the device has one of that number: a
 * tunnel's own is for its other side alone.
 */
static struct snaptun_socket *socket_of(struct snaptun_device *snap,
					const struct snaptun_tunnel *tunnel,
					const struct snaptun_path *path)
{
	struct snaptun_socket *listen = snaptun_device_listen(snap);

	if (tunnel)
		return tunnel->socket;
	if (listen && listen->port == path->local_port)
		return listen;
	return NULL;
}

/* Send a message; false where it was dropped, and counted as that. */
static bool send(struct snaptun_socket *socket, const struct snaptun_path *path,
		 struct dst_cache *route, const void *message, size_t len)
{
	int err = snaptun_socket_send_message(socket, path, route, message, len);

	if (err)
		snaptun_drop_n(socket->snap, snaptun_tx_failure(err), 1);
	return !err;
}

/*
 * The way of a handshake of ours: that of the session in use, which the other side is
 * known to have taken.
 */
static struct snaptun_path current_path(const struct snaptun_tunnel *tunnel)
{
	struct snaptun_path path = tunnel->path;
	struct snaptun_session *session;

	rcu_read_lock();
	session = rcu_dereference(tunnel->sessions.active);
	if (session)
		path = session->path;
	rcu_read_unlock();
	return path;
}

/**
 * snaptun_handshake_prepare() - compute what an initiation takes
 * @tunnel: the tunnel that will send it
 * @prepared: receives it; the caller wipes it
 *
 * Context: process, without the device's lock; there are random numbers.
 */
void snaptun_handshake_prepare(struct snaptun_tunnel *tunnel,
			       struct snaptun_noise_prepared *prepared)
{
	u8 ephemeral[SNAPTUN_KEY_SIZE], public_key[SNAPTUN_KEY_SIZE];

	mutex_lock(&tunnel->snap->lock);
	memcpy(public_key, tunnel->peer.public, sizeof(public_key));
	mutex_unlock(&tunnel->snap->lock);
	get_random_bytes(ephemeral, sizeof(ephemeral));
	snaptun_noise_prepare(prepared, ephemeral, public_key, NULL);
	memzero_explicit(ephemeral, sizeof(ephemeral));
}

/**
 * snaptun_handshake_initiate() - send an initiation
 * @tunnel: the tunnel; the device's lock is held
 * @prepared: from snaptun_handshake_prepare(), used for nothing else
 *
 * A handshake under way before is forgotten. Without a private key nothing
 * is sent; the attempt goes on.
 *
 * Context: process.
 */
void snaptun_handshake_initiate(struct snaptun_tunnel *tunnel,
				const struct snaptun_noise_prepared *prepared)
{
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_path path = current_path(tunnel);
	u8 timestamp[SNAPTUN_TIMESTAMP_SIZE];
	struct snaptun_msg_initiation message;
	struct snaptun_session *session;
	u64 now = snaptun_now();

	lockdep_assert_held(&snap->lock);
	if (!snap->has_key || READ_ONCE(snaptun_asleep) ||
	    snaptun_tunnel_has_ended(tunnel, now))
		return;
	spin_lock_bh(&tunnel->timer_lock);
	if (!tunnel->timers.running ||
	    tunnel->timers.attempt_at == SNAPTUN_NEVER) {
		spin_unlock_bh(&tunnel->timer_lock);
		return;
	}
	snaptun_timers_initiated(&tunnel->timers, now,
				 get_random_u32() % SNAPTUN_INITIATION_JITTER);
	spin_unlock_bh(&tunnel->timer_lock);
	snaptun_tunnel_arm(tunnel, now);

	session = snaptun_session_new(&snap->by_index, tunnel);
	if (!session)
		return;
	session->path = path;
	next_stamp(snap, timestamp);
	if (!snaptun_noise_create_initiation(&tunnel->handshake, &message,
					     &snap->own, &tunnel->peer, prepared,
					     timestamp, session->local_index)) {
		snaptun_sessions_set_pending(&tunnel->sessions, &snap->by_index,
					     NULL);
		snaptun_session_free(&snap->by_index, session);
		return;
	}
	snaptun_sessions_set_pending(&tunnel->sessions, &snap->by_index, session);
	snaptun_cookie_sign(&tunnel->jar, &message, sizeof(message), now);
	if (send(tunnel->socket, &path, &tunnel->route, &message,
		 sizeof(message))) {
		snaptun_count(snap, HANDSHAKES_INITIATED);
		trace_snaptun_handshake(snap->dev, tunnel->id,
					SNAPTUN_MESSAGE_INITIATION, false);
	}
}

/* The new keys of a tunnel go into use. */
static void begin_session(struct snaptun_tunnel *tunnel,
			  struct snaptun_session *session,
			  struct snaptun_noise_handshake *hs, bool initiator,
			  __le32 remote_index, u64 now)
{
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_noise_keys keys;

	snaptun_noise_derive_keys(hs, &keys);
	snaptun_session_begin(session, initiator, remote_index, &keys, now);
	memzero_explicit(&keys, sizeof(keys));
	snaptun_sessions_add(&tunnel->sessions, &snap->by_index, session);

	spin_lock_bh(&tunnel->timer_lock);
	snaptun_timers_session_made(&tunnel->timers, now);
	if (initiator)
		snaptun_timers_session_usable(&tunnel->timers, now);
	spin_unlock_bh(&tunnel->timer_lock);
	clear_bit(SNAPTUN_TODO_CACHE_ROUTE, &tunnel->todo);
	snaptun_tunnel_settle(tunnel);
	snaptun_tunnel_arm(tunnel, now);
	snaptun_count(snap, SESSIONS);
	trace_snaptun_session(session, SNAPTUN_SESSION_MADE);
}

/* Answer an initiation that came to the address @local. */
static void respond(struct snaptun_tunnel *tunnel,
		    struct snaptun_noise_handshake *hs,
		    const struct snaptun_noise_prepared *prepared, __le32 receiver,
		    const struct in6_addr *local, u64 now)
{
	struct snaptun_device *snap = tunnel->snap;
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	struct snaptun_msg_response message;
	struct snaptun_session *session;
	struct snaptun_path path;

	session = snaptun_session_new(&snap->by_index, tunnel);
	if (!session) {
		snaptun_drop(snap, RX_NO_BUFFER);
		return;
	}
	session->path = tunnel->path;
	/* The initiator takes answers from nowhere else. */
	if (tunnel->identity)
		session->path.local = *local;
	snaptun_address_encode(&tunnel->path.remote, observed);
	if (!snaptun_noise_create_response(hs, &message, &tunnel->peer, prepared,
					   observed, session->local_index,
					   receiver)) {
		snaptun_drop(snap, RX_BAD_HANDSHAKE);
		snaptun_session_free(&snap->by_index, session);
		return;
	}
	path = session->path;
	/* The other side may use the keys as soon as it has the response. */
	begin_session(tunnel, session, hs, false, receiver, now);
	/* Should it have lost its address, it may have it again, or says that it lacks it. */
	if (snaptun_address_is_set(&tunnel->assigned))
		snaptun_tunnel_set_assigned(tunnel, &tunnel->assigned);
	snaptun_cookie_sign(&tunnel->jar, &message, sizeof(message), now);
	if (send(tunnel->socket, &path, &tunnel->route, &message,
		 sizeof(message))) {
		snaptun_count(snap, HANDSHAKES_ANSWERED);
		trace_snaptun_handshake(snap->dev, tunnel->id,
					SNAPTUN_MESSAGE_RESPONSE, false);
	}
}

/*
 * May an initiation be taken? One that its key is known to have sent before
 * never is. One from an address that has a tunnel, or a candidate, must also be
 * newer than the last from there; one from a new address, on which nothing can
 * be compared, newer than all that may have been forgotten.
 */
static bool is_fresh(const struct snaptun_tunnel *tunnel,
		     const struct snaptun_identity *identity,
		     const struct snaptun_initiation_id *id)
{
	if (!tunnel)
		return snaptun_initiations_fresh(&identity->initiations, id);
	if (identity && snaptun_initiations_seen(&identity->initiations, id))
		return false;
	return memcmp(id->timestamp, tunnel->last_timestamp,
		      sizeof(id->timestamp)) > 0;
}

/*
 * Whose is an initiation, of which @hs and @public_key were read? Its timestamp proves
 * the key; with that the initiation is taken, and another like it never again. The
 * device's lock is held.
 *
 * Return: the tunnel, or NULL where it was dropped, and counted as that.
 */
static struct snaptun_tunnel *
take_initiation(struct snaptun_device *snap,
		const struct snaptun_handshake_entry *entry,
		struct snaptun_noise_handshake *hs,
		const u8 public_key[SNAPTUN_KEY_SIZE],
		struct snaptun_initiation_id *id, u64 now)
{
	const struct snaptun_msg_initiation *message = &entry->message.initiation;
	struct snaptun_tunnel *tunnel = snaptun_tunnel_by_remote(snap, &entry->path);
	struct snaptun_tunnel *ended = NULL;
	struct snaptun_identity *identity = NULL;
	const struct snaptun_noise_peer *peer;

	/* Public keys: no secret to be learnt from how long it takes. */
	if (tunnel &&
	    memcmp(public_key, tunnel->peer.public, SNAPTUN_KEY_SIZE)) {
		/* An address does not stay with a key that is no longer authorised. */
		if (!snaptun_tunnel_has_ended(tunnel, now)) {
			snaptun_drop(snap, RX_FOREIGN_KEY);
			return NULL;
		}
		ended = tunnel;
		tunnel = NULL;
	}
	if (tunnel) {
		if (snaptun_tunnel_has_ended(tunnel, now)) {
			snaptun_drop(snap, RX_UNAUTHORISED);
			return NULL;
		}
		peer = &tunnel->peer;
		identity = tunnel->identity;
	} else {
		identity = snaptun_identity_find(snap, public_key);
		if (!identity) {
			snaptun_drop(snap, RX_UNKNOWN_IDENTITY);
			return NULL;
		}
		if (snaptun_identity_has_ended(identity, now)) {
			snaptun_drop(snap, RX_UNAUTHORISED);
			return NULL;
		}
		peer = &identity->peer;
		/* Some candidate may have got the address since the first look. */
		tunnel = snaptun_tunnel_candidate(snap, identity, &entry->path) ?:
			 snaptun_tunnel_by_remote(snap, &entry->path);
		if (tunnel == ended)
			tunnel = NULL;
		if (tunnel && tunnel->identity != identity) {
			snaptun_drop(snap, RX_FOREIGN_KEY);
			return NULL;
		}
	}
	/* The port that it came to may have been closed since the first look. */
	if (!socket_of(snap, tunnel, &entry->path)) {
		snaptun_drop(snap, RX_WRONG_SOURCE);
		return NULL;
	}
	if (!snaptun_noise_read_initiation_timestamp(hs, message, peer,
						     id->timestamp)) {
		snaptun_drop(snap, RX_BAD_HANDSHAKE);
		return NULL;
	}
	memcpy(id->ephemeral, message->ephemeral, sizeof(id->ephemeral));
	if (!is_fresh(tunnel, identity, id)) {
		snaptun_drop(snap, RX_REPLAYED_HANDSHAKE);
		return NULL;
	}
	if (ended)
		snaptun_tunnel_remove(ended);
	if (!tunnel) {
		tunnel = snaptun_tunnel_add_candidate(snap, identity,
						      &entry->path);
		if (IS_ERR(tunnel)) {
			if (PTR_ERR(tunnel) == -ENOSPC)
				snaptun_drop(snap, RX_TUNNEL_LIMIT);
			else
				snaptun_drop(snap, RX_NO_BUFFER);
			return NULL;
		}
	}
	trace_snaptun_handshake(snap->dev, tunnel->id,
				SNAPTUN_MESSAGE_INITIATION, true);
	memcpy(tunnel->last_timestamp, id->timestamp, sizeof(id->timestamp));
	snaptun_tunnel_initiated(tunnel, now);
	if (identity)
		snaptun_initiations_remember(&identity->initiations, id);
	return tunnel;
}

static void receive_initiation(struct snaptun_device *snap,
			       const struct snaptun_handshake_entry *entry,
			       const struct snaptun_noise_static *own)
{
	const struct snaptun_msg_initiation *message = &entry->message.initiation;
	u8 public_key[SNAPTUN_KEY_SIZE], ephemeral[SNAPTUN_KEY_SIZE];
	struct snaptun_noise_prepared prepared;
	struct snaptun_noise_handshake hs;
	struct snaptun_initiation_id id;
	struct snaptun_tunnel *tunnel = NULL;
	unsigned int life;

	if (!snaptun_noise_read_initiation_static(&hs, message, own, public_key)) {
		snaptun_drop(snap, RX_BAD_HANDSHAKE);
		return;
	}
	mutex_lock(&snap->lock);
	if (is_ready_with(snap, own))
		tunnel = take_initiation(snap, entry, &hs, public_key, &id,
					 snaptun_now());
	else
		snaptun_drop(snap, RX_DOWN);
	if (tunnel)
		kref_get(&tunnel->kref);
	mutex_unlock(&snap->lock);
	if (!tunnel)
		goto wipe;

	life = snaptun_machine_life();
	get_random_bytes(ephemeral, sizeof(ephemeral));
	snaptun_noise_prepare(&prepared, ephemeral, public_key, message->ephemeral);
	memzero_explicit(ephemeral, sizeof(ephemeral));
	mutex_lock(&snap->lock);
	/* A copy of the machine would have the same keys. */
	if (!may_go_on(tunnel, own) || life != snaptun_machine_life())
		snaptun_drop(snap, RX_DOWN);
	else if (memcmp(tunnel->last_timestamp, id.timestamp, sizeof(id.timestamp)))
		/* A newer one came meanwhile, and has its own answer. */
		snaptun_drop(snap, RX_REPLAYED_HANDSHAKE);
	else
		respond(tunnel, &hs, &prepared, message->sender,
			&entry->path.local, snaptun_now());
	mutex_unlock(&snap->lock);
	memzero_explicit(&prepared, sizeof(prepared));
	snaptun_tunnel_put(tunnel);
wipe:
	memzero_explicit(&hs, sizeof(hs));
}

/*
 * The session that a response's index names, where its handshake waits for one; the
 * device's lock is held. Pending sessions end under that alone.
 */
static struct snaptun_session *
awaited_session(struct snaptun_device *snap, const struct snaptun_msg_response *message)
{
	struct snaptun_session *session;

	rcu_read_lock();
	session = snaptun_session_lookup(&snap->by_index, message->receiver);
	if (session && session->live)
		session = NULL;
	rcu_read_unlock();
	return session;
}

/* The tunnel that waits for a response, or NULL where it was dropped; as take_initiation(). */
static struct snaptun_tunnel *
find_initiator(struct snaptun_device *snap,
	       const struct snaptun_handshake_entry *entry)
{
	struct snaptun_session *session =
		awaited_session(snap, &entry->message.response);
	struct snaptun_tunnel *tunnel = session ? session->tunnel : NULL;

	if (!tunnel) {
		snaptun_drop(snap, RX_BAD_HANDSHAKE);
		return NULL;
	}
	if (!snaptun_tunnel_is_from(tunnel, &entry->path)) {
		snaptun_drop(snap, RX_WRONG_SOURCE);
		return NULL;
	}
	if (snaptun_tunnel_has_ended(tunnel, snaptun_now())) {
		snaptun_drop(snap, RX_UNAUTHORISED);
		return NULL;
	}
	return tunnel;
}

/* The response that ends a tunnel's handshake is authentic; the device's lock is held. */
static void finish(struct snaptun_tunnel *tunnel, struct snaptun_session *session,
		   const struct snaptun_msg_response *message,
		   const u8 observed[SNAPTUN_OBSERVED_SIZE])
{
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_address assigned;
	bool is_assigned;

	if (!snaptun_sessions_take_pending(&tunnel->sessions, session))
		return;
	trace_snaptun_handshake(snap->dev, tunnel->id,
				SNAPTUN_MESSAGE_RESPONSE, true);
	/*
	 * The session stands whether or not the address makes sense. What a
	 * client claims is of no use: it could claim the address of another.
	 */
	is_assigned = !tunnel->identity &&
		      snaptun_address_decode(&assigned, observed);
	if (is_assigned && snaptun_tunnel_refuses(tunnel, &assigned)) {
		snaptun_session_free(&snap->by_index, session);
		snaptun_tunnel_close(tunnel);
		snaptun_drop(snap, RX_DOWN);
		return;
	}
	begin_session(tunnel, session, &tunnel->handshake, true,
		      message->sender, snaptun_now());
	if (is_assigned)
		snaptun_tunnel_set_assigned(tunnel, &assigned);

	/* The responder may use the session only once it received on it. */
	snaptun_tx_keepalive(tunnel);
	snaptun_tx_staged(tunnel);
}

static void receive_response(struct snaptun_device *snap,
			     const struct snaptun_handshake_entry *entry,
			     const struct snaptun_noise_static *own)
{
	const struct snaptun_msg_response *message = &entry->message.response;
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	struct snaptun_noise_handshake hs;
	struct snaptun_session *session;
	struct snaptun_noise_peer peer;
	struct snaptun_tunnel *tunnel;
	bool ok;

	mutex_lock(&snap->lock);
	tunnel = find_initiator(snap, entry);
	if (tunnel) {
		kref_get(&tunnel->kref);
		hs = tunnel->handshake;
		peer = tunnel->peer;
	}
	mutex_unlock(&snap->lock);
	if (!tunnel)
		return;

	ok = snaptun_noise_read_response(&hs, message, own, &peer, observed);
	mutex_lock(&snap->lock);
	session = awaited_session(snap, message);
	if (!may_go_on(tunnel, own)) {
		snaptun_drop(snap, RX_DOWN);
	} else if (!ok || !session || session->tunnel != tunnel ||
		   crypto_memneq(hs.ephemeral_private,
				 tunnel->handshake.ephemeral_private,
				 sizeof(hs.ephemeral_private)) ||
		   crypto_memneq(&peer, &tunnel->peer, sizeof(peer))) {
		/* Not authentic, or no longer what the handshake is about. */
		snaptun_drop(snap, RX_BAD_HANDSHAKE);
	} else {
		tunnel->handshake = hs;
		finish(tunnel, session, message, observed);
	}
	mutex_unlock(&snap->lock);
	memzero_explicit(&hs, sizeof(hs));
	memzero_explicit(&peer, sizeof(peer));
	snaptun_tunnel_put(tunnel);
}

static void receive_cookie(struct snaptun_device *snap,
			   const struct snaptun_handshake_entry *entry, u64 now)
{
	const struct snaptun_msg_cookie *message = &entry->message.cookie;
	struct snaptun_session *session;
	struct snaptun_tunnel *tunnel;

	/* A session that is on its way out may outlive its tunnel's removal. */
	rcu_read_lock();
	session = snaptun_session_lookup(&snap->by_index, message->receiver);
	tunnel = session ? session->tunnel : NULL;
	if (!tunnel || !snaptun_tunnel_is_from(tunnel, &entry->path) ||
	    !snaptun_cookie_read_reply(&tunnel->jar, message, now)) {
		snaptun_drop(snap, RX_BAD_COOKIE);
		goto out;
	}
	snaptun_count(snap, COOKIES_RECEIVED);
	trace_snaptun_handshake(snap->dev, tunnel->id, SNAPTUN_MESSAGE_COOKIE,
				true);
out:
	rcu_read_unlock();
}

static void demand_cookie(struct snaptun_socket *socket,
			  const struct snaptun_tunnel *tunnel,
			  const struct snaptun_handshake_entry *entry, u64 now)
{
	struct snaptun_device *snap = socket->snap;
	u8 nonce[SNAPTUN_COOKIE_NONCE_SIZE];
	struct snaptun_msg_cookie reply;

	get_random_bytes(nonce, sizeof(nonce));
	/* Initiation and response have their sender index in one place. */
	snaptun_cookie_reply(&snap->checker, &reply, &entry->message, entry->len,
			     entry->message.initiation.sender,
			     &entry->path.remote, nonce, now);
	if (!send(socket, &entry->path, NULL, &reply, sizeof(reply)))
		return;
	snaptun_count(snap, COOKIES_SENT);
	trace_snaptun_handshake(snap->dev, tunnel ? tunnel->id : 0,
				SNAPTUN_MESSAGE_COOKIE, false);
}

/*
 * Is there something left of what the tunnel with the source's address is granted,
 * and its identity, which could have as many tunnels as a host has ports?
 */
static bool within_tunnel_budget(struct snaptun_device *snap,
				 struct snaptun_tunnel *tunnel, bool proven,
				 u64 now)
{
	struct snaptun_rate shared = {
		.per_second = min_t(u64, NSEC_PER_SEC,
				    (u64)snap->source_rate.per_second *
					    SNAPTUN_IDENTITY_SOURCES),
		.burst = min_t(u64, U32_MAX,
			       (u64)snap->source_rate.burst *
				       SNAPTUN_IDENTITY_SOURCES),
	};

	return snaptun_budgets_take(&tunnel->budgets, &snap->source_rate, proven,
				    now) &&
	       (!tunnel->identity ||
		snaptun_budgets_take(&tunnel->identity->budgets, &shared, proven,
				     now));
}

/*
 * Is there something left of what the source of a message is granted? An address
 * that owns a tunnel has a budget of its own; so has, apart from others, whoever
 * returned a cookie.
 */
static bool within_budget(struct snaptun_device *snap,
			  struct snaptun_tunnel *tunnel,
			  const struct snaptun_path *path, bool proven, u64 now)
{
	if (tunnel)
		return within_tunnel_budget(snap, tunnel, proven, now);
	/* Where no port is open to all, none but tunnels get here. */
	return !snap->sources.table ||
	       snaptun_sources_take(&snap->sources, &snap->source_rate,
				    &path->remote, proven, now);
}

/*
 * Is a message, by its index, the answer to an initiation of ours? Nobody else could
 * name one, so such answers do not count as load, however many tunnels ask for some
 * at once.
 */
static bool is_awaited(struct snaptun_device *snap,
		       const struct snaptun_handshake_entry *entry,
		       const struct snaptun_tunnel *tunnel)
{
	struct snaptun_session *session;
	bool is;

	if (!tunnel || entry->message.type !=
			       SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_RESPONSE))
		return false;
	rcu_read_lock();
	session = snaptun_session_lookup(&snap->by_index,
					 entry->message.response.receiver);
	is = session && !session->live && session->tunnel == tunnel;
	rcu_read_unlock();
	return is;
}

/*
 * May a message have what an X25519 costs? A device under load, and a source that
 * has sent more than it may, have to return a cookie: that is what tells the
 * source from who forges its address.
 */
static bool admit(struct snaptun_device *snap, struct snaptun_socket *socket,
		  struct snaptun_tunnel *tunnel,
		  const struct snaptun_handshake_entry *entry, u64 now)
{
	bool needs_proof = false;

	if (!is_awaited(snap, entry, tunnel))
		needs_proof = snaptun_load_note(&snap->load,
						snap->handshake_rate, now);
	if (!needs_proof)
		needs_proof = !within_budget(snap, tunnel, &entry->path, false,
					     now);
	switch (snaptun_cookie_check(&snap->checker, &entry->message, entry->len,
				     &entry->path.remote, needs_proof, now)) {
	case SNAPTUN_COOKIE_INVALID:
		/* The key changed while the message waited. */
		snaptun_drop(snap, RX_BAD_MAC1);
		return false;
	case SNAPTUN_COOKIE_DEMAND:
		demand_cookie(socket, tunnel, entry, now);
		return false;
	case SNAPTUN_COOKIE_FINE:
		break;
	case SNAPTUN_COOKIE_PROVEN:
		if (within_budget(snap, tunnel, &entry->path, true, now))
			break;
		snaptun_drop(snap, RX_RATE_LIMITED);
		return false;
	}
	return true;
}

/*
 * Is an initiation or response to be computed? Cookie replies need no X25519 and are
 * done with here. The device's lock is held.
 */
static bool begin(struct snaptun_device *snap,
		  const struct snaptun_handshake_entry *entry)
{
	struct snaptun_tunnel *tunnel;
	struct snaptun_socket *socket;
	u64 now = snaptun_now();

	if (!is_ready(snap)) {
		snaptun_drop(snap, RX_DOWN);
		return false;
	}
	if (entry->message.type == SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_COOKIE)) {
		receive_cookie(snap, entry, now);
		return false;
	}
	tunnel = snaptun_tunnel_by_remote(snap, &entry->path);
	socket = socket_of(snap, tunnel, &entry->path);
	if (!socket) {
		snaptun_drop(snap, RX_WRONG_SOURCE);
		return false;
	}
	if (tunnel && (tunnel->closed || tunnel->held)) {
		snaptun_drop(snap, RX_DOWN);
		return false;
	}
	return admit(snap, socket, tunnel, entry, now);
}

static void receive(struct snaptun_device *snap,
		    const struct snaptun_handshake_entry *entry)
{
	struct snaptun_noise_static own;
	bool go_on;

	mutex_lock(&snap->lock);
	go_on = begin(snap, entry);
	own = snap->own;
	mutex_unlock(&snap->lock);
	if (go_on && entry->message.type ==
			     SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_INITIATION))
		receive_initiation(snap, entry, &own);
	else if (go_on)
		receive_response(snap, entry, &own);
	memzero_explicit(&own, sizeof(own));
}

static bool dequeue(struct snaptun_handshake_queue *queue,
		    struct snaptun_handshake_entry *entry)
{
	bool any;

	spin_lock_bh(&queue->lock);
	any = queue->count;
	if (any) {
		*entry = queue->entries[queue->head];
		queue->head = (queue->head + 1) % SNAPTUN_HANDSHAKE_QUEUE;
		queue->count--;
	}
	spin_unlock_bh(&queue->lock);
	return any;
}

static void process_queue(struct work_struct *work)
{
	struct snaptun_handshake_worker *worker =
		container_of(work, struct snaptun_handshake_worker, work);
	struct snaptun_device *snap = worker->snap;
	struct snaptun_handshake_entry entry;
	unsigned int i;

	/* Not under a lock that rtnl waits for. */
	wait_for_random_bytes();
	for (i = 0; i < SNAPTUN_HANDSHAKE_QUEUE; i++) {
		if (!dequeue(&snap->queue, &entry))
			return;
		receive(snap, &entry);
		cond_resched();
	}
	/* A flush of the workqueue must come to its end in a flood, too. */
	queue_work(snaptun_handshake_workqueue, work);
}

/**
 * snaptun_handshake_enqueue() - have a message processed
 * @snap: the device
 * @entry: the message; copied
 *
 * Context: bottom halves disabled.
 *
 * Return: false where the queue is full.
 */
bool snaptun_handshake_enqueue(struct snaptun_device *snap,
			       const struct snaptun_handshake_entry *entry)
{
	struct snaptun_handshake_queue *queue = &snap->queue;
	unsigned int next;
	bool room;

	spin_lock(&queue->lock);
	room = queue->count < SNAPTUN_HANDSHAKE_QUEUE;
	if (room) {
		queue->entries[(queue->head + queue->count) %
			       SNAPTUN_HANDSHAKE_QUEUE] = *entry;
		queue->count++;
	}
	next = ++queue->next % num_online_cpus();
	spin_unlock(&queue->lock);
	/* A worker takes all that it finds; each message wakes one more of them. */
	if (room)
		queue_work(snaptun_handshake_workqueue,
			   &queue->workers[next].work);
	return room;
}

/**
 * snaptun_handshake_queue_init() - make a device's queue
 * @snap: the device
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_handshake_queue_init(struct snaptun_device *snap)
{
	struct snaptun_handshake_queue *queue = &snap->queue;
	unsigned int i;

	spin_lock_init(&queue->lock);
	queue->workers = kcalloc(nr_cpu_ids, sizeof(*queue->workers),
				 GFP_KERNEL_ACCOUNT);
	queue->entries = kvcalloc(SNAPTUN_HANDSHAKE_QUEUE,
				  sizeof(*queue->entries), GFP_KERNEL_ACCOUNT);
	if (!queue->workers || !queue->entries) {
		kfree(queue->workers);
		kvfree(queue->entries);
		return -ENOMEM;
	}
	for (i = 0; i < nr_cpu_ids; i++) {
		queue->workers[i].snap = snap;
		INIT_WORK(&queue->workers[i].work, process_queue);
	}
	return 0;
}

/**
 * snaptun_handshake_queue_destroy() - drop what waits, and the queue
 * @snap: the device, whose sockets are closed and no longer used
 *
 * Context: process; the device's lock is not held.
 */
void snaptun_handshake_queue_destroy(struct snaptun_device *snap)
{
	struct snaptun_handshake_queue *queue = &snap->queue;
	unsigned int i;

	for (i = 0; i < nr_cpu_ids; i++)
		cancel_work_sync(&queue->workers[i].work);
	kfree(queue->workers);
	kvfree(queue->entries);
	queue->workers = NULL;
	queue->entries = NULL;
}
