// SPDX-License-Identifier: GPL-2.0
/* A device's agenda: what is due is done, the earliest first, and nothing else. */

#include <linux/delay.h>
#include <linux/slab.h>

#include "agenda.h"
#include "fixture.h"
#include "timers.h"

#define N	16

/* Far more than a test takes. */
#define LATER	SECONDS(100000)

/**
 * struct entry - something to do
 * @appointment: in the device's agenda
 * @f: the fixture
 * @done: how often it was done
 * @order: how many were done before it
 * @again_at: when to do it again, or 0
 */
struct entry {
	struct snaptun_appointment appointment;
	struct snaptun_fixture *f;
	unsigned int done;
	unsigned int order;
	u64 again_at;
};

static unsigned int all_done;

static void due(struct snaptun_appointment *appointment)
{
	struct entry *entry = container_of(appointment, struct entry, appointment);

	lockdep_assert_held(&entry->f->snap->lock);
	entry->done++;
	entry->order = all_done++;
	if (entry->again_at)
		snaptun_agenda_set(&entry->f->snap->agenda, appointment,
				   entry->again_at);
}

static struct entry *new_entries(struct kunit *test)
{
	struct entry *entries = kunit_kcalloc(test, N, sizeof(*entries), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, entries);
	for (i = 0; i < N; i++) {
		entries[i].f = test->priv;
		snaptun_appointment_init(&entries[i].appointment, due);
	}
	all_done = 0;
	return entries;
}

static void set(struct entry *entry, u64 at)
{
	struct snaptun_device *snap = entry->f->snap;

	mutex_lock(&snap->lock);
	snaptun_agenda_set(&snap->agenda, &entry->appointment, at);
	mutex_unlock(&snap->lock);
}

static void forget_all(struct entry *entries)
{
	unsigned int i;

	for (i = 0; i < N; i++)
		set(&entries[i], SNAPTUN_NEVER);
}

/* Wait until so many were done; what is not done then never is. */
static void wait_for(struct kunit *test, unsigned int n)
{
	struct snaptun_fixture *f = test->priv;
	unsigned int tries = 1000, done;

	do {
		msleep(20);
		mutex_lock(&f->snap->lock);
		done = all_done;
		mutex_unlock(&f->snap->lock);
	} while (done < n && --tries);
	KUNIT_EXPECT_EQ(test, done, n);
}

static void earliest_comes_first(struct kunit *test)
{
	/* Any order but that of the entries. */
	static const unsigned int ranks[N] = {
		7, 3, 12, 0, 15, 9, 1, 14, 5, 10, 2, 13, 6, 11, 4, 8,
	};
	struct entry *entries = new_entries(test);
	struct snaptun_fixture *f = test->priv;
	u64 now = ktime_get_boottime_ns();
	unsigned int i;

	mutex_lock(&f->snap->lock);
	for (i = 0; i < N; i++)
		snaptun_agenda_set(&f->snap->agenda, &entries[i].appointment,
				   now + ranks[i] * NSEC_PER_MSEC);
	mutex_unlock(&f->snap->lock);
	wait_for(test, N);
	for (i = 0; i < N; i++)
		KUNIT_EXPECT_EQ(test, entries[i].order, ranks[i]);
}

static void next_one_comes_after_the_first(struct kunit *test)
{
	struct entry *entries = new_entries(test);
	u64 now = ktime_get_boottime_ns();

	/* Far enough apart that they are not due together. */
	set(&entries[1], now + SECONDS(1));
	set(&entries[2], now + SECONDS(2));
	set(&entries[0], now);
	wait_for(test, 3);
	KUNIT_EXPECT_EQ(test, entries[0].order, 0);
	KUNIT_EXPECT_EQ(test, entries[1].order, 1);
	KUNIT_EXPECT_EQ(test, entries[2].order, 2);
	forget_all(entries);
}

static void time_can_change(struct kunit *test)
{
	struct entry *entries = new_entries(test);
	u64 now = ktime_get_boottime_ns();

	set(&entries[0], now + LATER);
	set(&entries[1], now + 2 * LATER);
	set(&entries[2], now + 3 * LATER);
	set(&entries[3], now + SECONDS(1));
	/* The last one becomes the first, the first one never comes. */
	set(&entries[2], now + 1);
	set(&entries[3], SNAPTUN_NEVER);
	wait_for(test, 1);
	KUNIT_EXPECT_EQ(test, entries[2].done, 1);
	/* It was later than what is due now, and is due as well. */
	set(&entries[0], now + 2);
	wait_for(test, 2);
	KUNIT_EXPECT_EQ(test, entries[0].done, 1);
	msleep(1100);
	KUNIT_EXPECT_EQ(test, all_done, 2);
	forget_all(entries);
}

static void done_is_done_unless_set_again(struct kunit *test)
{
	struct entry *entries = new_entries(test);
	u64 now = ktime_get_boottime_ns();

	entries[0].again_at = now + LATER;
	set(&entries[0], now);
	set(&entries[1], now);
	wait_for(test, 2);
	msleep(50);
	KUNIT_EXPECT_EQ(test, entries[0].done, 1);
	KUNIT_EXPECT_EQ(test, entries[1].done, 1);
	/* It is there still, and can come earlier. */
	entries[0].again_at = 0;
	set(&entries[0], now + 1);
	wait_for(test, 3);
	KUNIT_EXPECT_EQ(test, entries[0].done, 2);
	forget_all(entries);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(earliest_comes_first),
	KUNIT_CASE(next_one_comes_after_the_first),
	KUNIT_CASE(time_can_change),
	KUNIT_CASE(done_is_done_unless_set_again),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_agenda",
	.init = snaptun_fixture_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
