// SPDX-License-Identifier: GPL-2.0
/*
 * The Noise handshake: another implementation's bytes, and what must not pass.
 * Signed messages (the MACs) are test_cookie.c's business.
 */

#include <crypto/chacha20poly1305.h>
#include <linux/string.h>

#include "compat.h"
#include "noise.h"
#include "test.h"
#include "vectors.h"

/* Both sides of a handshake, and the messages between them. */
struct sides {
	struct snaptun_noise_static initiator;
	struct snaptun_noise_static responder;
	struct snaptun_noise_peer initiators_peer;
	struct snaptun_noise_peer responders_peer;
	struct snaptun_noise_handshake initiator_hs;
	struct snaptun_noise_handshake responder_hs;
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;
};

/*
 * Points whose order divides the cofactor, and the same numbers not reduced:
 * X25519 makes zero of each, whatever the private key.
 */
static const u8 low_order[][SNAPTUN_KEY_SIZE] = {
	{ 0x00 },
	{ 0x01 },
	{ 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae,
	  0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
	  0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd,
	  0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
	{ 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24,
	  0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
	  0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86,
	  0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
	{ 0xec, [1 ... 30] = 0xff, 0x7f },
	{ 0xed, [1 ... 30] = 0xff, 0x7f },
	{ 0xee, [1 ... 30] = 0xff, 0x7f },
};

static bool is_zero(const void *bytes, size_t len)
{
	return !memchr_inv(bytes, 0, len);
}

/* Keys of both sides; no message yet. */
static struct sides *new_sides(struct kunit *test,
			       const struct snaptun_handshake_vector *v)
{
	struct sides *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_TRUE(test, snaptun_noise_set_static(&s->initiator,
							 v->initiator_private));
	KUNIT_ASSERT_TRUE(test, snaptun_noise_set_static(&s->responder,
							 v->responder_private));
	KUNIT_ASSERT_TRUE(test, snaptun_noise_set_peer(&s->initiators_peer,
						       &s->initiator,
						       s->responder.public));
	KUNIT_ASSERT_TRUE(test, snaptun_noise_set_peer(&s->responders_peer,
						       &s->responder,
						       s->initiator.public));
	memcpy(s->initiators_peer.psk, v->psk, sizeof(v->psk));
	memcpy(s->responders_peer.psk, v->psk, sizeof(v->psk));
	return s;
}

static bool create_initiation(struct sides *s,
			      const struct snaptun_handshake_vector *v)
{
	struct snaptun_noise_prepared prepared;

	snaptun_noise_prepare(&prepared, v->initiator_ephemeral,
			      s->initiators_peer.public, NULL);
	return snaptun_noise_create_initiation(&s->initiator_hs, &s->initiation,
					       &s->initiator, &s->initiators_peer,
					       &prepared,
					       v->timestamp,
					       SNAPTUN_VECTOR_INITIATOR_INDEX);
}

/* All of the responder's reading; what was read is checked by those who care. */
static bool read_initiation(struct sides *s)
{
	u8 public_key[SNAPTUN_KEY_SIZE], timestamp[SNAPTUN_TIMESTAMP_SIZE];

	return snaptun_noise_read_initiation_static(&s->responder_hs,
						    &s->initiation,
						    &s->responder, public_key) &&
	       !memcmp(public_key, s->initiator.public, sizeof(public_key)) &&
	       snaptun_noise_read_initiation_timestamp(&s->responder_hs,
						       &s->initiation,
						       &s->responders_peer,
						       timestamp);
}

static bool create_response(struct sides *s,
			    const struct snaptun_handshake_vector *v)
{
	struct snaptun_noise_prepared prepared;

	snaptun_noise_prepare(&prepared, v->responder_ephemeral,
			      s->responders_peer.public,
			      s->responder_hs.remote_ephemeral);
	return snaptun_noise_create_response(&s->responder_hs, &s->response,
					     &s->responders_peer, &prepared,
					     v->observed,
					     SNAPTUN_VECTOR_RESPONDER_INDEX,
					     SNAPTUN_VECTOR_INITIATOR_INDEX);
}

static bool read_response(struct sides *s)
{
	u8 observed[SNAPTUN_OBSERVED_SIZE];

	return snaptun_noise_read_response(&s->initiator_hs, &s->response,
					   &s->initiator, &s->initiators_peer,
					   observed);
}

/* As new_sides(), and the initiation was written and read. */
static struct sides *after_initiation(struct kunit *test,
				      const struct snaptun_handshake_vector *v)
{
	struct sides *s = new_sides(test, v);

	KUNIT_ASSERT_TRUE(test, create_initiation(s, v));
	KUNIT_ASSERT_TRUE(test, read_initiation(s));
	return s;
}

/* As after_initiation(), and the response was written. */
static struct sides *after_response(struct kunit *test,
				    const struct snaptun_handshake_vector *v)
{
	struct sides *s = after_initiation(test, v);

	KUNIT_ASSERT_TRUE(test, create_response(s, v));
	return s;
}

static void describe(const struct snaptun_handshake_vector *v, char *to)
{
	strscpy(to, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(vector, snaptun_handshake_vectors, describe);

static void public_keys_are_the_vectors(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;
	struct sides *s = new_sides(test, v);

	KUNIT_EXPECT_MEMEQ(test, s->initiator.public, v->initiator_public,
			   SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, s->responder.public, v->responder_public,
			   SNAPTUN_KEY_SIZE);
}

static void initiation_is_the_vectors(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;
	struct sides *s = new_sides(test, v);

	KUNIT_ASSERT_TRUE(test, create_initiation(s, v));
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&s->initiation, v->initiation,
			   offsetof(struct snaptun_msg_initiation, macs));
	KUNIT_EXPECT_MEMEQ(test, s->initiator_hs.hash, v->hash,
			   SNAPTUN_HASH_SIZE);
	KUNIT_EXPECT_MEMEQ(test, s->initiator_hs.chaining_key, v->chaining_key,
			   SNAPTUN_HASH_SIZE);
}

static void initiation_of_the_vectors_is_read(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;
	const struct snaptun_msg_initiation *msg = (const void *)v->initiation;
	u8 public_key[SNAPTUN_KEY_SIZE], timestamp[SNAPTUN_TIMESTAMP_SIZE];
	struct sides *s = new_sides(test, v);

	KUNIT_ASSERT_TRUE(test,
			  snaptun_noise_read_initiation_static(&s->responder_hs,
							       msg, &s->responder,
							       public_key));
	KUNIT_EXPECT_MEMEQ(test, public_key, v->initiator_public,
			   SNAPTUN_KEY_SIZE);
	KUNIT_ASSERT_TRUE(test,
			  snaptun_noise_read_initiation_timestamp(&s->responder_hs,
								  msg,
								  &s->responders_peer,
								  timestamp));
	KUNIT_EXPECT_MEMEQ(test, timestamp, v->timestamp, SNAPTUN_TIMESTAMP_SIZE);
	KUNIT_EXPECT_MEMEQ(test, s->responder_hs.hash, v->hash,
			   SNAPTUN_HASH_SIZE);
	KUNIT_EXPECT_MEMEQ(test, s->responder_hs.chaining_key, v->chaining_key,
			   SNAPTUN_HASH_SIZE);
}

static void response_is_the_vectors(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;
	struct sides *s = after_response(test, v);

	KUNIT_EXPECT_MEMEQ(test, (u8 *)&s->response, v->response,
			   offsetof(struct snaptun_msg_response, macs));
}

static void response_of_the_vectors_is_read(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;
	struct sides *s = after_initiation(test, v);
	u8 observed[SNAPTUN_OBSERVED_SIZE];

	KUNIT_ASSERT_TRUE(test,
			  snaptun_noise_read_response(&s->initiator_hs,
						      (const void *)v->response,
						      &s->initiator,
						      &s->initiators_peer,
						      observed));
	KUNIT_EXPECT_MEMEQ(test, observed, v->observed, SNAPTUN_OBSERVED_SIZE);
}

static void keys_are_the_vectors_on_both_sides(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;
	struct sides *s = after_response(test, v);
	struct snaptun_noise_keys keys;

	KUNIT_ASSERT_TRUE(test, read_response(s));
	snaptun_noise_derive_keys(&s->initiator_hs, &keys);
	KUNIT_EXPECT_MEMEQ(test, keys.initiator_to_responder,
			   v->initiator_to_responder, SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, keys.responder_to_initiator,
			   v->responder_to_initiator, SNAPTUN_KEY_SIZE);
	snaptun_noise_derive_keys(&s->responder_hs, &keys);
	KUNIT_EXPECT_MEMEQ(test, keys.initiator_to_responder,
			   v->initiator_to_responder, SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, keys.responder_to_initiator,
			   v->responder_to_initiator, SNAPTUN_KEY_SIZE);
}

/*
 * Type, index and MACs are mac1's to protect. All between them is bound by the
 * transcript.
 */
static void every_flip_in_an_initiations_keys_is_rejected(struct kunit *test)
{
	const unsigned int begin =
		8 * offsetof(struct snaptun_msg_initiation, ephemeral);
	const unsigned int end = 8 * offsetof(struct snaptun_msg_initiation, macs);
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[1];
	struct sides *s = after_initiation(test, v);
	unsigned int bit;

	for (bit = begin; bit < end; bit++) {
		snaptun_flip(&s->initiation, bit);
		KUNIT_EXPECT_FALSE_MSG(test, read_initiation(s), "bit %u", bit);
		KUNIT_EXPECT_TRUE_MSG(test, is_zero(&s->responder_hs,
						    sizeof(s->responder_hs)),
				      "secrets stay after bit %u", bit);
		snaptun_flip(&s->initiation, bit);
	}
	KUNIT_EXPECT_TRUE(test, read_initiation(s));
}

static void every_flip_in_a_responses_keys_is_rejected(struct kunit *test)
{
	const unsigned int begin =
		8 * offsetof(struct snaptun_msg_response, ephemeral);
	const unsigned int end = 8 * offsetof(struct snaptun_msg_response, macs);
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[1];
	struct sides *s = after_response(test, v);
	struct snaptun_noise_handshake before = s->initiator_hs;
	unsigned int bit;

	for (bit = begin; bit < end; bit++) {
		snaptun_flip(&s->response, bit);
		KUNIT_EXPECT_FALSE_MSG(test, read_response(s), "bit %u", bit);
		/* The right response may still come. */
		KUNIT_EXPECT_MEMEQ(test, &s->initiator_hs, &before,
				   sizeof(before));
		snaptun_flip(&s->response, bit);
	}
	KUNIT_EXPECT_TRUE(test, read_response(s));
}

static void another_responders_initiation_is_rejected(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[0];
	struct sides *s = after_initiation(test, v);

	s->responder = s->initiator;
	KUNIT_EXPECT_FALSE(test, read_initiation(s));
}

/* Anybody can name a static key; only its owner can seal the timestamp. */
static void claim_of_anothers_static_key_is_rejected(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[0];
	struct sides *s = new_sides(test, v);
	u8 public_key[SNAPTUN_KEY_SIZE], timestamp[SNAPTUN_TIMESTAMP_SIZE];
	struct snaptun_noise_static liar = s->initiator;

	/* The liar has the victim's public key, but not its private one. */
	liar.private[0] ^= 0x08;
	KUNIT_ASSERT_TRUE(test, snaptun_noise_set_peer(&s->initiators_peer, &liar,
						       s->responder.public));
	KUNIT_ASSERT_TRUE(test, create_initiation(s, v));
	KUNIT_ASSERT_TRUE(test,
			  snaptun_noise_read_initiation_static(&s->responder_hs,
							       &s->initiation,
							       &s->responder,
							       public_key));
	KUNIT_EXPECT_MEMEQ(test, public_key, s->initiator.public,
			   SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_FALSE(test,
			   snaptun_noise_read_initiation_timestamp(&s->responder_hs,
								   &s->initiation,
								   &s->responders_peer,
								   timestamp));
	KUNIT_EXPECT_TRUE(test,
			  is_zero(&s->responder_hs, sizeof(s->responder_hs)));
}

static void different_pre_shared_keys_do_not_meet(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[1];
	struct sides *s = after_response(test, v);

	s->initiators_peer.psk[SNAPTUN_KEY_SIZE - 1] ^= 1;
	KUNIT_EXPECT_FALSE(test, read_response(s));
	s->initiators_peer.psk[SNAPTUN_KEY_SIZE - 1] ^= 1;
	KUNIT_EXPECT_TRUE(test, read_response(s));
}

static void response_to_another_initiation_is_rejected(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[0];
	struct snaptun_handshake_vector *other;
	struct sides *s = after_response(test, v);

	other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, other);
	*other = *v;
	other->initiator_ephemeral[8] ^= 1;
	KUNIT_ASSERT_TRUE(test, create_initiation(s, other));
	KUNIT_EXPECT_FALSE(test, read_response(s));
}

/* Each of them with either value of the bit that X25519 ignores. */
static void with_low_order_points(struct kunit *test,
				  void (*check)(struct kunit *test,
						const u8 point[SNAPTUN_KEY_SIZE]))
{
	u8 point[SNAPTUN_KEY_SIZE];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(low_order); i++) {
		memcpy(point, low_order[i], sizeof(point));
		check(test, point);
		point[SNAPTUN_KEY_SIZE - 1] |= 0x80;
		check(test, point);
	}
}

static void check_static(struct kunit *test, const u8 point[SNAPTUN_KEY_SIZE])
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[0];
	struct sides *s = new_sides(test, v);

	KUNIT_EXPECT_TRUE(test, snaptun_noise_is_low_order(point));
	KUNIT_EXPECT_FALSE(test, snaptun_noise_is_low_order(s->responder.public));
	KUNIT_EXPECT_FALSE(test, snaptun_noise_set_peer(&s->initiators_peer,
							&s->initiator, point));
	KUNIT_EXPECT_FALSE(test, create_initiation(s, v));
	KUNIT_EXPECT_TRUE(test,
			  is_zero(&s->initiator_hs, sizeof(s->initiator_hs)));
}

static void low_order_static_key_makes_no_handshake(struct kunit *test)
{
	with_low_order_points(test, check_static);
}

static void check_initiation(struct kunit *test,
			     const u8 point[SNAPTUN_KEY_SIZE])
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[0];
	struct sides *s = after_initiation(test, v);

	/* A secret that the initiation brings must not come from such a point. */
	memcpy(s->responder_hs.remote_ephemeral, point, SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_FALSE(test, create_response(s, v));
	KUNIT_EXPECT_TRUE(test,
			  is_zero(&s->responder_hs, sizeof(s->responder_hs)));

	memcpy(s->initiation.ephemeral, point, SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_FALSE(test, read_initiation(s));
	KUNIT_EXPECT_TRUE(test,
			  is_zero(&s->responder_hs, sizeof(s->responder_hs)));
}

static void low_order_initiator_ephemeral_is_rejected(struct kunit *test)
{
	with_low_order_points(test, check_initiation);
}

static void check_response(struct kunit *test, const u8 point[SNAPTUN_KEY_SIZE])
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[0];
	struct sides *s = after_response(test, v);

	memcpy(s->response.ephemeral, point, SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_FALSE(test, read_response(s));
}

static void low_order_responder_ephemeral_is_rejected(struct kunit *test)
{
	with_low_order_points(test, check_response);
}

/* HMAC (RFC 2104) over BLAKE2s. */
static void hmac(u8 out[SNAPTUN_HASH_SIZE], const u8 key[SNAPTUN_HASH_SIZE],
		 const u8 *in, size_t len)
{
	u8 inner[BLAKE2S_BLOCK_SIZE + SNAPTUN_HASH_SIZE + 1];
	u8 outer[BLAKE2S_BLOCK_SIZE + SNAPTUN_HASH_SIZE];
	size_t i;

	for (i = 0; i < BLAKE2S_BLOCK_SIZE; i++) {
		u8 byte = i < SNAPTUN_HASH_SIZE ? key[i] : 0;

		inner[i] = byte ^ 0x36;
		outer[i] = byte ^ 0x5c;
	}
	memcpy(inner + BLAKE2S_BLOCK_SIZE, in, len);
	snaptun_blake2s(outer + BLAKE2S_BLOCK_SIZE, SNAPTUN_HASH_SIZE, inner,
			BLAKE2S_BLOCK_SIZE + len, NULL, 0);
	snaptun_blake2s(out, SNAPTUN_HASH_SIZE, outer, sizeof(outer), NULL, 0);
}

/*
 * Seal the timestamp of @s->initiation with a static-static secret of the
 * sender's choice, as anybody can who brought the ephemeral key.
 */
static void forge_timestamp(struct sides *s, const u8 secret[SNAPTUN_KEY_SIZE],
			    const u8 timestamp[SNAPTUN_TIMESTAMP_SIZE])
{
	u8 prk[SNAPTUN_HASH_SIZE], output[SNAPTUN_HASH_SIZE + 1];

	hmac(prk, s->responder_hs.chaining_key, secret, SNAPTUN_KEY_SIZE);
	output[0] = 1;
	hmac(output, prk, output, 1);
	output[SNAPTUN_HASH_SIZE] = 2;
	hmac(output, prk, output, sizeof(output));
	chacha20poly1305_encrypt(s->initiation.sealed_timestamp, timestamp,
				 SNAPTUN_TIMESTAMP_SIZE, s->responder_hs.hash,
				 SNAPTUN_HASH_SIZE, 0, output);
}

/*
 * A static key of low order makes a secret that everybody knows, so a tag under
 * it proves nothing.
 */
static void timestamp_under_a_secret_of_zero_is_rejected(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[0];
	struct sides *s = new_sides(test, v);
	u8 public_key[SNAPTUN_KEY_SIZE], timestamp[SNAPTUN_TIMESTAMP_SIZE];
	struct snaptun_noise_peer *peer = &s->responders_peer;
	unsigned int zero;

	KUNIT_ASSERT_TRUE(test, create_initiation(s, v));
	for (zero = 0; zero < 2; zero++) {
		if (zero)
			memset(peer->static_static, 0, SNAPTUN_KEY_SIZE);
		KUNIT_ASSERT_TRUE(test,
				  snaptun_noise_read_initiation_static(&s->responder_hs,
								       &s->initiation,
								       &s->responder,
								       public_key));
		memset(s->initiation.sealed_timestamp, 0,
		       sizeof(s->initiation.sealed_timestamp));
		forge_timestamp(s, peer->static_static, v->timestamp);
		KUNIT_EXPECT_EQ(test, !zero,
				snaptun_noise_read_initiation_timestamp(&s->responder_hs,
									&s->initiation,
									peer,
									timestamp));
	}
}

static void private_key_of_zero_is_no_key(struct kunit *test)
{
	static const u8 zero[SNAPTUN_KEY_SIZE];
	struct snaptun_noise_static own;

	memset(&own, 0xff, sizeof(own));
	KUNIT_EXPECT_FALSE(test, snaptun_noise_set_static(&own, zero));
	KUNIT_EXPECT_TRUE(test, is_zero(&own, sizeof(own)));
}

/* RFC 7748, section 5: the bits that X25519 fixes in every private key. */
static void private_key_is_clamped(struct kunit *test)
{
	struct snaptun_noise_static own;
	u8 private_key[SNAPTUN_KEY_SIZE];

	memset(private_key, 0xff, sizeof(private_key));
	KUNIT_ASSERT_TRUE(test, snaptun_noise_set_static(&own, private_key));
	KUNIT_EXPECT_EQ(test, own.private[0], 0xf8);
	KUNIT_EXPECT_EQ(test, own.private[SNAPTUN_KEY_SIZE - 1], 0x7f);
}

static void nothing_secret_stays_after_the_keys(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[1];
	struct sides *s = after_response(test, v);
	struct snaptun_noise_keys keys;

	KUNIT_ASSERT_TRUE(test, read_response(s));
	KUNIT_ASSERT_FALSE(test,
			   is_zero(&s->initiator_hs, sizeof(s->initiator_hs)));
	snaptun_noise_derive_keys(&s->initiator_hs, &keys);
	KUNIT_EXPECT_TRUE(test,
			  is_zero(&s->initiator_hs, sizeof(s->initiator_hs)));
	snaptun_noise_derive_keys(&s->responder_hs, &keys);
	KUNIT_EXPECT_TRUE(test,
			  is_zero(&s->responder_hs, sizeof(s->responder_hs)));
}

/* A responder's ephemeral key is used up at once; the structure never has it. */
static void responder_keeps_no_ephemeral_key(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = &snaptun_handshake_vectors[0];
	struct sides *s = after_response(test, v);

	KUNIT_EXPECT_TRUE(test, is_zero(s->responder_hs.ephemeral_private,
					SNAPTUN_KEY_SIZE));
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(public_keys_are_the_vectors, vector_gen_params),
	KUNIT_CASE_PARAM(initiation_is_the_vectors, vector_gen_params),
	KUNIT_CASE_PARAM(initiation_of_the_vectors_is_read, vector_gen_params),
	KUNIT_CASE_PARAM(response_is_the_vectors, vector_gen_params),
	KUNIT_CASE_PARAM(response_of_the_vectors_is_read, vector_gen_params),
	KUNIT_CASE_PARAM(keys_are_the_vectors_on_both_sides, vector_gen_params),
	KUNIT_CASE(every_flip_in_an_initiations_keys_is_rejected),
	KUNIT_CASE(every_flip_in_a_responses_keys_is_rejected),
	KUNIT_CASE(another_responders_initiation_is_rejected),
	KUNIT_CASE(claim_of_anothers_static_key_is_rejected),
	KUNIT_CASE(different_pre_shared_keys_do_not_meet),
	KUNIT_CASE(response_to_another_initiation_is_rejected),
	KUNIT_CASE(low_order_static_key_makes_no_handshake),
	KUNIT_CASE(low_order_initiator_ephemeral_is_rejected),
	KUNIT_CASE(low_order_responder_ephemeral_is_rejected),
	KUNIT_CASE(timestamp_under_a_secret_of_zero_is_rejected),
	KUNIT_CASE(private_key_of_zero_is_no_key),
	KUNIT_CASE(private_key_is_clamped),
	KUNIT_CASE(nothing_secret_stays_after_the_keys),
	KUNIT_CASE(responder_keeps_no_ephemeral_key),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_noise",
	.test_cases = cases,
};

kunit_test_suite(suite);
