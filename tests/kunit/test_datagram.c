// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams, good and bad, to a device: what is dropped is counted by its
 * reason, once, and changes nothing else.
 */

#include <linux/string.h>

#include "address.h"
#include "fixture.h"

#define INITIATION_LEN	sizeof(struct snaptun_msg_initiation)
#define RESPONSE_LEN	sizeof(struct snaptun_msg_response)
#define COOKIE_LEN	sizeof(struct snaptun_msg_cookie)

/* Bytes that follow a message where a test makes it too long. */
#define EXTRA		80

/* 192.0.2.7:51820 */
static const u8 reported[SNAPTUN_OBSERVED_SIZE] = {
	4, 0, 0xca, 0x6c, [16] = 192, 0, 2, 7,
};

static const u8 nonce[SNAPTUN_COOKIE_NONCE_SIZE] = { 0x6e };

static u64 count_of(struct snaptun_fixture *f, unsigned int counter)
{
	return snaptun_stats_read(f->snap->stats, counter);
}

/* Every message but one of type 4 has one length. */
static void expect_one_length(struct kunit *test, const void *message, size_t right)
{
	u8 bytes[INITIATION_LEN + EXTRA] = {};
	size_t len;

	memcpy(bytes, message, right);
	for (len = 0; len <= right + EXTRA; len++)
		if (len != right)
			KUNIT_EXPECT_EQ_MSG(test,
					    snaptun_fixture_outcome(test, bytes,
								    len),
					    COUNTED(RX_MALFORMED), "%zu bytes",
					    len);
}

/*
 * Every flip of a handshake message before @end is counted: as malformed in the
 * type, else as @reason.
 */
static void expect_flips_rejected(struct kunit *test, void *message, size_t len,
				  size_t end, int reason)
{
	unsigned int bit;

	for (bit = 0; bit < 8 * end; bit++) {
		snaptun_flip(message, bit);
		KUNIT_EXPECT_EQ_MSG(test,
				    snaptun_fixture_outcome(test, message, len),
				    bit < 32 ? COUNTED(RX_MALFORMED) : reason,
				    "bit %u", bit);
		snaptun_flip(message, bit);
	}
}

/* Answer the device's initiation; its keepalive shows that it took the answer. */
static void expect_response_taken(struct kunit *test,
				  const struct snaptun_msg_response *response)
{
	struct snaptun_fixture *f = test->priv;
	u64 sessions = count_of(f, COUNTED(SESSIONS));
	u8 message[SNAPTUN_OVERHEAD], nothing[1];

	KUNIT_ASSERT_EQ(test, snaptun_fixture_outcome(test, response, RESPONSE_LEN),
			COUNTED_NOTHING);
	KUNIT_EXPECT_EQ(test, count_of(f, COUNTED(SESSIONS)), sessions + 1);
	KUNIT_ASSERT_EQ(test,
			snaptun_fixture_receive(f, message, sizeof(message)),
			(int)sizeof(message));
	KUNIT_EXPECT_TRUE(test, snaptun_fixture_open(f, nothing, message,
						     sizeof(message)));
}

/* Over real sockets all the way. */
static void client_is_answered_and_told_its_address(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	struct snaptun_address address, expected = {};

	snaptun_fixture_listen(test);
	snaptun_fixture_initiation(test, &initiation);
	snaptun_fixture_send(test, &initiation, sizeof(initiation));
	KUNIT_ASSERT_EQ(test,
			snaptun_fixture_receive(f, &response, sizeof(response)),
			(int)sizeof(response));
	snaptun_fixture_read_response(test, &response, observed);
	KUNIT_ASSERT_TRUE(test, snaptun_address_decode(&address, observed));
	ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &expected.ip);
	expected.port = f->peer_port;
	KUNIT_EXPECT_TRUE(test, snaptun_address_equal(&address, &expected));
}

static void response_is_answered_by_a_keepalive(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;
	struct snaptun_address expected = {};

	snaptun_fixture_connect(test);
	snaptun_fixture_read_initiation(test, &initiation);
	snaptun_fixture_response(test, &initiation, reported, &response);
	expect_response_taken(test, &response);
	ipv6_addr_set_v4mapped(htonl(0xc0000207), &expected.ip);
	expected.port = htons(51820);
	KUNIT_EXPECT_TRUE(test, snaptun_address_equal(&f->tunnel->assigned,
						      &expected));
}

static void initiation_has_one_length(struct kunit *test)
{
	struct snaptun_msg_initiation initiation;

	snaptun_fixture_listen(test);
	snaptun_fixture_initiation(test, &initiation);
	expect_one_length(test, &initiation, INITIATION_LEN);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(HANDSHAKES_ANSWERED));
}

static void response_has_one_length(struct kunit *test)
{
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;

	snaptun_fixture_connect(test);
	snaptun_fixture_read_initiation(test, &initiation);
	snaptun_fixture_response(test, &initiation, reported, &response);
	expect_one_length(test, &response, RESPONSE_LEN);
	expect_response_taken(test, &response);
}

/* The other side demands a cookie for the device's initiation. */
static void make_cookie_reply(struct kunit *test, struct snaptun_msg_cookie *reply)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	struct snaptun_address source = {};

	snaptun_fixture_read_initiation(test, &initiation);
	snaptun_cookie_reply(&f->checker, reply, &initiation, INITIATION_LEN,
			     initiation.sender, &source, nonce, snaptun_now());
}

static void cookie_reply_has_one_length(struct kunit *test)
{
	struct snaptun_msg_cookie reply;

	snaptun_fixture_connect(test);
	make_cookie_reply(test, &reply);
	expect_one_length(test, &reply, COOKIE_LEN);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &reply, COOKIE_LEN),
			COUNTED(COOKIES_RECEIVED));
}

static void transport_message_of_another_length_is_rejected(struct kunit *test)
{
	static const u8 payload[100] = {};
	u8 message[sizeof(payload) + SNAPTUN_OVERHEAD + EXTRA] = {};
	struct snaptun_fixture *f = test->priv;
	size_t right, len;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	right = snaptun_fixture_seal(f, message, 0, payload, sizeof(payload));
	for (len = 0; len <= right + EXTRA; len++)
		if (len != right)
			KUNIT_EXPECT_EQ_MSG(test,
					    snaptun_fixture_outcome(test, message,
								    len),
					    len < SNAPTUN_OVERHEAD ?
						    COUNTED(RX_MALFORMED) :
						    COUNTED(RX_BAD_TAG),
					    "%zu bytes", len);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_packets), 0);
	right = snaptun_fixture_seal(f, message, 0, NULL, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message, right),
			COUNTED(KEEPALIVES_RECEIVED));
}

static void every_flip_in_an_initiation_is_rejected(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;

	snaptun_fixture_listen(test);
	snaptun_fixture_initiation(test, &initiation);
	expect_flips_rejected(test, &initiation, INITIATION_LEN,
			      INITIATION_LEN - SNAPTUN_MAC_SIZE,
			      COUNTED(RX_BAD_MAC1));
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(HANDSHAKES_ANSWERED));
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 1);
}

/* mac1 keeps out who does not know the public key; here is one who does. */
static void every_flip_in_a_signed_initiation_is_rejected(struct kunit *test)
{
	const unsigned int begin =
		8 * offsetof(struct snaptun_msg_initiation, ephemeral);
	const unsigned int end = 8 * offsetof(struct snaptun_msg_initiation, macs);
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation, changed;
	unsigned int bit;

	snaptun_fixture_listen(test);
	snaptun_fixture_initiation(test, &initiation);
	for (bit = begin; bit < end; bit++) {
		changed = initiation;
		snaptun_flip(&changed, bit);
		snaptun_cookie_sign(&f->jar, &changed, sizeof(changed),
				    snaptun_now());
		KUNIT_EXPECT_EQ_MSG(test,
				    snaptun_fixture_outcome(test, &changed,
							    sizeof(changed)),
				    COUNTED(RX_BAD_HANDSHAKE), "bit %u", bit);
	}
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 0);
}

static void every_flip_in_a_response_is_rejected(struct kunit *test)
{
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;

	snaptun_fixture_connect(test);
	snaptun_fixture_read_initiation(test, &initiation);
	snaptun_fixture_response(test, &initiation, reported, &response);
	expect_flips_rejected(test, &response, RESPONSE_LEN,
			      RESPONSE_LEN - SNAPTUN_MAC_SIZE,
			      COUNTED(RX_BAD_MAC1));
	expect_response_taken(test, &response);
}

static void every_flip_in_a_signed_response_is_rejected(struct kunit *test)
{
	/* The sender index is the responder's to choose. */
	const unsigned int begin =
		8 * offsetof(struct snaptun_msg_response, receiver);
	const unsigned int end = 8 * offsetof(struct snaptun_msg_response, macs);
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response, changed;
	unsigned int bit;

	snaptun_fixture_connect(test);
	snaptun_fixture_read_initiation(test, &initiation);
	snaptun_fixture_response(test, &initiation, reported, &response);
	for (bit = begin; bit < end; bit++) {
		changed = response;
		snaptun_flip(&changed, bit);
		snaptun_cookie_sign(&f->jar, &changed, sizeof(changed),
				    snaptun_now());
		KUNIT_EXPECT_EQ_MSG(test,
				    snaptun_fixture_outcome(test, &changed,
							    sizeof(changed)),
				    COUNTED(RX_BAD_HANDSHAKE), "bit %u", bit);
	}
	expect_response_taken(test, &response);
}

static void every_flip_in_a_cookie_reply_is_rejected(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_cookie reply;

	snaptun_fixture_connect(test);
	make_cookie_reply(test, &reply);
	expect_flips_rejected(test, &reply, COOKIE_LEN, COOKIE_LEN,
			      COUNTED(RX_BAD_COOKIE));
	KUNIT_EXPECT_EQ(test, f->tunnel->jar.cookie_at, SNAPTUN_NEVER);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &reply, COOKIE_LEN),
			COUNTED(COOKIES_RECEIVED));
}

static void every_flip_in_a_transport_message_is_rejected(struct kunit *test)
{
	static const u8 payload[36] = { [4] = 253, [5] = 9 };
	u8 message[sizeof(payload) + SNAPTUN_OVERHEAD];
	struct snaptun_fixture *f = test->priv;
	unsigned int bit;
	int expected;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	snaptun_fixture_seal(f, message, 5, payload, sizeof(payload));
	for (bit = 0; bit < 8 * sizeof(message); bit++) {
		expected = bit < 32 ? COUNTED(RX_MALFORMED) :
			   bit < 64 ? COUNTED(RX_NO_SESSION) :
				      COUNTED(RX_BAD_TAG);
		snaptun_flip(message, bit);
		KUNIT_EXPECT_EQ_MSG(test,
				    snaptun_fixture_outcome(test, message,
							    sizeof(message)),
				    expected, "bit %u", bit);
		snaptun_flip(message, bit);
	}
	KUNIT_EXPECT_FALSE(test, f->tunnel->confirmed);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_packets), 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message,
						      sizeof(message)),
			COUNTED_NOTHING);
	KUNIT_EXPECT_TRUE(test, f->tunnel->confirmed);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_packets), 1);
}

static void every_unknown_type_is_malformed(struct kunit *test)
{
	u8 message[INITIATION_LEN] = {};
	unsigned int type;

	snaptun_fixture_listen(test);
	for (type = 0; type <= U8_MAX; type++) {
		message[0] = type;
		if (type < 1 || type > 4)
			KUNIT_EXPECT_EQ(test,
					snaptun_fixture_outcome(test, message,
								sizeof(message)),
					COUNTED(RX_MALFORMED));
	}
}

/* Any bytes at all cost one counter and leave nothing. */
static void random_datagrams_are_dropped_and_counted(struct kunit *test)
{
	static const size_t lens[] = { 32, 64, 112, 148 };
	struct snaptun_random random = { .state = 17 };
	struct snaptun_fixture *f = test->priv;
	u8 message[256];
	unsigned int i;
	int outcome;

	snaptun_fixture_listen(test);
	for (i = 0; i < 2000; i++) {
		size_t len = snaptun_random_below(&random, 2) ?
				     lens[snaptun_random_below(&random, 4)] :
				     snaptun_random_below(&random, sizeof(message));

		snaptun_random_bytes(&random, message, sizeof(message));
		if (i % 4) {
			memset(message, 0, 4);
			message[0] = 1 + snaptun_random_below(&random, 4);
		}
		outcome = snaptun_fixture_outcome(test, message, len);
		KUNIT_ASSERT_TRUE_MSG(test, outcome == COUNTED(RX_MALFORMED) ||
				      outcome == COUNTED(RX_BAD_MAC1) ||
				      outcome == COUNTED(RX_BAD_COOKIE) ||
				      outcome == COUNTED(RX_NO_SESSION),
				      "outcome %d of %zu bytes, type %u", outcome,
				      len, message[0]);
	}
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 0);
}

static void flip_in_mac2_is_accepted_without_load(struct kunit *test)
{
	struct snaptun_msg_initiation initiation;
	unsigned int bit;

	snaptun_fixture_listen(test);
	for (bit = 8 * (INITIATION_LEN - SNAPTUN_MAC_SIZE); bit < 8 * INITIATION_LEN;
	     bit++) {
		snaptun_fixture_initiation(test, &initiation);
		snaptun_flip(&initiation, bit);
		KUNIT_EXPECT_EQ_MSG(test,
				    snaptun_fixture_outcome(test, &initiation,
							    INITIATION_LEN),
				    COUNTED(HANDSHAKES_ANSWERED), "bit %u", bit);
	}
}

/* Sent under load, and answered by a cookie, which the other side then has. */
static void expect_cookie_demanded(struct kunit *test,
				   const struct snaptun_msg_initiation *initiation)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_cookie reply;

	KUNIT_ASSERT_EQ(test, snaptun_fixture_outcome(test, initiation,
						      INITIATION_LEN),
			COUNTED(COOKIES_SENT));
	KUNIT_ASSERT_EQ(test, snaptun_fixture_receive(f, &reply, sizeof(reply)),
			(int)sizeof(reply));
	KUNIT_EXPECT_TRUE(test, reply.receiver == SNAPTUN_FIXTURE_INDEX);
	KUNIT_ASSERT_TRUE(test, snaptun_cookie_read_reply(&f->jar, &reply,
							  snaptun_now()));
}

static void cookie_is_demanded_under_load(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;

	snaptun_fixture_listen(test);
	f->loaded = true;
	snaptun_fixture_initiation(test, &initiation);
	expect_cookie_demanded(test, &initiation);
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 0);
	/* Signed with the cookie, the next one is taken. */
	snaptun_fixture_initiation(test, &initiation);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(HANDSHAKES_ANSWERED));
}

/* A cookie shows where a message comes from, and is no leave to send any number. */
static void source_with_a_cookie_is_limited(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	unsigned int i;

	snaptun_fixture_listen(test);
	f->loaded = true;
	f->snap->source_rate = (struct snaptun_rate){ .per_second = 1, .burst = 3 };
	snaptun_fixture_initiation(test, &initiation);
	expect_cookie_demanded(test, &initiation);
	for (i = 0; i < 3; i++) {
		snaptun_fixture_initiation(test, &initiation);
		KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
							      INITIATION_LEN),
				COUNTED(HANDSHAKES_ANSWERED));
	}
	snaptun_fixture_initiation(test, &initiation);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(RX_RATE_LIMITED));
}

/* Without load, a source that sends more than it may has to bring a cookie. */
static void source_above_its_rate_needs_a_cookie(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;

	snaptun_fixture_listen(test);
	f->snap->source_rate = (struct snaptun_rate){ .per_second = 1, .burst = 1 };
	snaptun_fixture_initiation(test, &initiation);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(HANDSHAKES_ANSWERED));
	/* The response is in front of the cookie that is to be read. */
	snaptun_fixture_receive(f, &initiation, sizeof(initiation));
	snaptun_fixture_initiation(test, &initiation);
	expect_cookie_demanded(test, &initiation);
	snaptun_fixture_initiation(test, &initiation);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(HANDSHAKES_ANSWERED));
}

/* Messages wait for who works on them, up to a bound. */
static void what_the_queue_cannot_hold_is_dropped(struct kunit *test)
{
	const unsigned int sent = SNAPTUN_HANDSHAKE_QUEUE + 100;
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	unsigned int i;
	u64 dropped;

	snaptun_fixture_listen(test);
	snaptun_fixture_initiation(test, &initiation);
	snaptun_fixture_mark(f);
	/* Whoever works on one takes this lock first. */
	mutex_lock(&f->snap->lock);
	for (i = 0; i < sent; i++)
		snaptun_fixture_send(test, &initiation, INITIATION_LEN);
	mutex_unlock(&f->snap->lock);
	flush_workqueue(snaptun_handshake_workqueue);
	dropped = snaptun_stats_read(f->snap->stats, COUNTED(RX_QUEUE_FULL)) -
		  f->counts[COUNTED(RX_QUEUE_FULL)];
	/* Each worker has one, and waits for the lock. */
	KUNIT_EXPECT_GE(test, dropped, 100 - num_online_cpus());
	KUNIT_EXPECT_LE(test, dropped, 100);
}

static void flip_in_mac2_demands_a_cookie_under_load(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	unsigned int bit;

	snaptun_fixture_listen(test);
	f->loaded = true;
	snaptun_fixture_initiation(test, &initiation);
	expect_cookie_demanded(test, &initiation);
	for (bit = 8 * (INITIATION_LEN - SNAPTUN_MAC_SIZE); bit < 8 * INITIATION_LEN;
	     bit++) {
		snaptun_fixture_initiation(test, &initiation);
		snaptun_flip(&initiation, bit);
		expect_cookie_demanded(test, &initiation);
	}
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 0);
}

static void replayed_initiation_makes_nothing(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	u64 sessions;

	snaptun_fixture_listen(test);
	snaptun_fixture_initiation(test, &initiation);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(HANDSHAKES_ANSWERED));
	sessions = count_of(f, COUNTED(SESSIONS));
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(RX_REPLAYED_HANDSHAKE));
	/* From elsewhere it makes no tunnel either. */
	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, f->peer_port ^ htons(1), &initiation,
				INITIATION_LEN, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f),
			COUNTED(RX_REPLAYED_HANDSHAKE));
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 1);
	KUNIT_EXPECT_EQ(test, count_of(f, COUNTED(SESSIONS)), sessions);
}

/* It was never seen, but a later one was. */
static void overtaken_initiation_is_not_taken(struct kunit *test)
{
	struct snaptun_msg_initiation initiation, newer;
	struct snaptun_fixture *f = test->priv;

	snaptun_fixture_listen(test);
	snaptun_fixture_initiation(test, &initiation);
	snaptun_fixture_initiation(test, &newer);
	KUNIT_ASSERT_EQ(test, snaptun_fixture_outcome(test, &newer,
						      INITIATION_LEN),
			COUNTED(HANDSHAKES_ANSWERED));
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(RX_REPLAYED_HANDSHAKE));
	KUNIT_EXPECT_EQ(test, count_of(f, COUNTED(SESSIONS)), 1);
}

/* Newer than the last one from there, but its key sent it before. */
static void initiation_of_one_tunnel_is_not_taken_for_another(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	__be16 ports[] = { f->peer_port, f->peer_port ^ htons(1) };
	struct snaptun_msg_initiation initiation;
	unsigned int i;

	snaptun_fixture_listen(test);
	for (i = 0; i < 3; i++) {
		snaptun_fixture_initiation(test, &initiation);
		snaptun_fixture_mark(f);
		snaptun_fixture_deliver(test, ports[i % 2], &initiation,
					INITIATION_LEN, 0);
		KUNIT_ASSERT_EQ(test, snaptun_fixture_counted(f),
				COUNTED(HANDSHAKES_ANSWERED));
	}
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 2);
	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, ports[1], &initiation, INITIATION_LEN, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f),
			COUNTED(RX_REPLAYED_HANDSHAKE));
	KUNIT_EXPECT_EQ(test, count_of(f, COUNTED(SESSIONS)), 3);
}

static void unauthorised_key_gets_no_answer(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	u8 stranger[SNAPTUN_KEY_SIZE];

	snaptun_fixture_listen(test);
	memset(stranger, 0x99, sizeof(stranger));
	snaptun_noise_set_static(&f->own, stranger);
	snaptun_noise_set_peer(&f->device, &f->own, f->snap->own.public);
	snaptun_fixture_initiation(test, &initiation);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      INITIATION_LEN),
			COUNTED(RX_UNKNOWN_IDENTITY));
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 0);
}

static void replayed_transport_message_is_dropped(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	u8 message[SNAPTUN_OVERHEAD];
	u64 counter;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	for (counter = 0; counter < 3; counter++) {
		snaptun_fixture_seal(f, message, 2 - counter, NULL, 0);
		KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message,
							      sizeof(message)),
				COUNTED(KEEPALIVES_RECEIVED));
		KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message,
							      sizeof(message)),
				COUNTED(RX_REPLAY));
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_packets), 3);
}

/* A forged counter far ahead must not move the window. */
static void forged_counter_moves_nothing(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	u8 message[SNAPTUN_OVERHEAD];

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	snaptun_fixture_seal(f, message, 1ULL << 40, NULL, 0);
	snaptun_flip(message, 8 * sizeof(message) - 1);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message,
						      sizeof(message)),
			COUNTED(RX_BAD_TAG));
	snaptun_fixture_seal(f, message, 0, NULL, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message,
						      sizeof(message)),
			COUNTED(KEEPALIVES_RECEIVED));
}

static void message_from_another_address_is_dropped(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	u8 message[SNAPTUN_OVERHEAD];

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	snaptun_fixture_seal(f, message, 0, NULL, 0);
	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, f->peer_port ^ htons(1), message,
				sizeof(message), 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f),
			COUNTED(RX_WRONG_SOURCE));
	/* Nor is it seen as a replay later. */
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message,
						      sizeof(message)),
			COUNTED(KEEPALIVES_RECEIVED));
}

static void message_from_port_zero_is_malformed(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;

	snaptun_fixture_listen(test);
	snaptun_fixture_initiation(test, &initiation);
	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, 0, &initiation, INITIATION_LEN, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f), COUNTED(RX_MALFORMED));
}

/* Whoever can forge such an address would else pass for one of IPv4. */
static void message_from_a_mapped_address_is_malformed(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;

	snaptun_fixture_listen(test);
	snaptun_fixture_initiation(test, &initiation);
	f->mapped = true;
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation, INITIATION_LEN),
			COUNTED(RX_MALFORMED));
	KUNIT_EXPECT_EQ(test, f->snap->n_tunnels, 0);
	f->mapped = false;
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &initiation, INITIATION_LEN),
			COUNTED(HANDSHAKES_ANSWERED));
}

static void session_of_180_seconds_receives_nothing(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_session *session;
	u8 message[SNAPTUN_OVERHEAD];

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	rcu_read_lock();
	session = snaptun_session_lookup(&f->snap->by_index, f->device_index);
	if (session)
		session->birth -= SECONDS(180);
	rcu_read_unlock();
	KUNIT_ASSERT_NOT_NULL(test, session);
	snaptun_fixture_seal(f, message, 0, NULL, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message,
						      sizeof(message)),
			COUNTED(RX_EXPIRED));
}

static void counter_at_the_limit_is_dropped(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	u8 message[SNAPTUN_OVERHEAD];

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	snaptun_fixture_seal(f, message, SNAPTUN_REJECT_AFTER_MESSAGES, NULL, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message,
						      sizeof(message)),
			COUNTED(RX_EXPIRED));
	snaptun_fixture_seal(f, message, SNAPTUN_REJECT_AFTER_MESSAGES - 1, NULL,
			     0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, message,
						      sizeof(message)),
			COUNTED(KEEPALIVES_RECEIVED));
}

static void authentic_nonsense_is_a_bad_payload(struct kunit *test)
{
	static const u8 first[] = { 0x00, 0x10, 0x40, 0x45, 0x60, 0xf0 };
	struct snaptun_fixture *f = test->priv;
	u8 message[80 + SNAPTUN_OVERHEAD], payload[80] = {};
	unsigned int i;
	size_t len;
	u64 counter = 0;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	for (i = 0; i < ARRAY_SIZE(first); i++) {
		payload[0] = first[i];
		/* Claims more than there is, as IPv4, IPv6 and SCION. */
		memset(payload + 1, 0xff, 8);
		for (len = 1; len <= sizeof(payload); len++) {
			size_t total = snaptun_fixture_seal(f, message, counter++,
							    payload, len);

			KUNIT_EXPECT_EQ_MSG(test,
					    snaptun_fixture_outcome(test, message,
								    total),
					    COUNTED(RX_BAD_PAYLOAD),
					    "%zu bytes from %#x on", len,
					    first[i]);
		}
	}
}

/* The session stands, and no address is assigned. */
static void invalid_observed_address_is_ignored(struct kunit *test)
{
	static const u8 invalid[SNAPTUN_OBSERVED_SIZE] = { 5, 0, 0xca, 0x6c };
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;

	snaptun_fixture_connect(test);
	snaptun_fixture_read_initiation(test, &initiation);
	snaptun_fixture_response(test, &initiation, invalid, &response);
	expect_response_taken(test, &response);
	KUNIT_EXPECT_FALSE(test, snaptun_address_is_set(&f->tunnel->assigned));
}

static void response_is_taken_once(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;

	snaptun_fixture_connect(test);
	snaptun_fixture_read_initiation(test, &initiation);
	snaptun_fixture_response(test, &initiation, reported, &response);
	expect_response_taken(test, &response);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &response,
						      RESPONSE_LEN),
			COUNTED(RX_BAD_HANDSHAKE));
	KUNIT_EXPECT_EQ(test, count_of(f, COUNTED(SESSIONS)), 1);
}

static void response_from_another_address_is_dropped(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;

	snaptun_fixture_connect(test);
	snaptun_fixture_read_initiation(test, &initiation);
	snaptun_fixture_response(test, &initiation, reported, &response);
	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, f->peer_port ^ htons(1), &response,
				RESPONSE_LEN, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f),
			COUNTED(RX_WRONG_SOURCE));
	expect_response_taken(test, &response);
}

static void no_secret_of_a_handshake_stays(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;
	const void *handshake;

	snaptun_fixture_connect(test);
	handshake = &f->tunnel->handshake;
	snaptun_fixture_read_initiation(test, &initiation);
	KUNIT_EXPECT_NOT_NULL(test,
			      memchr_inv(handshake, 0,
					 sizeof(f->tunnel->handshake)));
	snaptun_fixture_response(test, &initiation, reported, &response);
	expect_response_taken(test, &response);
	KUNIT_EXPECT_NULL(test, memchr_inv(handshake, 0,
					   sizeof(f->tunnel->handshake)));
}

static void device_that_goes_down_forgets_its_secrets(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;

	snaptun_fixture_connect(test);
	snaptun_fixture_read_initiation(test, &initiation);
	snaptun_fixture_response(test, &initiation, reported, &response);
	rtnl_lock();
	dev_close(f->snap->dev);
	rtnl_unlock();
	KUNIT_EXPECT_NULL(test, memchr_inv(&f->tunnel->handshake, 0,
					   sizeof(f->tunnel->handshake)));
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(f->tunnel->sessions.pending));
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, &response,
						      RESPONSE_LEN),
			COUNTED(RX_DOWN));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(client_is_answered_and_told_its_address),
	KUNIT_CASE(response_is_answered_by_a_keepalive),
	KUNIT_CASE(initiation_has_one_length),
	KUNIT_CASE(response_has_one_length),
	KUNIT_CASE(cookie_reply_has_one_length),
	KUNIT_CASE(transport_message_of_another_length_is_rejected),
	KUNIT_CASE(every_flip_in_an_initiation_is_rejected),
	KUNIT_CASE(every_flip_in_a_signed_initiation_is_rejected),
	KUNIT_CASE(every_flip_in_a_response_is_rejected),
	KUNIT_CASE(every_flip_in_a_signed_response_is_rejected),
	KUNIT_CASE(every_flip_in_a_cookie_reply_is_rejected),
	KUNIT_CASE(every_flip_in_a_transport_message_is_rejected),
	KUNIT_CASE(every_unknown_type_is_malformed),
	KUNIT_CASE(random_datagrams_are_dropped_and_counted),
	KUNIT_CASE(flip_in_mac2_is_accepted_without_load),
	KUNIT_CASE(cookie_is_demanded_under_load),
	KUNIT_CASE(source_with_a_cookie_is_limited),
	KUNIT_CASE(source_above_its_rate_needs_a_cookie),
	KUNIT_CASE(what_the_queue_cannot_hold_is_dropped),
	KUNIT_CASE(flip_in_mac2_demands_a_cookie_under_load),
	KUNIT_CASE(replayed_initiation_makes_nothing),
	KUNIT_CASE(overtaken_initiation_is_not_taken),
	KUNIT_CASE(initiation_of_one_tunnel_is_not_taken_for_another),
	KUNIT_CASE(unauthorised_key_gets_no_answer),
	KUNIT_CASE(replayed_transport_message_is_dropped),
	KUNIT_CASE(forged_counter_moves_nothing),
	KUNIT_CASE(message_from_another_address_is_dropped),
	KUNIT_CASE(message_from_port_zero_is_malformed),
	KUNIT_CASE(message_from_a_mapped_address_is_malformed),
	KUNIT_CASE(session_of_180_seconds_receives_nothing),
	KUNIT_CASE(counter_at_the_limit_is_dropped),
	KUNIT_CASE(authentic_nonsense_is_a_bad_payload),
	KUNIT_CASE(invalid_observed_address_is_ignored),
	KUNIT_CASE(response_is_taken_once),
	KUNIT_CASE(response_from_another_address_is_dropped),
	KUNIT_CASE(no_secret_of_a_handshake_stays),
	KUNIT_CASE(device_that_goes_down_forgets_its_secrets),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_datagram",
	.init = snaptun_fixture_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
