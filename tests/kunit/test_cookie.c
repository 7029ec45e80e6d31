// SPDX-License-Identifier: GPL-2.0
/*
 * MACs and cookies: another implementation's bytes, what a flipped bit does
 * with and without load, and how long cookies live.
 */

#include <linux/string.h>

#include "cookie.h"
#include "test.h"
#include "timers.h"
#include "vectors.h"

#define NOW	SECONDS(1000)
#define LEN	sizeof(struct snaptun_msg_initiation)

static const u8 nonce[SNAPTUN_COOKIE_NONCE_SIZE] = { 0x6e };

/* A loaded side that judges, one that signs to it, and a message between them. */
struct sides {
	struct snaptun_cookie_checker checker;
	struct snaptun_cookie_jar jar;
	struct snaptun_address source;
	u8 message[LEN];
};

static struct sides *new_sides(struct kunit *test)
{
	const struct snaptun_cookie_vector *v = &snaptun_cookie_vector;
	struct sides *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	snaptun_cookie_checker_init(&s->checker, v->responder_public);
	snaptun_cookie_jar_init(&s->jar, v->responder_public);
	ipv6_addr_set_v4mapped(htonl(0xc0000207), &s->source.ip);
	s->source.port = htons(51820);
	memcpy(s->message, v->initiation, LEN);
	return s;
}

static enum snaptun_cookie_verdict check(struct sides *s, bool loaded, u64 now)
{
	return snaptun_cookie_check(&s->checker, s->message, LEN, &s->source,
				    loaded, now);
}

static void reply_to(struct sides *s, struct snaptun_msg_cookie *reply, u64 now)
{
	snaptun_cookie_reply(&s->checker, reply, s->message, LEN,
			     SNAPTUN_VECTOR_INITIATOR_INDEX, &s->source, nonce,
			     now);
}

/* As new_sides(), with a message signed by a cookie that came at NOW. */
static struct sides *with_cookie(struct kunit *test)
{
	struct sides *s = new_sides(test);
	struct snaptun_msg_cookie reply;

	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW);
	reply_to(s, &reply, NOW);
	KUNIT_ASSERT_TRUE(test, snaptun_cookie_read_reply(&s->jar, &reply, NOW));
	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW);
	return s;
}

static void mac1_is_the_vectors(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(snaptun_handshake_vectors); i++) {
		const struct snaptun_handshake_vector *v =
			&snaptun_handshake_vectors[i];
		struct snaptun_cookie_jar jar;
		u8 message[LEN];

		memcpy(message, v->initiation, sizeof(v->initiation));
		memset(message + sizeof(v->initiation) - 32, 0xff, 32);
		snaptun_cookie_jar_init(&jar, v->responder_public);
		snaptun_cookie_sign(&jar, message, sizeof(v->initiation), NOW);
		KUNIT_EXPECT_MEMEQ(test, message, v->initiation,
				   sizeof(v->initiation));

		memcpy(message, v->response, sizeof(v->response));
		memset(message + sizeof(v->response) - 32, 0xff, 32);
		snaptun_cookie_jar_init(&jar, v->initiator_public);
		snaptun_cookie_sign(&jar, message, sizeof(v->response), NOW);
		KUNIT_EXPECT_MEMEQ(test, message, v->response,
				   sizeof(v->response));
	}
}

static void cookie_of_the_vectors_is_read(struct kunit *test)
{
	const struct snaptun_cookie_vector *v = &snaptun_cookie_vector;
	struct sides *s = new_sides(test);

	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW);
	KUNIT_EXPECT_MEMEQ(test, s->message, v->initiation, LEN);
	KUNIT_ASSERT_TRUE(test, snaptun_cookie_read_reply(&s->jar,
							  (const void *)v->reply,
							  NOW));
	KUNIT_EXPECT_MEMEQ(test, s->jar.cookie, v->cookie, SNAPTUN_COOKIE_SIZE);
}

static void mac2_is_the_vectors(struct kunit *test)
{
	const struct snaptun_cookie_vector *v = &snaptun_cookie_vector;
	struct sides *s = new_sides(test);

	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW);
	KUNIT_ASSERT_TRUE(test, snaptun_cookie_read_reply(&s->jar,
							  (const void *)v->reply,
							  NOW));
	memcpy(s->message, v->initiation_with_mac2, LEN);
	memset(s->message + LEN - 32, 0xff, 32);
	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW + 1);
	KUNIT_EXPECT_MEMEQ(test, s->message, v->initiation_with_mac2, LEN);
}

static void every_flip_outside_mac2_is_invalid(struct kunit *test)
{
	struct sides *s = with_cookie(test);
	unsigned int bit;

	for (bit = 0; bit < 8 * (LEN - SNAPTUN_MAC_SIZE); bit++) {
		snaptun_flip(s->message, bit);
		KUNIT_EXPECT_FALSE(test,
				   snaptun_cookie_mac1_valid(&s->checker.keys,
							     s->message, LEN));
		KUNIT_EXPECT_EQ(test, check(s, false, NOW),
				SNAPTUN_COOKIE_INVALID);
		KUNIT_EXPECT_EQ(test, check(s, true, NOW),
				SNAPTUN_COOKIE_INVALID);
		snaptun_flip(s->message, bit);
	}
}

static void flip_in_mac2_changes_nothing_without_load(struct kunit *test)
{
	struct sides *s = with_cookie(test);
	unsigned int bit;

	for (bit = 8 * (LEN - SNAPTUN_MAC_SIZE); bit < 8 * LEN; bit++) {
		snaptun_flip(s->message, bit);
		KUNIT_EXPECT_EQ(test, check(s, false, NOW), SNAPTUN_COOKIE_FINE);
		snaptun_flip(s->message, bit);
	}
}

static void flip_in_mac2_demands_a_cookie_under_load(struct kunit *test)
{
	struct sides *s = with_cookie(test);
	unsigned int bit;

	for (bit = 8 * (LEN - SNAPTUN_MAC_SIZE); bit < 8 * LEN; bit++) {
		snaptun_flip(s->message, bit);
		KUNIT_EXPECT_EQ(test, check(s, true, NOW), SNAPTUN_COOKIE_DEMAND);
		snaptun_flip(s->message, bit);
	}
	KUNIT_EXPECT_EQ(test, check(s, true, NOW), SNAPTUN_COOKIE_PROVEN);
}

static void message_without_cookie_is_fine_without_load(struct kunit *test)
{
	struct sides *s = new_sides(test);

	KUNIT_EXPECT_EQ(test, check(s, false, NOW), SNAPTUN_COOKIE_FINE);
	KUNIT_EXPECT_EQ(test, check(s, true, NOW), SNAPTUN_COOKIE_DEMAND);
}

static void cookie_proves_its_own_address_only(struct kunit *test)
{
	struct sides *s = with_cookie(test);

	s->source.port = htons(51821);
	KUNIT_EXPECT_EQ(test, check(s, true, NOW), SNAPTUN_COOKIE_DEMAND);
	s->source.port = htons(51820);
	s->source.ip.s6_addr[15] ^= 1;
	KUNIT_EXPECT_EQ(test, check(s, true, NOW), SNAPTUN_COOKIE_DEMAND);
	s->source.ip.s6_addr[15] ^= 1;
	KUNIT_EXPECT_EQ(test, check(s, true, NOW), SNAPTUN_COOKIE_PROVEN);
}

static void secret_changes_after_120_seconds(struct kunit *test)
{
	struct sides *s = with_cookie(test);

	KUNIT_EXPECT_EQ(test, check(s, true, NOW + SECONDS(120) - 1),
			SNAPTUN_COOKIE_PROVEN);
	KUNIT_EXPECT_EQ(test, check(s, true, NOW + SECONDS(120)),
			SNAPTUN_COOKIE_DEMAND);
}

static void cookie_is_forgotten_after_120_seconds(struct kunit *test)
{
	struct sides *s = with_cookie(test);
	const u8 *mac2 = s->message + LEN - SNAPTUN_MAC_SIZE;

	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW + SECONDS(120) - 1);
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(mac2, 0, SNAPTUN_MAC_SIZE));
	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW + SECONDS(120));
	KUNIT_EXPECT_NULL(test, memchr_inv(mac2, 0, SNAPTUN_MAC_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(s->jar.cookie, 0,
					   SNAPTUN_COOKIE_SIZE));
}

static void every_flip_in_a_reply_is_rejected(struct kunit *test)
{
	/* The type is the receive path's, the index finds the jar. */
	const unsigned int begin = 8 * offsetof(struct snaptun_msg_cookie, nonce);
	struct sides *s = new_sides(test);
	struct snaptun_msg_cookie reply;
	struct snaptun_cookie_jar before;
	unsigned int bit;

	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW);
	reply_to(s, &reply, NOW);
	before = s->jar;
	for (bit = begin; bit < 8 * sizeof(reply); bit++) {
		snaptun_flip(&reply, bit);
		KUNIT_EXPECT_FALSE_MSG(test,
				       snaptun_cookie_read_reply(&s->jar, &reply,
								 NOW),
				       "bit %u", bit);
		KUNIT_EXPECT_MEMEQ(test, &s->jar, &before, sizeof(before));
		snaptun_flip(&reply, bit);
	}
	KUNIT_EXPECT_TRUE(test, snaptun_cookie_read_reply(&s->jar, &reply, NOW));
}

static void reply_names_the_message_it_answers(struct kunit *test)
{
	struct sides *s = new_sides(test);
	struct snaptun_msg_cookie reply;

	reply_to(s, &reply, NOW);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(reply.type), SNAPTUN_MESSAGE_COOKIE);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(reply.receiver),
			le32_to_cpu(SNAPTUN_VECTOR_INITIATOR_INDEX));
	KUNIT_EXPECT_MEMEQ(test, reply.nonce, nonce, sizeof(nonce));
}

static void reply_is_taken_once(struct kunit *test)
{
	struct sides *s = new_sides(test);
	struct snaptun_msg_cookie reply;

	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW);
	reply_to(s, &reply, NOW);
	KUNIT_EXPECT_TRUE(test, snaptun_cookie_read_reply(&s->jar, &reply, NOW));
	KUNIT_EXPECT_FALSE(test, snaptun_cookie_read_reply(&s->jar, &reply, NOW));
}

static void reply_to_an_older_message_is_rejected(struct kunit *test)
{
	struct sides *s = new_sides(test);
	struct snaptun_msg_cookie reply;

	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW);
	reply_to(s, &reply, NOW);
	snaptun_flip(s->message, 64);
	snaptun_cookie_sign(&s->jar, s->message, LEN, NOW);
	KUNIT_EXPECT_FALSE(test, snaptun_cookie_read_reply(&s->jar, &reply, NOW));
}

static void reply_without_a_message_is_rejected(struct kunit *test)
{
	struct sides *s = new_sides(test);
	struct snaptun_msg_cookie reply;

	/* Sealed with what the jar's memory holds before its first message. */
	memset(s->message + LEN - 2 * SNAPTUN_MAC_SIZE, 0, SNAPTUN_MAC_SIZE);
	reply_to(s, &reply, NOW);
	KUNIT_EXPECT_FALSE(test, snaptun_cookie_read_reply(&s->jar, &reply, NOW));
}

static bool note(struct snaptun_load *load, u64 now)
{
	return snaptun_load_note(load, 20, now);
}

static void load_begins_above_20_messages_a_second(struct kunit *test)
{
	struct snaptun_load load = {};
	unsigned int i;

	for (i = 0; i < 20; i++)
		KUNIT_EXPECT_FALSE(test, note(&load, NOW + i));
	KUNIT_EXPECT_TRUE(test, note(&load, NOW + i));
}

static void load_ends_a_second_after_the_last_excess(struct kunit *test)
{
	struct snaptun_load load = {};
	unsigned int i;

	for (i = 0; i <= 20; i++)
		note(&load, NOW);
	KUNIT_EXPECT_TRUE(test, note(&load, NOW + SECONDS(1) - 2));
	KUNIT_EXPECT_TRUE(test, note(&load, NOW + 2 * SECONDS(1) - 3));
	KUNIT_EXPECT_FALSE(test, note(&load, NOW + 2 * SECONDS(1) - 2));
}

static void twenty_messages_a_second_are_never_load(struct kunit *test)
{
	struct snaptun_load load = {};
	unsigned int i;

	for (i = 0; i < 2000; i++)
		KUNIT_EXPECT_FALSE(test, note(&load, NOW + i * SECONDS(1) / 20));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(mac1_is_the_vectors),
	KUNIT_CASE(cookie_of_the_vectors_is_read),
	KUNIT_CASE(mac2_is_the_vectors),
	KUNIT_CASE(every_flip_outside_mac2_is_invalid),
	KUNIT_CASE(flip_in_mac2_changes_nothing_without_load),
	KUNIT_CASE(flip_in_mac2_demands_a_cookie_under_load),
	KUNIT_CASE(message_without_cookie_is_fine_without_load),
	KUNIT_CASE(cookie_proves_its_own_address_only),
	KUNIT_CASE(secret_changes_after_120_seconds),
	KUNIT_CASE(cookie_is_forgotten_after_120_seconds),
	KUNIT_CASE(every_flip_in_a_reply_is_rejected),
	KUNIT_CASE(reply_names_the_message_it_answers),
	KUNIT_CASE(reply_is_taken_once),
	KUNIT_CASE(reply_to_an_older_message_is_rejected),
	KUNIT_CASE(reply_without_a_message_is_rejected),
	KUNIT_CASE(load_begins_above_20_messages_a_second),
	KUNIT_CASE(load_ends_a_second_after_the_last_excess),
	KUNIT_CASE(twenty_messages_a_second_are_never_load),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_cookie",
	.test_cases = cases,
};

kunit_test_suite(suite);
