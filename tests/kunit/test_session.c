// SPDX-License-Identifier: GPL-2.0
/* Sessions: their index, age, counters, and how a tunnel's sessions rotate. */

#include <linux/bitmap.h>
#include <linux/rhashtable.h>
#include <linux/string.h>

#include "device.h"
#include "session.h"
#include "test.h"

#define NOW	SECONDS(1000)

/* A tunnel's sessions with the table that knows their indices. */
struct fixture {
	struct rhashtable table;
	struct snaptun_sessions sessions;
};

static int set_up(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int err;

	if (!f)
		return -ENOMEM;
	err = snaptun_session_table_init(&f->table);
	if (err)
		return err;
	snaptun_sessions_init(&f->sessions);
	test->priv = f;
	return 0;
}

static void tear_down(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f)
		return;
	snaptun_sessions_wipe(&f->sessions, &f->table);
	/* Freed sessions are still chained to the table until then. */
	rcu_barrier();
	snaptun_session_table_destroy(&f->table);
}

static struct snaptun_session *new_session(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snaptun_session *session = snaptun_session_new(&f->table, NULL);

	KUNIT_ASSERT_NOT_NULL(test, session);
	return session;
}

/* A session that a handshake made, and which the tunnel was given. */
static struct snaptun_session *add(struct kunit *test, bool initiator)
{
	const struct snaptun_noise_keys keys = {};
	struct fixture *f = test->priv;
	struct snaptun_session *session = new_session(test);

	snaptun_session_begin(session, initiator, 0, &keys, NOW);
	snaptun_sessions_add(&f->sessions, &f->table, session);
	return session;
}

static bool received_with(struct kunit *test, struct snaptun_session *session)
{
	struct fixture *f = test->priv;
	bool proven;

	local_bh_disable();
	proven = snaptun_sessions_received_with(&f->sessions, &f->table, session);
	local_bh_enable();
	return proven;
}

static bool is_known(struct kunit *test, __le32 index)
{
	struct fixture *f = test->priv;
	bool known;

	rcu_read_lock();
	known = snaptun_session_lookup(&f->table, index);
	rcu_read_unlock();
	return known;
}

/* Which session is in which place; NULL where none should be. */
static void expect_places(struct kunit *test, struct snaptun_session *active,
			  struct snaptun_session *previous,
			  struct snaptun_session *next)
{
	struct fixture *f = test->priv;

	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(f->sessions.active), active);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(f->sessions.previous),
			    previous);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(f->sessions.next), next);
}

static void session_is_found_by_its_index(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snaptun_session *a = new_session(test), *b = new_session(test);

	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test,
			    snaptun_session_lookup(&f->table, a->local_index), a);
	KUNIT_EXPECT_PTR_EQ(test,
			    snaptun_session_lookup(&f->table, b->local_index), b);
	rcu_read_unlock();
	snaptun_session_free(&f->table, a);
	snaptun_session_free(&f->table, b);
}

static void freed_session_is_unknown_at_once(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snaptun_session *session = new_session(test);
	__le32 index = session->local_index;

	snaptun_session_free(&f->table, session);
	KUNIT_EXPECT_FALSE(test, is_known(test, index));
}

static void new_session_is_not_live(struct kunit *test)
{
	struct fixture *f = test->priv;
	const struct snaptun_noise_keys keys = {};
	struct snaptun_session *session = new_session(test);

	KUNIT_EXPECT_FALSE(test, session->live);
	snaptun_session_begin(session, true, 0, &keys, NOW);
	KUNIT_EXPECT_TRUE(test, session->live);
	snaptun_session_free(&f->table, session);
}

static void each_side_sends_with_the_key_the_other_receives_with(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snaptun_session *initiator = new_session(test);
	struct snaptun_session *responder = new_session(test);
	struct snaptun_noise_keys keys;

	memset(keys.initiator_to_responder, 1, SNAPTUN_KEY_SIZE);
	memset(keys.responder_to_initiator, 2, SNAPTUN_KEY_SIZE);
	snaptun_session_begin(initiator, true, 0, &keys, NOW);
	snaptun_session_begin(responder, false, 0, &keys, NOW);
	KUNIT_EXPECT_MEMEQ(test, initiator->send_key,
			   keys.initiator_to_responder, SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, initiator->receive_key,
			   keys.responder_to_initiator, SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, responder->send_key,
			   keys.responder_to_initiator, SNAPTUN_KEY_SIZE);
	KUNIT_EXPECT_MEMEQ(test, responder->receive_key,
			   keys.initiator_to_responder, SNAPTUN_KEY_SIZE);
	snaptun_session_free(&f->table, initiator);
	snaptun_session_free(&f->table, responder);
}

static void session_ends_at_180_seconds(struct kunit *test)
{
	struct snaptun_session *session = add(test, true);
	u64 last = NOW + SECONDS(180) - 1;

	KUNIT_EXPECT_TRUE(test, snaptun_session_may_send(session, last));
	KUNIT_EXPECT_TRUE(test, snaptun_session_may_receive(session, 0, last));
	KUNIT_EXPECT_FALSE(test, snaptun_session_may_send(session, last + 1));
	KUNIT_EXPECT_FALSE(test, snaptun_session_may_receive(session, 0, last + 1));
}

static void initiator_that_sends_rekeys_at_120_seconds(struct kunit *test)
{
	struct snaptun_session *session = add(test, true);
	u64 due = NOW + SECONDS(120);

	KUNIT_EXPECT_FALSE(test,
			   snaptun_session_wants_rekey_on_send(session, due - 1));
	KUNIT_EXPECT_TRUE(test, snaptun_session_wants_rekey_on_send(session, due));
}

static void initiator_that_receives_rekeys_at_165_seconds(struct kunit *test)
{
	struct snaptun_session *session = add(test, true);
	u64 due = NOW + SECONDS(165);

	KUNIT_EXPECT_FALSE(test, snaptun_session_wants_rekey_on_receive(session,
									due - 1));
	KUNIT_EXPECT_TRUE(test,
			  snaptun_session_wants_rekey_on_receive(session, due));
}

static void responder_leaves_rekeying_to_the_initiator(struct kunit *test)
{
	struct snaptun_session *session = add(test, false);
	u64 last = NOW + SECONDS(180) - 1;

	KUNIT_EXPECT_FALSE(test, snaptun_session_wants_rekey_on_send(session, last));
	KUNIT_EXPECT_FALSE(test,
			   snaptun_session_wants_rekey_on_receive(session, last));
}

static void either_side_rekeys_after_2_to_the_60_messages(struct kunit *test)
{
	struct snaptun_session *sessions[] = { add(test, true), add(test, false) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sessions); i++) {
		atomic64_set(&sessions[i]->send_counter, BIT_ULL(60));
		KUNIT_EXPECT_FALSE(test,
				   snaptun_session_wants_rekey_on_send(sessions[i],
								       NOW));
		atomic64_set(&sessions[i]->send_counter, BIT_ULL(60) + 1);
		KUNIT_EXPECT_TRUE(test,
				  snaptun_session_wants_rekey_on_send(sessions[i],
								      NOW));
	}
}

static void counters_begin_at_zero_and_follow_each_other(struct kunit *test)
{
	struct snaptun_session *session = add(test, true);
	u64 counter;

	KUNIT_ASSERT_TRUE(test, snaptun_session_reserve(session, 1, &counter));
	KUNIT_EXPECT_EQ(test, counter, 0);
	KUNIT_ASSERT_TRUE(test, snaptun_session_reserve(session, 64, &counter));
	KUNIT_EXPECT_EQ(test, counter, 1);
	KUNIT_ASSERT_TRUE(test, snaptun_session_reserve(session, 1, &counter));
	KUNIT_EXPECT_EQ(test, counter, 65);
}

#define TAKERS		4
#define TAKES		20000

/* One of several that take counters of the same session at once. */
struct taker {
	struct work_struct work;
	struct snaptun_session *session;
	unsigned long *taken;
	unsigned int bits;
	atomic_t *faults;
	u64 seed;
};

static void take(struct work_struct *work)
{
	struct taker *taker = container_of(work, struct taker, work);
	struct snaptun_random random = { .state = taker->seed };
	unsigned int i, n;
	u64 counter;

	for (i = 0; i < TAKES; i++) {
		n = 1 + snaptun_random_below(&random, 4);
		if (!snaptun_session_reserve(taker->session, n, &counter))
			atomic_inc(taker->faults);
		for (; n; n--, counter++)
			if (counter >= taker->bits ||
			    test_and_set_bit(counter, taker->taken))
				atomic_inc(taker->faults);
	}
}

static void no_counter_is_given_out_twice(struct kunit *test)
{
	const unsigned int bits = TAKERS * TAKES * 4;
	struct snaptun_session *session = add(test, true);
	atomic_t faults = ATOMIC_INIT(0);
	struct taker *takers;
	unsigned long *taken;
	unsigned int i;

	takers = kunit_kcalloc(test, TAKERS, sizeof(*takers), GFP_KERNEL);
	taken = kunit_kcalloc(test, BITS_TO_LONGS(bits), sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, takers);
	KUNIT_ASSERT_NOT_NULL(test, taken);
	for (i = 0; i < TAKERS; i++) {
		INIT_WORK(&takers[i].work, take);
		takers[i].session = session;
		takers[i].taken = taken;
		takers[i].bits = bits;
		takers[i].faults = &faults;
		takers[i].seed = i + 1;
	}
	for (i = 0; i < TAKERS; i++)
		queue_work(snaptun_workqueue, &takers[i].work);
	for (i = 0; i < TAKERS; i++)
		flush_work(&takers[i].work);
	KUNIT_EXPECT_EQ(test, atomic_read(&faults), 0);
	KUNIT_EXPECT_EQ(test, bitmap_weight(taken, bits),
			(unsigned int)atomic64_read(&session->send_counter));
}

static void last_counter_can_be_used_and_no_further_one(struct kunit *test)
{
	struct snaptun_session *session = add(test, true);
	u64 counter;

	atomic64_set(&session->send_counter, SNAPTUN_REJECT_AFTER_MESSAGES - 1);
	KUNIT_EXPECT_TRUE(test, snaptun_session_may_send(session, NOW));
	KUNIT_ASSERT_TRUE(test, snaptun_session_reserve(session, 1, &counter));
	KUNIT_EXPECT_EQ(test, counter, SNAPTUN_REJECT_AFTER_MESSAGES - 1);
	KUNIT_EXPECT_FALSE(test, snaptun_session_may_send(session, NOW));
	KUNIT_EXPECT_FALSE(test, snaptun_session_reserve(session, 1, &counter));
}

static void batch_that_crosses_the_limit_gets_none(struct kunit *test)
{
	struct snaptun_session *session = add(test, true);
	u64 counter;

	atomic64_set(&session->send_counter, SNAPTUN_REJECT_AFTER_MESSAGES - 63);
	KUNIT_EXPECT_FALSE(test, snaptun_session_reserve(session, 64, &counter));
	KUNIT_EXPECT_FALSE(test, snaptun_session_may_send(session, NOW));
}

static void counter_at_the_limit_is_not_received(struct kunit *test)
{
	struct snaptun_session *session = add(test, true);
	u64 limit = SNAPTUN_REJECT_AFTER_MESSAGES;

	KUNIT_EXPECT_TRUE(test,
			  snaptun_session_may_receive(session, limit - 1, NOW));
	KUNIT_EXPECT_FALSE(test, snaptun_session_may_receive(session, limit, NOW));
	KUNIT_EXPECT_FALSE(test,
			   snaptun_session_may_receive(session, U64_MAX, NOW));
}

static void initiator_sends_on_its_new_session_at_once(struct kunit *test)
{
	struct snaptun_session *first, *second;

	first = add(test, true);
	expect_places(test, first, NULL, NULL);
	second = add(test, true);
	expect_places(test, second, first, NULL);
}

static void third_session_ends_the_first(struct kunit *test)
{
	struct snaptun_session *first, *second, *third;
	__le32 index;

	first = add(test, true);
	index = first->local_index;
	second = add(test, true);
	third = add(test, true);
	expect_places(test, third, second, NULL);
	KUNIT_EXPECT_FALSE(test, is_known(test, index));
	KUNIT_EXPECT_TRUE(test, is_known(test, second->local_index));
}

static void responder_waits_for_the_first_message(struct kunit *test)
{
	struct snaptun_session *first, *second;

	first = add(test, false);
	expect_places(test, NULL, NULL, first);
	KUNIT_EXPECT_TRUE(test, received_with(test, first));
	expect_places(test, first, NULL, NULL);

	second = add(test, false);
	expect_places(test, first, NULL, second);
	/* A message on the old session proves nothing about the new one. */
	KUNIT_EXPECT_FALSE(test, received_with(test, first));
	expect_places(test, first, NULL, second);
	KUNIT_EXPECT_TRUE(test, received_with(test, second));
	expect_places(test, second, first, NULL);
}

static void session_is_proven_once(struct kunit *test)
{
	struct snaptun_session *session = add(test, false);

	KUNIT_EXPECT_TRUE(test, received_with(test, session));
	KUNIT_EXPECT_FALSE(test, received_with(test, session));
	expect_places(test, session, NULL, NULL);
}

static void newer_unproven_session_ends_the_older(struct kunit *test)
{
	struct snaptun_session *active, *second, *third;
	__le32 index;

	active = add(test, true);
	second = add(test, false);
	index = second->local_index;
	third = add(test, false);
	expect_places(test, active, NULL, third);
	KUNIT_EXPECT_FALSE(test, is_known(test, index));
}

/* The other side may be sending on it already, so it still receives. */
static void unproven_session_becomes_previous_when_ours_is_made(struct kunit *test)
{
	struct snaptun_session *active, *unproven, *ours;
	__le32 index;

	active = add(test, true);
	index = active->local_index;
	unproven = add(test, false);
	ours = add(test, true);
	expect_places(test, ours, unproven, NULL);
	KUNIT_EXPECT_FALSE(test, is_known(test, index));
	KUNIT_EXPECT_TRUE(test, is_known(test, unproven->local_index));
}

static void pending_session_is_taken_by_its_own_response_only(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snaptun_session *pending = new_session(test);
	struct snaptun_session *other = new_session(test);

	snaptun_sessions_set_pending(&f->sessions, &f->table, pending);
	KUNIT_EXPECT_FALSE(test, snaptun_sessions_take_pending(&f->sessions, other));
	KUNIT_EXPECT_TRUE(test,
			  snaptun_sessions_take_pending(&f->sessions, pending));
	KUNIT_EXPECT_FALSE(test,
			   snaptun_sessions_take_pending(&f->sessions, pending));
	snaptun_session_free(&f->table, pending);
	snaptun_session_free(&f->table, other);
}

static void new_initiation_ends_the_pending_one(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snaptun_session *first = new_session(test);
	struct snaptun_session *second = new_session(test);
	__le32 index = first->local_index;

	snaptun_sessions_set_pending(&f->sessions, &f->table, first);
	snaptun_sessions_set_pending(&f->sessions, &f->table, second);
	KUNIT_EXPECT_FALSE(test, is_known(test, index));
	KUNIT_EXPECT_TRUE(test, is_known(test, second->local_index));
}

static void wiping_ends_all_of_them(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snaptun_session *pending = new_session(test);
	__le32 indices[4];
	unsigned int i;

	indices[0] = pending->local_index;
	snaptun_sessions_set_pending(&f->sessions, &f->table, pending);
	indices[1] = add(test, true)->local_index;
	indices[2] = add(test, true)->local_index;
	indices[3] = add(test, false)->local_index;
	for (i = 0; i < ARRAY_SIZE(indices); i++)
		KUNIT_EXPECT_TRUE(test, is_known(test, indices[i]));
	snaptun_sessions_wipe(&f->sessions, &f->table);
	for (i = 0; i < ARRAY_SIZE(indices); i++)
		KUNIT_EXPECT_FALSE(test, is_known(test, indices[i]));
	expect_places(test, NULL, NULL, NULL);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(f->sessions.pending));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(session_is_found_by_its_index),
	KUNIT_CASE(freed_session_is_unknown_at_once),
	KUNIT_CASE(new_session_is_not_live),
	KUNIT_CASE(each_side_sends_with_the_key_the_other_receives_with),
	KUNIT_CASE(session_ends_at_180_seconds),
	KUNIT_CASE(initiator_that_sends_rekeys_at_120_seconds),
	KUNIT_CASE(initiator_that_receives_rekeys_at_165_seconds),
	KUNIT_CASE(responder_leaves_rekeying_to_the_initiator),
	KUNIT_CASE(either_side_rekeys_after_2_to_the_60_messages),
	KUNIT_CASE(counters_begin_at_zero_and_follow_each_other),
	KUNIT_CASE(no_counter_is_given_out_twice),
	KUNIT_CASE(last_counter_can_be_used_and_no_further_one),
	KUNIT_CASE(batch_that_crosses_the_limit_gets_none),
	KUNIT_CASE(counter_at_the_limit_is_not_received),
	KUNIT_CASE(initiator_sends_on_its_new_session_at_once),
	KUNIT_CASE(third_session_ends_the_first),
	KUNIT_CASE(responder_waits_for_the_first_message),
	KUNIT_CASE(session_is_proven_once),
	KUNIT_CASE(newer_unproven_session_ends_the_older),
	KUNIT_CASE(unproven_session_becomes_previous_when_ours_is_made),
	KUNIT_CASE(pending_session_is_taken_by_its_own_response_only),
	KUNIT_CASE(new_initiation_ends_the_pending_one),
	KUNIT_CASE(wiping_ends_all_of_them),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_session",
	.init = set_up,
	.exit = tear_down,
	.test_cases = cases,
};

kunit_test_suite(suite);
