// SPDX-License-Identifier: GPL-2.0
/*
 * MACs and cookies (sections 5.3, 5.4.4 and 5.4.7 of the WireGuard paper). mac1
 * shows that the sender knows the receiver's public key; mac2 shows, with a
 * cookie that a loaded receiver made of the source address and a secret, that
 * the sender receives at its address.
 */

#include "cookie.h"

#include <crypto/chacha20poly1305.h>
#include <linux/random.h>

#include "compat.h"
#include "timers.h"

static const u8 label_mac1[] = "mac1----";
static const u8 label_cookie[] = "cookie--";

/* HASH(label || public key), section 5.4.4. */
static void key_of_label(u8 key[SNAPTUN_KEY_SIZE], const u8 *label,
			 const u8 public_key[SNAPTUN_KEY_SIZE])
{
	struct snaptun_blake2s_state blake;

	blake2s_init(&blake, SNAPTUN_KEY_SIZE);
	blake2s_update(&blake, label, sizeof(label_mac1) - 1);
	blake2s_update(&blake, public_key, SNAPTUN_KEY_SIZE);
	blake2s_final(&blake, key);
}

static const struct snaptun_macs *macs_of(const void *message, size_t len)
{
	return message + len - sizeof(struct snaptun_macs);
}

/* mac1 covers all of the message before it. */
static void compute_mac1(u8 mac[SNAPTUN_MAC_SIZE],
			 const struct snaptun_cookie_keys *keys,
			 const void *message, size_t len)
{
	snaptun_blake2s(mac, SNAPTUN_MAC_SIZE, message,
			len - sizeof(struct snaptun_macs), keys->mac1,
			sizeof(keys->mac1));
}

/* mac2 covers mac1 as well. */
static void compute_mac2(u8 mac[SNAPTUN_MAC_SIZE],
			 const u8 cookie[SNAPTUN_COOKIE_SIZE],
			 const void *message, size_t len)
{
	snaptun_blake2s(mac, SNAPTUN_MAC_SIZE, message, len - SNAPTUN_MAC_SIZE,
			cookie, SNAPTUN_COOKIE_SIZE);
}

/**
 * snaptun_cookie_keys_set() - derive the keys of the MACs
 * @keys: receives them
 * @public_key: static public key of the side that receives the messages
 */
void snaptun_cookie_keys_set(struct snaptun_cookie_keys *keys,
			     const u8 public_key[SNAPTUN_KEY_SIZE])
{
	key_of_label(keys->mac1, label_mac1, public_key);
	key_of_label(keys->cookie, label_cookie, public_key);
}

/**
 * snaptun_cookie_mac1_valid() - does a sender know our public key?
 * @keys: of this side's public key
 * @message: a handshake initiation or response
 * @len: its bytes
 *
 * Costs one hash.
 *
 * Context: any.
 */
bool snaptun_cookie_mac1_valid(const struct snaptun_cookie_keys *keys,
			       const void *message, size_t len)
{
	u8 mac[SNAPTUN_MAC_SIZE];

	compute_mac1(mac, keys, message, len);
	return !crypto_memneq(mac, macs_of(message, len)->mac1, sizeof(mac));
}

/**
 * snaptun_cookie_checker_init() - begin to judge messages
 * @checker: the checker
 * @public_key: this side's static public key
 */
void snaptun_cookie_checker_init(struct snaptun_cookie_checker *checker,
				 const u8 public_key[SNAPTUN_KEY_SIZE])
{
	snaptun_cookie_keys_set(&checker->keys, public_key);
	memzero_explicit(checker->secret, sizeof(checker->secret));
	checker->secret_at = SNAPTUN_NEVER;
}

/* cookie = MAC(secret, source address and port) */
static void make_cookie(struct snaptun_cookie_checker *checker,
			u8 cookie[SNAPTUN_COOKIE_SIZE],
			const struct snaptun_address *source, u64 now)
{
	if (checker->secret_at == SNAPTUN_NEVER ||
	    now >= checker->secret_at + SNAPTUN_COOKIE_LIFETIME * NSEC_PER_SEC) {
		get_random_bytes(checker->secret, sizeof(checker->secret));
		checker->secret_at = now;
	}
	snaptun_blake2s(cookie, SNAPTUN_COOKIE_SIZE, (const u8 *)source,
			sizeof(*source), checker->secret,
			sizeof(checker->secret));
}

/**
 * snaptun_cookie_check() - judge a handshake message by its MACs
 * @checker: the checker
 * @message: a handshake initiation or response
 * @len: its bytes
 * @source: where it came from
 * @needs_proof: it is only processed with a cookie
 * @now: current time
 *
 * Where none is needed mac2 changes nothing.
 *
 * Context: process.
 */
enum snaptun_cookie_verdict
snaptun_cookie_check(struct snaptun_cookie_checker *checker,
		     const void *message, size_t len,
		     const struct snaptun_address *source, bool needs_proof,
		     u64 now)
{
	u8 cookie[SNAPTUN_COOKIE_SIZE], mac[SNAPTUN_MAC_SIZE];
	bool proven;

	if (!snaptun_cookie_mac1_valid(&checker->keys, message, len))
		return SNAPTUN_COOKIE_INVALID;
	if (!needs_proof)
		return SNAPTUN_COOKIE_FINE;
	make_cookie(checker, cookie, source, now);
	compute_mac2(mac, cookie, message, len);
	proven = !crypto_memneq(mac, macs_of(message, len)->mac2, sizeof(mac));
	memzero_explicit(cookie, sizeof(cookie));
	return proven ? SNAPTUN_COOKIE_PROVEN : SNAPTUN_COOKIE_DEMAND;
}

/**
 * snaptun_cookie_reply() - answer a message with a cookie
 * @checker: the checker
 * @reply: receives the answer
 * @message: the handshake message
 * @len: its bytes
 * @receiver: its sender index
 * @source: where it came from
 * @nonce: random, used for nothing else
 * @now: current time
 *
 * Context: process.
 */
void snaptun_cookie_reply(struct snaptun_cookie_checker *checker,
			  struct snaptun_msg_cookie *reply,
			  const void *message, size_t len, __le32 receiver,
			  const struct snaptun_address *source,
			  const u8 nonce[SNAPTUN_COOKIE_NONCE_SIZE], u64 now)
{
	u8 cookie[SNAPTUN_COOKIE_SIZE];

	reply->type = SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_COOKIE);
	reply->receiver = receiver;
	memcpy(reply->nonce, nonce, sizeof(reply->nonce));
	make_cookie(checker, cookie, source, now);
	xchacha20poly1305_encrypt(reply->sealed_cookie, cookie, sizeof(cookie),
				  macs_of(message, len)->mac1, SNAPTUN_MAC_SIZE,
				  nonce, checker->keys.cookie);
	memzero_explicit(cookie, sizeof(cookie));
}

/**
 * snaptun_cookie_jar_init() - begin to sign messages
 * @jar: the jar
 * @public_key: the other side's static public key
 */
void snaptun_cookie_jar_init(struct snaptun_cookie_jar *jar,
			     const u8 public_key[SNAPTUN_KEY_SIZE])
{
	memset(jar, 0, sizeof(*jar));
	snaptun_cookie_keys_set(&jar->keys, public_key);
	jar->cookie_at = SNAPTUN_NEVER;
}

/**
 * snaptun_cookie_sign() - put the MACs into a handshake message
 * @jar: the jar
 * @message: an initiation or response, complete but for them
 * @len: its bytes, MACs included
 * @now: current time
 *
 * mac2 is zero without a fresh cookie.
 */
void snaptun_cookie_sign(struct snaptun_cookie_jar *jar, void *message,
			 size_t len, u64 now)
{
	struct snaptun_macs *macs = message + len - sizeof(*macs);

	compute_mac1(macs->mac1, &jar->keys, message, len);
	memcpy(jar->last_mac1, macs->mac1, sizeof(jar->last_mac1));
	jar->awaits_reply = true;
	if (jar->cookie_at != SNAPTUN_NEVER &&
	    now < jar->cookie_at + SNAPTUN_COOKIE_LIFETIME * NSEC_PER_SEC) {
		compute_mac2(macs->mac2, jar->cookie, message, len);
	} else {
		memset(macs->mac2, 0, sizeof(macs->mac2));
		memzero_explicit(jar->cookie, sizeof(jar->cookie));
		jar->cookie_at = SNAPTUN_NEVER;
	}
}

/**
 * snaptun_cookie_read_reply() - take a cookie
 * @jar: the jar
 * @reply: a cookie reply
 * @now: current time
 *
 * Return: false where @reply does not answer the last message signed; @jar is
 * as before then.
 */
bool snaptun_cookie_read_reply(struct snaptun_cookie_jar *jar,
			       const struct snaptun_msg_cookie *reply, u64 now)
{
	u8 cookie[SNAPTUN_COOKIE_SIZE];
	bool ok;

	if (!jar->awaits_reply)
		return false;
	ok = xchacha20poly1305_decrypt(cookie, reply->sealed_cookie,
				       sizeof(reply->sealed_cookie),
				       jar->last_mac1, sizeof(jar->last_mac1),
				       reply->nonce, jar->keys.cookie);
	if (ok) {
		memcpy(jar->cookie, cookie, sizeof(jar->cookie));
		jar->cookie_at = now;
		jar->awaits_reply = false;
	}
	memzero_explicit(cookie, sizeof(cookie));
	return ok;
}

/**
 * snaptun_load_note() - a handshake message came
 * @load: the count
 * @rate: how many within one second are no load
 * @now: current time
 *
 * Return: true while more than @rate came within one second, and for a second
 * after.
 */
bool snaptun_load_note(struct snaptun_load *load, u32 rate, u64 now)
{
	if (now >= load->window_at + NSEC_PER_SEC) {
		load->window_at = now;
		load->count = 0;
	}
	if (++load->count > rate)
		load->loaded_until = now + NSEC_PER_SEC;
	return now < load->loaded_until;
}
