// SPDX-License-Identifier: GPL-2.0
/*
 * The Noise IKpsk2 handshake. Knows no device, takes no lock and does no I/O:
 * what it is given decides alone what comes out, so test vectors reach all of
 * it. Section numbers are those of the WireGuard paper; Documentation/protocol.rst
 * tells where SNAPtun differs.
 *
 * X25519 is too slow for softirq: but for those functions that say otherwise, all of
 * this is for process context. Callers bring entropy and time.
 */

#include "noise.h"
#include "compat.h"

#include <crypto/chacha20poly1305.h>
#include <crypto/curve25519.h>
#include <linux/string.h>

static const u8 construction[] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
static const u8 identifier[] = "WireGuard v1 zx2c4 Jason@zx2c4.com";

/* Chaining key and hash that every handshake begins with (5.4.2). */
static u8 initial_chaining_key[SNAPTUN_HASH_SIZE] __ro_after_init;
static u8 initial_hash[SNAPTUN_HASH_SIZE] __ro_after_init;

/* hash = HASH(hash || data) */
static void mix_hash(u8 hash[SNAPTUN_HASH_SIZE], const void *data, size_t len)
{
	struct snaptun_blake2s_state blake;

	blake2s_init(&blake, SNAPTUN_HASH_SIZE);
	blake2s_update(&blake, hash, SNAPTUN_HASH_SIZE);
	blake2s_update(&blake, data, len);
	blake2s_final(&blake, hash);
}

/* HMAC (RFC 2104) over BLAKE2s; keys here are never longer than a hash. */
static void hmac(u8 out[SNAPTUN_HASH_SIZE], const u8 key[SNAPTUN_HASH_SIZE],
		 const void *in, size_t len, const void *more, size_t more_len)
{
	u8 pad[BLAKE2S_BLOCK_SIZE] __aligned(__alignof__(u32));
	struct snaptun_blake2s_state blake;
	u8 inner[SNAPTUN_HASH_SIZE];
	size_t i;

	memset(pad, 0x36, sizeof(pad));
	for (i = 0; i < SNAPTUN_HASH_SIZE; i++)
		pad[i] ^= key[i];
	blake2s_init(&blake, SNAPTUN_HASH_SIZE);
	blake2s_update(&blake, pad, sizeof(pad));
	blake2s_update(&blake, in, len);
	blake2s_update(&blake, more, more_len);
	blake2s_final(&blake, inner);

	for (i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	blake2s_init(&blake, SNAPTUN_HASH_SIZE);
	blake2s_update(&blake, pad, sizeof(pad));
	blake2s_update(&blake, inner, sizeof(inner));
	blake2s_final(&blake, out);

	memzero_explicit(pad, sizeof(pad));
	memzero_explicit(inner, sizeof(inner));
}

/*
 * KDFn: HKDF over HMAC-BLAKE2s. Output i is HMAC(secret, output i-1 || i). The
 * outputs may overlay @chaining_key.
 */
static void kdf(u8 *const outputs[], size_t n,
		const u8 chaining_key[SNAPTUN_HASH_SIZE],
		const void *in, size_t len)
{
	u8 secret[SNAPTUN_HASH_SIZE], output[SNAPTUN_HASH_SIZE];
	u8 i;

	hmac(secret, chaining_key, in, len, NULL, 0);
	for (i = 1; i <= n; i++) {
		hmac(output, secret, output, i > 1 ? sizeof(output) : 0, &i, 1);
		memcpy(outputs[i - 1], output, sizeof(output));
	}
	memzero_explicit(secret, sizeof(secret));
	memzero_explicit(output, sizeof(output));
}

static void mix_key(u8 chaining_key[SNAPTUN_HASH_SIZE],
		    const u8 in[SNAPTUN_KEY_SIZE])
{
	u8 *const outputs[] = { chaining_key };

	kdf(outputs, ARRAY_SIZE(outputs), chaining_key, in, SNAPTUN_KEY_SIZE);
}

static void mix_key_and_derive(u8 chaining_key[SNAPTUN_HASH_SIZE],
			       u8 key[SNAPTUN_KEY_SIZE],
			       const u8 in[SNAPTUN_KEY_SIZE])
{
	u8 *const outputs[] = { chaining_key, key };

	kdf(outputs, ARRAY_SIZE(outputs), chaining_key, in, SNAPTUN_KEY_SIZE);
}

static void mix_psk(struct snaptun_noise_handshake *hs,
		    u8 key[SNAPTUN_KEY_SIZE], const u8 psk[SNAPTUN_KEY_SIZE])
{
	u8 mixed[SNAPTUN_HASH_SIZE];
	u8 *const outputs[] = { hs->chaining_key, mixed, key };

	kdf(outputs, ARRAY_SIZE(outputs), hs->chaining_key, psk,
	    SNAPTUN_KEY_SIZE);
	mix_hash(hs->hash, mixed, sizeof(mixed));
	memzero_explicit(mixed, sizeof(mixed));
}

/*
 * Mix a secret that X25519 gave. False where it is all zero, as the other side's point
 * made it (RFC 7748, 6.1): it is no secret then.
 */
static bool mix_shared(u8 chaining_key[SNAPTUN_HASH_SIZE], u8 *key,
		       const u8 shared[SNAPTUN_KEY_SIZE])
{
	static const u8 zero[SNAPTUN_KEY_SIZE];

	if (!crypto_memneq(shared, zero, sizeof(zero)))
		return false;
	if (key)
		mix_key_and_derive(chaining_key, key, shared);
	else
		mix_key(chaining_key, shared);
	return true;
}

static bool mix_dh(u8 chaining_key[SNAPTUN_HASH_SIZE], u8 *key,
		   const u8 private_key[SNAPTUN_KEY_SIZE],
		   const u8 public_key[SNAPTUN_KEY_SIZE])
{
	u8 shared[SNAPTUN_KEY_SIZE];
	bool ok;

	ok = curve25519(shared, private_key, public_key) &&
	     mix_shared(chaining_key, key, shared);
	memzero_explicit(shared, sizeof(shared));
	return ok;
}

/* AEAD with counter 0, bound to the transcript, which the outcome joins. */
static void seal(struct snaptun_noise_handshake *hs, u8 *out, const u8 *in,
		 size_t len, const u8 key[SNAPTUN_KEY_SIZE])
{
	chacha20poly1305_encrypt(out, in, len, hs->hash, sizeof(hs->hash), 0,
				 key);
	mix_hash(hs->hash, out, len + SNAPTUN_TAG_SIZE);
}

static bool open(struct snaptun_noise_handshake *hs, u8 *out, const u8 *in,
		 size_t len, const u8 key[SNAPTUN_KEY_SIZE])
{
	if (!chacha20poly1305_decrypt(out, in, len, hs->hash, sizeof(hs->hash),
				      0, key))
		return false;
	mix_hash(hs->hash, in, len);
	return true;
}

/* A message's ephemeral key joins the transcript and the chaining key. */
static void mix_ephemeral(struct snaptun_noise_handshake *hs,
			  const u8 public_key[SNAPTUN_KEY_SIZE])
{
	mix_hash(hs->hash, public_key, SNAPTUN_KEY_SIZE);
	mix_key(hs->chaining_key, public_key);
}

static void begin(struct snaptun_noise_handshake *hs,
		  const u8 responder_public[SNAPTUN_KEY_SIZE])
{
	memcpy(hs->chaining_key, initial_chaining_key, SNAPTUN_HASH_SIZE);
	memcpy(hs->hash, initial_hash, SNAPTUN_HASH_SIZE);
	mix_hash(hs->hash, responder_public, SNAPTUN_KEY_SIZE);
}

/**
 * snaptun_noise_init() - compute what every handshake begins with
 *
 * Context: module init, before any other function of this file.
 */
void __init snaptun_noise_init(void)
{
	snaptun_blake2s(initial_chaining_key, SNAPTUN_HASH_SIZE, construction,
			sizeof(construction) - 1, NULL, 0);
	memcpy(initial_hash, initial_chaining_key, SNAPTUN_HASH_SIZE);
	mix_hash(initial_hash, identifier, sizeof(identifier) - 1);
}

/**
 * snaptun_noise_set_static() - make a key pair of a private key
 * @own: receives the clamped private key and its public half
 * @private_key: 32 random bytes
 *
 * Return: false where @private_key is all zero; @own is zero then.
 */
bool snaptun_noise_set_static(struct snaptun_noise_static *own,
			      const u8 private_key[SNAPTUN_KEY_SIZE])
{
	static const u8 zero[SNAPTUN_KEY_SIZE];

	memset(own, 0, sizeof(*own));
	if (!crypto_memneq(private_key, zero, sizeof(zero)))
		return false;
	memcpy(own->private, private_key, sizeof(own->private));
	curve25519_clamp_secret(own->private);
	if (curve25519_generate_public(own->public, own->private))
		return true;
	memzero_explicit(own, sizeof(*own));
	return false;
}

/**
 * snaptun_noise_is_low_order() - is a public key one that gives no secret?
 * @public_key: the key
 *
 * Of those the outcome is the same, zero, with every private key.
 *
 * Context: process.
 */
bool snaptun_noise_is_low_order(const u8 public_key[SNAPTUN_KEY_SIZE])
{
	u8 outcome[SNAPTUN_KEY_SIZE], any[SNAPTUN_KEY_SIZE] = { 1 };

	curve25519_clamp_secret(any);
	return !curve25519(outcome, any, public_key);
}

/**
 * snaptun_noise_set_peer() - note the other side's static key
 * @peer: receives the key and the static-static secret; its psk stays
 * @own: this side's key pair
 * @public_key: the other side's static public key
 *
 * Return: false where @public_key is of low order: no handshake can be made
 * with it.
 */
bool snaptun_noise_set_peer(struct snaptun_noise_peer *peer,
			    const struct snaptun_noise_static *own,
			    const u8 public_key[SNAPTUN_KEY_SIZE])
{
	memcpy(peer->public, public_key, sizeof(peer->public));
	if (curve25519(peer->static_static, own->private, public_key))
		return true;
	memset(peer->static_static, 0, sizeof(peer->static_static));
	return false;
}

/**
 * snaptun_noise_prepare() - compute all of a message that takes long
 * @prepared: receives an ephemeral key pair and the secrets that it shares; the caller
 *	wipes it
 * @ephemeral: 32 random bytes, used for nothing else
 * @static_public: the other side's static key
 * @ephemeral_public: its ephemeral key, for a response; NULL for an initiation
 *
 * What this side's static key and the transcript have to do with a message is little
 * work, and left to the function that writes it: the caller may hold a lock there.
 */
void snaptun_noise_prepare(struct snaptun_noise_prepared *prepared,
			   const u8 ephemeral[SNAPTUN_KEY_SIZE],
			   const u8 static_public[SNAPTUN_KEY_SIZE],
			   const u8 *ephemeral_public)
{
	memset(prepared, 0, sizeof(*prepared));
	memcpy(prepared->private, ephemeral, sizeof(prepared->private));
	curve25519_clamp_secret(prepared->private);
	/* Where there is no secret, all of it is zero, and no message can be written. */
	if (!curve25519_generate_public(prepared->public, prepared->private) ||
	    !curve25519(prepared->with_static, prepared->private, static_public) ||
	    (ephemeral_public && !curve25519(prepared->with_ephemeral,
					     prepared->private, ephemeral_public)))
		memzero_explicit(prepared, sizeof(*prepared));
}

/**
 * snaptun_noise_create_initiation() - write the first message (5.4.2)
 * @hs: receives the handshake's state
 * @msg: receives the message, all but its MACs
 * @own: initiator's key pair
 * @peer: the responder
 * @prepared: from snaptun_noise_prepare(), for @peer's static key
 * @timestamp: TAI64N, newer than in any initiation before
 * @sender: index by which the responder is to name the session
 *
 * Context: any; no X25519.
 *
 * Return: false where a key of @peer has no use; @hs is wiped then.
 */
bool snaptun_noise_create_initiation(struct snaptun_noise_handshake *hs,
				     struct snaptun_msg_initiation *msg,
				     const struct snaptun_noise_static *own,
				     const struct snaptun_noise_peer *peer,
				     const struct snaptun_noise_prepared *prepared,
				     const u8 timestamp[SNAPTUN_TIMESTAMP_SIZE],
				     __le32 sender)
{
	u8 key[SNAPTUN_KEY_SIZE];
	bool ok = false;

	msg->type = SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_INITIATION);
	msg->sender = sender;
	begin(hs, peer->public);

	memset(hs->remote_ephemeral, 0, sizeof(hs->remote_ephemeral));
	memcpy(hs->ephemeral_private, prepared->private, SNAPTUN_KEY_SIZE);
	memcpy(msg->ephemeral, prepared->public, sizeof(msg->ephemeral));
	mix_ephemeral(hs, msg->ephemeral);

	if (!mix_shared(hs->chaining_key, key, prepared->with_static))
		goto out;
	seal(hs, msg->sealed_static, own->public, sizeof(own->public), key);

	if (!mix_shared(hs->chaining_key, key, peer->static_static))
		goto out;
	seal(hs, msg->sealed_timestamp, timestamp, SNAPTUN_TIMESTAMP_SIZE, key);
	ok = true;
out:
	memzero_explicit(key, sizeof(key));
	if (!ok)
		memzero_explicit(hs, sizeof(*hs));
	return ok;
}

/**
 * snaptun_noise_read_initiation_static() - read who sends an initiation
 * @hs: receives the handshake's state so far
 * @msg: the message; its MACs were checked
 * @own: responder's key pair
 * @public_key: receives the initiator's static public key
 *
 * The key is a claim until snaptun_noise_read_initiation_timestamp() agreed.
 *
 * Return: false where the message is not for this responder or was changed;
 * @hs is wiped then.
 */
bool snaptun_noise_read_initiation_static(struct snaptun_noise_handshake *hs,
					  const struct snaptun_msg_initiation *msg,
					  const struct snaptun_noise_static *own,
					  u8 public_key[SNAPTUN_KEY_SIZE])
{
	u8 key[SNAPTUN_KEY_SIZE];
	bool ok;

	memset(hs, 0, sizeof(*hs));
	begin(hs, own->public);
	memcpy(hs->remote_ephemeral, msg->ephemeral, SNAPTUN_KEY_SIZE);
	mix_ephemeral(hs, msg->ephemeral);
	ok = mix_dh(hs->chaining_key, key, own->private, msg->ephemeral) &&
	     open(hs, public_key, msg->sealed_static,
		  sizeof(msg->sealed_static), key);
	memzero_explicit(key, sizeof(key));
	if (!ok)
		memzero_explicit(hs, sizeof(*hs));
	return ok;
}

/**
 * snaptun_noise_read_initiation_timestamp() - prove the initiator, read its clock
 * @hs: state that snaptun_noise_read_initiation_static() left
 * @msg: the same message
 * @peer: the initiator, found by the key that was read
 * @timestamp: receives the initiator's TAI64N
 *
 * Return: false where the sender does not own @peer's key; @hs is wiped then.
 */
bool snaptun_noise_read_initiation_timestamp(struct snaptun_noise_handshake *hs,
					     const struct snaptun_msg_initiation *msg,
					     const struct snaptun_noise_peer *peer,
					     u8 timestamp[SNAPTUN_TIMESTAMP_SIZE])
{
	u8 key[SNAPTUN_KEY_SIZE];
	bool ok;

	ok = mix_shared(hs->chaining_key, key, peer->static_static) &&
	     open(hs, timestamp, msg->sealed_timestamp,
		  sizeof(msg->sealed_timestamp), key);
	memzero_explicit(key, sizeof(key));
	if (!ok)
		memzero_explicit(hs, sizeof(*hs));
	return ok;
}

/**
 * snaptun_noise_create_response() - write the second message (5.4.3)
 * @hs: the handshake after the initiation was read
 * @msg: receives the message, all but its MACs
 * @peer: the initiator
 * @prepared: from snaptun_noise_prepare(), for @peer's static key and the initiation's
 *	ephemeral key
 * @observed: the initiator's socket address as seen here
 * @sender: index by which the initiator is to name the session
 * @receiver: index that the initiator chose
 *
 * Context: any; no X25519.
 *
 * Return: false where the initiator's keys have no use; @hs is wiped then.
 */
bool snaptun_noise_create_response(struct snaptun_noise_handshake *hs,
				   struct snaptun_msg_response *msg,
				   const struct snaptun_noise_peer *peer,
				   const struct snaptun_noise_prepared *prepared,
				   const u8 observed[SNAPTUN_OBSERVED_SIZE],
				   __le32 sender, __le32 receiver)
{
	u8 key[SNAPTUN_KEY_SIZE];
	bool ok = false;

	msg->type = SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_RESPONSE);
	msg->sender = sender;
	msg->receiver = receiver;

	memcpy(msg->ephemeral, prepared->public, sizeof(msg->ephemeral));
	mix_ephemeral(hs, msg->ephemeral);

	if (!mix_shared(hs->chaining_key, NULL, prepared->with_ephemeral) ||
	    !mix_shared(hs->chaining_key, NULL, prepared->with_static))
		goto out;
	mix_psk(hs, key, peer->psk);
	seal(hs, msg->sealed_observed, observed, SNAPTUN_OBSERVED_SIZE, key);
	ok = true;
out:
	memzero_explicit(key, sizeof(key));
	if (!ok)
		memzero_explicit(hs, sizeof(*hs));
	return ok;
}

/**
 * snaptun_noise_read_response() - read the second message
 * @hs: the handshake after the initiation was sent
 * @msg: the message; its MACs were checked
 * @own: initiator's key pair
 * @peer: the responder
 * @observed: receives this side's address as the responder sees it
 *
 * A bad message leaves @hs as it was: the right one may still come.
 *
 * Return: false where the message is not authentic.
 */
bool snaptun_noise_read_response(struct snaptun_noise_handshake *hs,
				 const struct snaptun_msg_response *msg,
				 const struct snaptun_noise_static *own,
				 const struct snaptun_noise_peer *peer,
				 u8 observed[SNAPTUN_OBSERVED_SIZE])
{
	struct snaptun_noise_handshake next = *hs;
	u8 key[SNAPTUN_KEY_SIZE];
	bool ok = false;

	memcpy(next.remote_ephemeral, msg->ephemeral, SNAPTUN_KEY_SIZE);
	mix_ephemeral(&next, msg->ephemeral);
	if (!mix_dh(next.chaining_key, NULL, hs->ephemeral_private,
		    msg->ephemeral))
		goto out;
	if (!mix_dh(next.chaining_key, NULL, own->private, msg->ephemeral))
		goto out;
	mix_psk(&next, key, peer->psk);
	if (!open(&next, observed, msg->sealed_observed,
		  sizeof(msg->sealed_observed), key))
		goto out;
	*hs = next;
	ok = true;
out:
	memzero_explicit(&next, sizeof(next));
	memzero_explicit(key, sizeof(key));
	return ok;
}

/**
 * snaptun_noise_derive_keys() - end a handshake (5.4.5)
 * @hs: the handshake after its second message; wiped
 * @keys: receives the transport keys; the caller wipes them
 */
void snaptun_noise_derive_keys(struct snaptun_noise_handshake *hs,
			       struct snaptun_noise_keys *keys)
{
	u8 *const outputs[] = { keys->initiator_to_responder,
				keys->responder_to_initiator };

	kdf(outputs, ARRAY_SIZE(outputs), hs->chaining_key, NULL, 0);
	memzero_explicit(hs, sizeof(*hs));
}
