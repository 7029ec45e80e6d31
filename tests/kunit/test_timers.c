// SPDX-License-Identifier: GPL-2.0
/*
 * The timer rules, under a clock that only the test moves. Deadlines are exact:
 * nothing is due a nanosecond before.
 */

#include "test.h"
#include "timers.h"

/* When most cases begin. */
#define START	SECONDS(5000)

/**
 * struct fixture - a tunnel's timers and the clock
 * @t: the timers
 * @now: current time
 */
struct fixture {
	struct snaptun_timers t;
	u64 now;
};

/* A tunnel whose device is up at START. */
static struct fixture begin(u16 keepalive, bool responder)
{
	struct fixture f = { .now = START };

	snaptun_timers_init(&f.t, responder);
	f.t.keepalive = keepalive;
	snaptun_timers_start(&f.t, f.now);
	return f;
}

/* A configured tunnel without persistent keepalive and with a session. */
static struct fixture established(void)
{
	struct fixture f = begin(0, false);

	snaptun_timers_session_made(&f.t, f.now);
	snaptun_timers_session_usable(&f.t, f.now);
	return f;
}

static unsigned int due(struct fixture *f)
{
	return snaptun_timers_due(&f->t, f->now, 0);
}

/* Expect the next deadline @after from now, and go there. */
static void expect_next(struct kunit *test, struct fixture *f, u64 after)
{
	u64 then = f->now + after;

	if (f->t.usable_until < then) {
		/* The session in use ends on the way, which asks for nothing. */
		KUNIT_ASSERT_EQ(test, snaptun_timers_next(&f->t),
				f->t.usable_until);
		f->now = f->t.usable_until;
		KUNIT_EXPECT_EQ(test, due(f), 0);
	}
	KUNIT_ASSERT_EQ(test, snaptun_timers_next(&f->t), then);
	f->now = then - 1;
	KUNIT_EXPECT_EQ(test, due(f), 0);
	f->now++;
}

/* As expect_next(), and @actions are due then, once. */
static void expect_due(struct kunit *test, struct fixture *f, u64 after,
		       unsigned int actions)
{
	expect_next(test, f, after);
	KUNIT_EXPECT_EQ(test, due(f), actions);
	KUNIT_EXPECT_EQ(test, due(f), 0);
}

static void expect_idle(struct kunit *test, struct fixture *f)
{
	KUNIT_EXPECT_EQ(test, snaptun_timers_next(&f->t), SNAPTUN_NEVER);
	f->now += SECONDS(1000000);
	KUNIT_EXPECT_EQ(test, due(f), 0);
}

/* An initiation is due, and goes out. */
static void expect_initiation(struct kunit *test, struct fixture *f, u64 after,
			      u32 jitter)
{
	expect_due(test, f, after, SNAPTUN_DUE_INITIATION);
	snaptun_timers_initiated(&f->t, f->now, jitter);
}

/* Nothing answers the attempt under way; it ends after 90 s. */
static void expect_no_answer(struct kunit *test, struct fixture *f,
			     unsigned int actions)
{
	unsigned int i;

	expect_initiation(test, f, 0, 0);
	for (i = 1; i < 18; i++)
		expect_initiation(test, f, SECONDS(5), 0);
	expect_due(test, f, SECONDS(5), actions);
}

/* Persistent keepalive. */

static void configured_tunnel_keeps_alive_every_10_seconds(struct kunit *test)
{
	struct fixture f = { .now = START };

	snaptun_timers_init(&f.t, false);
	KUNIT_EXPECT_EQ(test, f.t.keepalive, 10);
	KUNIT_EXPECT_TRUE(test, f.t.answer_keepalives);
	snaptun_timers_init(&f.t, true);
	KUNIT_EXPECT_EQ(test, f.t.keepalive, 0);
	KUNIT_EXPECT_TRUE(test, f.t.answer_keepalives);
}

static void persistent_keepalive_follows_the_last_message_sent(struct kunit *test)
{
	struct fixture f = established();

	f.t.keepalive = 7;
	snaptun_timers_sent(&f.t, f.now, false);
	snaptun_timers_received(&f.t, f.now, false);
	f.now += SECONDS(3);
	snaptun_timers_sent(&f.t, f.now, false);
	snaptun_timers_received(&f.t, f.now, true);
	expect_due(test, &f, SECONDS(7), SNAPTUN_DUE_KEEPALIVE);
}

static void persistent_keepalive_repeats(struct kunit *test)
{
	struct fixture f = established();
	unsigned int i;

	f.t.keepalive = 10;
	f.t.answer_keepalives = false;
	snaptun_timers_sent(&f.t, f.now, true);
	for (i = 0; i < 5; i++) {
		expect_due(test, &f, SECONDS(10), SNAPTUN_DUE_KEEPALIVE);
		snaptun_timers_sent(&f.t, f.now, true);
	}
}

/* Tunnels that all begin now, each with a random number of its own. */
static void persistent_keepalives_of_many_are_spread(struct kunit *test)
{
	enum { TUNNELS = 200, PARTS = 10, INTERVAL = 20 };
	struct snaptun_random random = { .state = 25 };
	unsigned int counts[PARTS] = {};
	unsigned int i;

	for (i = 0; i < TUNNELS; i++) {
		u32 jitter = snaptun_random_below(&random, SNAPTUN_INITIATION_JITTER);
		struct fixture f = begin(INTERVAL, false);
		u64 first;

		snaptun_timers_initiated(&f.t, f.now, jitter);
		snaptun_timers_session_made(&f.t, f.now);
		snaptun_timers_session_usable(&f.t, f.now);
		snaptun_timers_sent(&f.t, f.now, true);
		f.t.answer_keepalives = false;
		snaptun_timers_received(&f.t, f.now, true);
		first = snaptun_timers_next(&f.t) - f.now;
		KUNIT_ASSERT_LE(test, first, SECONDS(INTERVAL));
		counts[min_t(u64, first / SECONDS(INTERVAL / PARTS), PARTS - 1)]++;
		/* Then they are as regular as any, also over another handshake. */
		f.now += first;
		KUNIT_EXPECT_EQ(test, due(&f), SNAPTUN_DUE_KEEPALIVE);
		snaptun_timers_sent(&f.t, f.now, true);
		snaptun_timers_initiated(&f.t, f.now, jitter);
		KUNIT_EXPECT_EQ(test, snaptun_timers_next(&f.t),
				f.now + SECONDS(INTERVAL));
	}
	for (i = 0; i < PARTS; i++) {
		KUNIT_EXPECT_GT(test, counts[i], TUNNELS / PARTS / 2);
		KUNIT_EXPECT_LT(test, counts[i], TUNNELS / PARTS * 2);
	}
}

static void persistent_keepalive_of_zero_is_off(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_sent(&f.t, f.now, false);
	snaptun_timers_received(&f.t, f.now, true);
	f.t.owing_since = SNAPTUN_NEVER;
	expect_due(test, &f, SECONDS(540), SNAPTUN_DUE_WIPE);
}

/* Keepalive that answers data. */

static void received_data_is_answered_after_10_seconds(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_received(&f.t, f.now, false);
	expect_due(test, &f, SECONDS(10), SNAPTUN_DUE_KEEPALIVE);
}

static void answer_counts_from_the_first_data(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_received(&f.t, f.now, false);
	f.now += SECONDS(4);
	snaptun_timers_received(&f.t, f.now, false);
	expect_due(test, &f, SECONDS(6), SNAPTUN_DUE_KEEPALIVE);
}

static void sending_is_an_answer(struct kunit *test)
{
	bool keepalive;

	for (keepalive = false;; keepalive = true) {
		struct fixture f = established();

		f.t.answer_keepalives = false;
		snaptun_timers_received(&f.t, f.now, false);
		f.now += SECONDS(9);
		snaptun_timers_sent(&f.t, f.now, keepalive);
		f.now += SECONDS(1);
		KUNIT_EXPECT_EQ(test, due(&f), 0);
		if (keepalive)
			break;
	}
}

static void received_keepalive_is_answered(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_received(&f.t, f.now, true);
	expect_due(test, &f, SECONDS(10), SNAPTUN_DUE_KEEPALIVE);
}

static void received_keepalive_is_not_answered_where_told(struct kunit *test)
{
	struct fixture f = established();

	f.t.answer_keepalives = false;
	snaptun_timers_received(&f.t, f.now, true);
	expect_due(test, &f, SECONDS(540), SNAPTUN_DUE_WIPE);
}

static void answer_counts_from_what_was_last_sent(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_sent(&f.t, f.now, true);
	f.now += SECONDS(7);
	snaptun_timers_received(&f.t, f.now, true);
	expect_due(test, &f, SECONDS(3), SNAPTUN_DUE_KEEPALIVE);
}

static void two_idle_sides_answer_each_other_for_ever(struct kunit *test)
{
	struct fixture sides[2] = { established(), established() };
	u64 heard[2] = { sides[0].now, sides[1].now };
	unsigned int i;

	/* Nobody makes a new session here, and the old one stays good. */
	sides[0].t.usable_until = SNAPTUN_NEVER;
	sides[1].t.usable_until = SNAPTUN_NEVER;
	/* As the initiator does after the response. */
	snaptun_timers_sent(&sides[0].t, sides[0].now, true);
	snaptun_timers_received(&sides[1].t, sides[1].now, true);
	for (i = 0; i < 40; i++) {
		u64 next[2] = { snaptun_timers_next(&sides[0].t),
				snaptun_timers_next(&sides[1].t) };
		unsigned int sender = next[1] < next[0];
		struct fixture *from = &sides[sender], *to = &sides[!sender];

		from->now = max(from->now, next[sender]);
		to->now = from->now;
		KUNIT_ASSERT_EQ(test, due(from), SNAPTUN_DUE_KEEPALIVE);
		snaptun_timers_sent(&from->t, from->now, true);
		snaptun_timers_received(&to->t, to->now, true);
		/* Well before the silence of 15 s that begins a handshake. */
		KUNIT_ASSERT_LE(test, to->now, heard[!sender] + SECONDS(10));
		heard[!sender] = to->now;
	}
	KUNIT_EXPECT_GE(test, sides[0].now, START + SECONDS(190));
}

/* Silence. */

static void silence_of_15_seconds_begins_a_handshake(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_sent(&f.t, f.now, false);
	expect_due(test, &f, SECONDS(15), SNAPTUN_DUE_INITIATION);
}

static void silence_counts_from_the_first_data_sent(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_sent(&f.t, f.now, false);
	f.now += SECONDS(8);
	snaptun_timers_sent(&f.t, f.now, false);
	expect_due(test, &f, SECONDS(7), SNAPTUN_DUE_INITIATION);
}

static void anything_heard_breaks_the_silence(struct kunit *test)
{
	struct fixture f = established();

	f.t.answer_keepalives = false;
	snaptun_timers_sent(&f.t, f.now, false);
	f.now += SECONDS(15) - 1;
	snaptun_timers_received(&f.t, f.now, true);
	f.now++;
	KUNIT_EXPECT_EQ(test, due(&f), 0);
	snaptun_timers_sent(&f.t, f.now, false);
	expect_due(test, &f, SECONDS(15), SNAPTUN_DUE_INITIATION);
}

static void sent_keepalive_expects_an_answer(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_sent(&f.t, f.now, true);
	expect_due(test, &f, SECONDS(15), SNAPTUN_DUE_INITIATION);
}

static void sent_keepalive_expects_nothing_where_told(struct kunit *test)
{
	struct fixture f = established();

	f.t.answer_keepalives = false;
	snaptun_timers_sent(&f.t, f.now, true);
	expect_due(test, &f, SECONDS(540), SNAPTUN_DUE_WIPE);
}

static void responder_too_begins_a_handshake_after_silence(struct kunit *test)
{
	struct fixture f = begin(0, true);

	snaptun_timers_session_made(&f.t, f.now);
	snaptun_timers_session_usable(&f.t, f.now);
	snaptun_timers_sent(&f.t, f.now, false);
	expect_due(test, &f, SECONDS(15), SNAPTUN_DUE_INITIATION);
}

/* Handshake attempts. */

static void keepalive_makes_a_tunnel_seek_a_session_at_once(struct kunit *test)
{
	struct fixture f = begin(10, false);

	KUNIT_EXPECT_EQ(test, snaptun_timers_next(&f.t), START);
	KUNIT_EXPECT_EQ(test, due(&f), SNAPTUN_DUE_INITIATION);
}

static void tunnel_without_keepalive_waits_for_a_packet(struct kunit *test)
{
	struct fixture f = begin(0, false);

	expect_idle(test, &f);
	KUNIT_EXPECT_TRUE(test, snaptun_timers_want_handshake(&f.t, f.now));
	KUNIT_EXPECT_EQ(test, due(&f), SNAPTUN_DUE_INITIATION);
}

static void one_attempt_at_a_time(struct kunit *test)
{
	struct fixture f = begin(0, false);

	KUNIT_EXPECT_TRUE(test, snaptun_timers_want_handshake(&f.t, f.now));
	KUNIT_EXPECT_FALSE(test, snaptun_timers_want_handshake(&f.t, f.now));
	expect_initiation(test, &f, 0, 0);
	f.now += SECONDS(1);
	KUNIT_EXPECT_FALSE(test, snaptun_timers_want_handshake(&f.t, f.now));
	KUNIT_EXPECT_EQ(test, due(&f), 0);
}

static void initiation_repeats_after_5_seconds_and_jitter(struct kunit *test)
{
	const u32 most = NSEC_PER_SEC / 3;
	struct fixture f = begin(10, false);

	KUNIT_EXPECT_EQ(test, SNAPTUN_INITIATION_JITTER, most);
	expect_initiation(test, &f, 0, 0);
	expect_initiation(test, &f, SECONDS(5), 1);
	expect_initiation(test, &f, SECONDS(5) + 1, most - 1);
	expect_initiation(test, &f, SECONDS(5) + most - 1, 0);
}

/* The work that sends may run late, or fail before it sends. */
static void initiation_that_was_not_sent_is_due_again(struct kunit *test)
{
	struct fixture f = begin(10, false);

	expect_due(test, &f, 0, SNAPTUN_DUE_INITIATION);
	expect_due(test, &f, SECONDS(5), SNAPTUN_DUE_INITIATION);
}

static void initiations_are_5_seconds_apart_over_attempts(struct kunit *test)
{
	struct fixture f = begin(10, false);

	expect_initiation(test, &f, 0, 0);
	snaptun_timers_session_made(&f.t, f.now);
	snaptun_timers_session_usable(&f.t, f.now);
	f.now += SECONDS(2);
	KUNIT_EXPECT_TRUE(test, snaptun_timers_want_handshake(&f.t, f.now));
	expect_due(test, &f, SECONDS(3), SNAPTUN_DUE_INITIATION);
}

static void usable_session_ends_the_attempt(struct kunit *test)
{
	struct fixture f = begin(0, false);

	snaptun_timers_want_handshake(&f.t, f.now);
	expect_initiation(test, &f, 0, 0);
	f.now += SECONDS(1);
	snaptun_timers_session_made(&f.t, f.now);
	snaptun_timers_session_usable(&f.t, f.now);
	expect_due(test, &f, SECONDS(540), SNAPTUN_DUE_WIPE);
}

/* A responder's session may never be used: what it began itself goes on. */
static void session_not_yet_usable_ends_no_attempt(struct kunit *test)
{
	struct fixture f = begin(0, true);

	snaptun_timers_want_handshake(&f.t, f.now);
	expect_initiation(test, &f, 0, 0);
	snaptun_timers_session_made(&f.t, f.now);
	expect_initiation(test, &f, SECONDS(5), 0);
}

static void attempt_is_given_up_after_90_seconds(struct kunit *test)
{
	struct fixture f = begin(10, false);

	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	KUNIT_EXPECT_EQ(test, f.now, START + SECONDS(90));
}

static void responder_that_gives_up_is_forgotten(struct kunit *test)
{
	struct fixture f = begin(0, true);

	snaptun_timers_want_handshake(&f.t, f.now);
	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP | SNAPTUN_DUE_FORGET);
	expect_idle(test, &f);
}

/* 5 s × 1.3ⁿ, at most 180 s, in nanoseconds. */
static const u64 pauses[] = {
	5000000000, 6500000000, 8450000000, 10985000000, 14280500000,
	18564650000, 24134045000, 31374258500, 40786536050, 53022496865,
	68929245924, 89608019701, 116490425612, 151437553296, 180000000000,
	180000000000, 180000000000,
};

static void expired_tunnel_pauses_longer_each_time(struct kunit *test)
{
	struct fixture f = begin(10, false);
	unsigned int i;
	u64 pause;

	for (i = 0; i < ARRAY_SIZE(pauses); i++) {
		expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
		pause = snaptun_timers_next(&f.t) - f.now;
		/* Integers round a little. */
		KUNIT_EXPECT_GE(test, pause + 100, pauses[i]);
		KUNIT_EXPECT_LE(test, pause, pauses[i]);
		f.now += pause - 1;
		KUNIT_EXPECT_EQ(test, due(&f), 0);
		f.now++;
	}
}

static void pause_that_is_ended_begins_an_attempt_and_is_short_again(struct kunit *test)
{
	struct fixture f = begin(10, false);

	KUNIT_EXPECT_FALSE(test, snaptun_timers_end_pause(&f.t, f.now));
	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	f.now = snaptun_timers_next(&f.t);
	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	KUNIT_EXPECT_TRUE(test, snaptun_timers_end_pause(&f.t, f.now));
	KUNIT_EXPECT_FALSE(test, snaptun_timers_end_pause(&f.t, f.now));
	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	KUNIT_EXPECT_LE(test, snaptun_timers_next(&f.t) - f.now, pauses[0]);
}

static void renewed_attempt_lasts_its_whole_time(struct kunit *test)
{
	struct fixture f = begin(0, false);
	unsigned int i;

	snaptun_timers_renew_attempt(&f.t, f.now);
	expect_idle(test, &f);
	snaptun_timers_want_handshake(&f.t, f.now);
	for (i = 0; i < 17; i++) {
		KUNIT_EXPECT_EQ(test, due(&f), SNAPTUN_DUE_INITIATION);
		snaptun_timers_initiated(&f.t, f.now, 0);
		f.now += SECONDS(5);
	}
	/* Its next initiation is due as before, and its end is 90 s from here. */
	f.now -= 1;
	snaptun_timers_renew_attempt(&f.t, f.now);
	KUNIT_EXPECT_EQ(test, due(&f), 0);
	f.now++;
	for (i = 0; i < 18; i++) {
		KUNIT_EXPECT_EQ(test, due(&f), SNAPTUN_DUE_INITIATION);
		snaptun_timers_initiated(&f.t, f.now, 0);
		f.now += SECONDS(5);
	}
	f.now -= 2;
	KUNIT_EXPECT_EQ(test, due(&f), 0);
	f.now++;
	KUNIT_EXPECT_EQ(test, due(&f), SNAPTUN_DUE_GIVE_UP);
	/* In a pause there is none. */
	snaptun_timers_renew_attempt(&f.t, f.now);
	KUNIT_EXPECT_EQ(test, due(&f), 0);
}

static void pause_has_a_jitter(struct kunit *test)
{
	struct fixture f = begin(10, false);
	const u32 jitter = 123456789;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, SNAPTUN_RESTART_JITTER, NSEC_PER_SEC / 2);
	for (i = 0; i < 18; i++) {
		KUNIT_EXPECT_EQ(test, due(&f), SNAPTUN_DUE_INITIATION);
		snaptun_timers_initiated(&f.t, f.now, 0);
		f.now += SECONDS(5);
	}
	KUNIT_EXPECT_EQ(test, snaptun_timers_due(&f.t, f.now, jitter),
			SNAPTUN_DUE_GIVE_UP);
	expect_due(test, &f, SECONDS(5) + jitter, SNAPTUN_DUE_INITIATION);
}

static void nothing_shortens_a_pause(struct kunit *test)
{
	struct fixture f = begin(10, false);

	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	f.now += SECONDS(2);
	KUNIT_EXPECT_FALSE(test, snaptun_timers_want_handshake(&f.t, f.now));
	expect_due(test, &f, SECONDS(3), SNAPTUN_DUE_INITIATION);
}

static void session_makes_pauses_short_again(struct kunit *test)
{
	struct fixture f = begin(10, false);

	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	expect_next(test, &f, SECONDS(5));
	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	snaptun_timers_session_made(&f.t, f.now);
	snaptun_timers_session_usable(&f.t, f.now);
	f.now += SECONDS(100);
	snaptun_timers_want_handshake(&f.t, f.now);
	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	expect_due(test, &f, SECONDS(5), SNAPTUN_DUE_INITIATION);
}

/* Ends. */

static void session_is_usable_for_180_seconds(struct kunit *test)
{
	struct fixture f = begin(0, false);

	KUNIT_EXPECT_EQ(test, f.t.usable_until, SNAPTUN_NEVER);
	snaptun_timers_session_made(&f.t, f.now);
	f.now += SECONDS(30);
	snaptun_timers_session_usable(&f.t, START);
	KUNIT_ASSERT_EQ(test, snaptun_timers_next(&f.t), START + SECONDS(180));
	f.now = START + SECONDS(180) - 1;
	KUNIT_EXPECT_EQ(test, due(&f), 0);
	KUNIT_EXPECT_EQ(test, f.t.usable_until, START + SECONDS(180));
	f.now++;
	KUNIT_EXPECT_EQ(test, due(&f), 0);
	KUNIT_EXPECT_EQ(test, f.t.usable_until, SNAPTUN_NEVER);
}

static void erased_session_is_of_no_use(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_sessions_ended(&f.t);
	KUNIT_EXPECT_EQ(test, f.t.usable_until, SNAPTUN_NEVER);
	/* What was to come of it else still comes. */
	expect_due(test, &f, SECONDS(540), SNAPTUN_DUE_WIPE);
}

static void keepalive_set_later_seeks_a_session(struct kunit *test)
{
	struct fixture f = begin(0, false);

	snaptun_timers_set_keepalive(&f.t, 0, false, f.now, 0);
	KUNIT_EXPECT_FALSE(test, f.t.answer_keepalives);
	expect_idle(test, &f);
	snaptun_timers_set_keepalive(&f.t, 25, true, f.now, 0);
	KUNIT_EXPECT_TRUE(test, f.t.answer_keepalives);
	KUNIT_EXPECT_EQ(test, due(&f), SNAPTUN_DUE_INITIATION);
}

static void keepalive_set_later_leaves_a_session(struct kunit *test)
{
	struct fixture f = established();

	snaptun_timers_sent(&f.t, f.now, false);
	snaptun_timers_received(&f.t, f.now, false);
	snaptun_timers_sent(&f.t, f.now, false);
	snaptun_timers_received(&f.t, f.now, true);
	snaptun_timers_set_keepalive(&f.t, 4, true, f.now, 0);
	KUNIT_EXPECT_EQ(test, due(&f), 0);
	expect_due(test, &f, SECONDS(4), SNAPTUN_DUE_KEEPALIVE);
}

static void keepalive_set_for_many_comes_at_different_times(struct kunit *test)
{
	struct fixture early = established(), late;

	snaptun_timers_sent(&early.t, early.now, true);
	snaptun_timers_received(&early.t, early.now, true);
	snaptun_timers_sent(&early.t, early.now, true);
	snaptun_timers_received(&early.t, early.now, true);
	/* Longer ago than the new interval. */
	early.now += SECONDS(9);
	late = early;
	snaptun_timers_set_keepalive(&early.t, 4, true, early.now,
				     SNAPTUN_PHASES / 4 * 3);
	snaptun_timers_set_keepalive(&late.t, 4, true, late.now,
				     SNAPTUN_PHASES / 4);
	/* One that is owed comes with the keepalive. */
	early.t.owing_since = SNAPTUN_NEVER;
	late.t.owing_since = SNAPTUN_NEVER;
	expect_due(test, &early, SECONDS(1), SNAPTUN_DUE_KEEPALIVE);
	expect_due(test, &late, SECONDS(3), SNAPTUN_DUE_KEEPALIVE);
	expect_due(test, &early, SECONDS(4), SNAPTUN_DUE_KEEPALIVE);
}

static void keys_are_wiped_540_seconds_after_the_last_session(struct kunit *test)
{
	struct fixture f = established();

	f.now += SECONDS(100);
	snaptun_timers_session_made(&f.t, f.now);
	snaptun_timers_session_usable(&f.t, f.now);
	expect_due(test, &f, SECONDS(540), SNAPTUN_DUE_WIPE);
	expect_idle(test, &f);
}

static void wiped_tunnel_with_keepalive_seeks_a_session(struct kunit *test)
{
	struct fixture f = established();

	f.t.keepalive = 10;
	expect_next(test, &f, SECONDS(540));
	KUNIT_EXPECT_EQ(test, due(&f), SNAPTUN_DUE_WIPE | SNAPTUN_DUE_INITIATION);
}

static void responder_is_forgotten_540_seconds_after_its_session(struct kunit *test)
{
	struct fixture f = begin(0, true);

	snaptun_timers_session_made(&f.t, f.now);
	snaptun_timers_session_usable(&f.t, f.now);
	expect_due(test, &f, SECONDS(540), SNAPTUN_DUE_FORGET);
}

static void candidate_is_forgotten_after_5_seconds(struct kunit *test)
{
	struct fixture f = begin(0, true);

	snaptun_timers_became_candidate(&f.t, f.now);
	snaptun_timers_session_made(&f.t, f.now);
	expect_due(test, &f, SECONDS(5), SNAPTUN_DUE_FORGET);
}

static void confirmed_candidate_stays(struct kunit *test)
{
	struct fixture f = begin(0, true);

	snaptun_timers_became_candidate(&f.t, f.now);
	snaptun_timers_session_made(&f.t, f.now);
	f.now += SECONDS(5) - 1;
	snaptun_timers_confirmed(&f.t);
	snaptun_timers_session_usable(&f.t, START);
	expect_due(test, &f, SECONDS(535) + 1, SNAPTUN_DUE_FORGET);
}

/* Up and down. */

static void stopped_timers_do_nothing(struct kunit *test)
{
	struct fixture f = established();

	f.t.keepalive = 10;
	snaptun_timers_sent(&f.t, f.now, false);
	snaptun_timers_received(&f.t, f.now, false);
	snaptun_timers_sent(&f.t, f.now, false);
	snaptun_timers_want_handshake(&f.t, f.now);
	snaptun_timers_stop(&f.t);
	expect_idle(test, &f);
	KUNIT_EXPECT_FALSE(test, snaptun_timers_want_handshake(&f.t, f.now));
	expect_idle(test, &f);
}

static void stopping_ends_a_pause(struct kunit *test)
{
	struct fixture f = begin(10, false);

	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	snaptun_timers_stop(&f.t);
	expect_idle(test, &f);
	snaptun_timers_start(&f.t, f.now);
	expect_no_answer(test, &f, SNAPTUN_DUE_GIVE_UP);
	expect_due(test, &f, SECONDS(5), SNAPTUN_DUE_INITIATION);
}

static void restart_keeps_5_seconds_between_initiations(struct kunit *test)
{
	struct fixture f = begin(10, false);

	expect_initiation(test, &f, 0, 0);
	snaptun_timers_stop(&f.t);
	f.now += SECONDS(1);
	snaptun_timers_start(&f.t, f.now);
	expect_due(test, &f, SECONDS(4), SNAPTUN_DUE_INITIATION);
}

/* Events of any kind in any order. */
static void happen(struct fixture *f, struct snaptun_random *random)
{
	switch (snaptun_random_below(random, 10)) {
	case 0 ... 2:
		snaptun_timers_sent(&f->t, f->now,
				    snaptun_random_below(random, 2));
		break;
	case 3 ... 5:
		snaptun_timers_received(&f->t, f->now,
					snaptun_random_below(random, 2));
		break;
	case 6:
		snaptun_timers_want_handshake(&f->t, f->now);
		break;
	case 7:
		snaptun_timers_session_made(&f->t, f->now);
		break;
	case 8:
		snaptun_timers_session_usable(&f->t, f->now);
		break;
	default:
		f->now += snaptun_random_u32(random) % SECONDS(20);
		break;
	}
}

/*
 * A timer is armed for snaptun_timers_next() and sleeps until then. So nothing
 * may become due earlier, and looking at the time must leave nothing overdue, or
 * it would be armed for the past for ever.
 */
static void nothing_is_due_before_the_next_deadline(struct kunit *test)
{
	struct snaptun_random random = { .state = 29 };
	unsigned int round, i, acted = 0;

	for (round = 0; round < 200; round++) {
		struct fixture f = begin(round % 3 ? 10 : 0, round % 4 == 0);

		f.t.answer_keepalives = round % 5;
		for (i = 0; i < 100; i++) {
			u64 next;

			happen(&f, &random);
			if (due(&f) & SNAPTUN_DUE_INITIATION)
				snaptun_timers_initiated(&f.t, f.now, 0);
			next = snaptun_timers_next(&f.t);
			KUNIT_ASSERT_GT(test, next, f.now);
			if (next == SNAPTUN_NEVER)
				continue;
			if (snaptun_random_below(&random, 2))
				continue;
			f.now = next - 1;
			KUNIT_ASSERT_EQ(test, due(&f), 0);
			KUNIT_ASSERT_EQ(test, snaptun_timers_next(&f.t), next);
			f.now = next;
			acted += !!due(&f);
		}
	}
	KUNIT_EXPECT_GT(test, acted, 1000);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(configured_tunnel_keeps_alive_every_10_seconds),
	KUNIT_CASE(persistent_keepalive_follows_the_last_message_sent),
	KUNIT_CASE(persistent_keepalive_repeats),
	KUNIT_CASE(persistent_keepalives_of_many_are_spread),
	KUNIT_CASE(persistent_keepalive_of_zero_is_off),
	KUNIT_CASE(received_data_is_answered_after_10_seconds),
	KUNIT_CASE(answer_counts_from_the_first_data),
	KUNIT_CASE(sending_is_an_answer),
	KUNIT_CASE(received_keepalive_is_answered),
	KUNIT_CASE(received_keepalive_is_not_answered_where_told),
	KUNIT_CASE(answer_counts_from_what_was_last_sent),
	KUNIT_CASE(two_idle_sides_answer_each_other_for_ever),
	KUNIT_CASE(silence_of_15_seconds_begins_a_handshake),
	KUNIT_CASE(silence_counts_from_the_first_data_sent),
	KUNIT_CASE(anything_heard_breaks_the_silence),
	KUNIT_CASE(sent_keepalive_expects_an_answer),
	KUNIT_CASE(sent_keepalive_expects_nothing_where_told),
	KUNIT_CASE(responder_too_begins_a_handshake_after_silence),
	KUNIT_CASE(keepalive_makes_a_tunnel_seek_a_session_at_once),
	KUNIT_CASE(tunnel_without_keepalive_waits_for_a_packet),
	KUNIT_CASE(one_attempt_at_a_time),
	KUNIT_CASE(initiation_repeats_after_5_seconds_and_jitter),
	KUNIT_CASE(initiation_that_was_not_sent_is_due_again),
	KUNIT_CASE(initiations_are_5_seconds_apart_over_attempts),
	KUNIT_CASE(usable_session_ends_the_attempt),
	KUNIT_CASE(session_not_yet_usable_ends_no_attempt),
	KUNIT_CASE(attempt_is_given_up_after_90_seconds),
	KUNIT_CASE(responder_that_gives_up_is_forgotten),
	KUNIT_CASE(expired_tunnel_pauses_longer_each_time),
	KUNIT_CASE(pause_that_is_ended_begins_an_attempt_and_is_short_again),
	KUNIT_CASE(renewed_attempt_lasts_its_whole_time),
	KUNIT_CASE(pause_has_a_jitter),
	KUNIT_CASE(nothing_shortens_a_pause),
	KUNIT_CASE(session_makes_pauses_short_again),
	KUNIT_CASE(session_is_usable_for_180_seconds),
	KUNIT_CASE(erased_session_is_of_no_use),
	KUNIT_CASE(keepalive_set_later_seeks_a_session),
	KUNIT_CASE(keepalive_set_later_leaves_a_session),
	KUNIT_CASE(keepalive_set_for_many_comes_at_different_times),
	KUNIT_CASE(keys_are_wiped_540_seconds_after_the_last_session),
	KUNIT_CASE(wiped_tunnel_with_keepalive_seeks_a_session),
	KUNIT_CASE(responder_is_forgotten_540_seconds_after_its_session),
	KUNIT_CASE(candidate_is_forgotten_after_5_seconds),
	KUNIT_CASE(confirmed_candidate_stays),
	KUNIT_CASE(stopped_timers_do_nothing),
	KUNIT_CASE(stopping_ends_a_pause),
	KUNIT_CASE(restart_keeps_5_seconds_between_initiations),
	KUNIT_CASE(nothing_is_due_before_the_next_deadline),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_timers",
	.test_cases = cases,
};

kunit_test_suite(suite);
