// SPDX-License-Identifier: GPL-2.0
/*
 * Budgets of handshake messages: how much a source is granted, and whose budget
 * others cannot use up.
 */

#include "address.h"
#include "ratelimit.h"
#include "test.h"

#define NOW	SECONDS(1000)

static const struct snaptun_rate rate = { .per_second = 10, .burst = 20 };

static struct snaptun_sources *new_sources(struct kunit *test)
{
	struct snaptun_sources *sources =
		kunit_kzalloc(test, sizeof(*sources), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sources);
	KUNIT_ASSERT_EQ(test, snaptun_sources_open(sources), 0);
	return sources;
}

static struct snaptun_address v4(u32 ip, u16 port)
{
	struct snaptun_address address = { .port = htons(port) };

	ipv6_addr_set_v4mapped(htonl(ip), &address.ip);
	return address;
}

static struct snaptun_address v6(u32 high, u32 low)
{
	struct snaptun_address address = { .port = htons(5000) };

	address.ip.s6_addr32[0] = htonl(0x20010db8);
	address.ip.s6_addr32[1] = htonl(high);
	address.ip.s6_addr32[3] = htonl(low);
	return address;
}

/* How many messages in a row are taken at one time, at most @limit. */
static unsigned int taken(struct snaptun_sources *sources,
			  const struct snaptun_address *source, bool proven,
			  u64 now, unsigned int limit)
{
	unsigned int n = 0;

	while (n < limit &&
	       snaptun_sources_take(sources, &rate, source, proven, now))
		n++;
	return n;
}

static void budget_is_the_burst(struct kunit *test)
{
	struct snaptun_budget budget = {};
	unsigned int n = 0;

	while (n < 100 && snaptun_budget_take(&budget, &rate, NOW))
		n++;
	KUNIT_EXPECT_EQ(test, n, 20);
}

static void budget_comes_back_by_the_rate(struct kunit *test)
{
	struct snaptun_budget budget = {};
	u64 now = NOW;
	unsigned int i;

	while (snaptun_budget_take(&budget, &rate, now))
		;
	for (i = 0; i < 50; i++) {
		now += SECONDS(1) / 10 - 1;
		KUNIT_EXPECT_FALSE(test, snaptun_budget_take(&budget, &rate, now));
		now++;
		KUNIT_EXPECT_TRUE(test, snaptun_budget_take(&budget, &rate, now));
	}
}

static void pause_gives_back_no_more_than_the_burst(struct kunit *test)
{
	struct snaptun_budget budget = {};
	unsigned int n = 0;

	while (snaptun_budget_take(&budget, &rate, NOW))
		;
	while (n < 100 && snaptun_budget_take(&budget, &rate, NOW + SECONDS(3600)))
		n++;
	KUNIT_EXPECT_EQ(test, n, 20);
}

static void burst_of_one_is_one_at_a_time(struct kunit *test)
{
	static const struct snaptun_rate one = { .per_second = 1, .burst = 1 };
	struct snaptun_budget budget = {};

	KUNIT_EXPECT_TRUE(test, snaptun_budget_take(&budget, &one, NOW));
	KUNIT_EXPECT_FALSE(test, snaptun_budget_take(&budget, &one,
						     NOW + SECONDS(1) - 1));
	KUNIT_EXPECT_TRUE(test, snaptun_budget_take(&budget, &one,
						    NOW + SECONDS(1)));
}

static void greatest_rates_do_not_overflow(struct kunit *test)
{
	static const struct snaptun_rate slow = { .per_second = 1, .burst = U32_MAX };
	static const struct snaptun_rate fast = { .per_second = U32_MAX, .burst = 1 };
	struct snaptun_budget budget = {};
	unsigned int i;

	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_TRUE(test, snaptun_budget_take(&budget, &slow, NOW));
	budget.restored_at = 0;
	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_TRUE(test, snaptun_budget_take(&budget, &fast, NOW));
}

static void cookie_opens_a_budget_of_its_own(struct kunit *test)
{
	struct snaptun_budgets budgets = {};
	unsigned int n;

	for (n = 0; n < 100 && snaptun_budgets_take(&budgets, &rate, false, NOW); n++)
		;
	KUNIT_EXPECT_EQ(test, n, 20);
	for (n = 0; n < 100 && snaptun_budgets_take(&budgets, &rate, true, NOW); n++)
		;
	KUNIT_EXPECT_EQ(test, n, 20);
	KUNIT_EXPECT_FALSE(test, snaptun_budgets_take(&budgets, &rate, false, NOW));
}

static void ports_of_an_address_share_a_budget(struct kunit *test)
{
	struct snaptun_sources *sources = new_sources(test);
	struct snaptun_address a = v4(0xc0000201, 1), b = v4(0xc0000201, 2);
	struct snaptun_address other = v4(0xc0000202, 1);

	KUNIT_EXPECT_EQ(test, taken(sources, &a, false, NOW, 100), 20);
	KUNIT_EXPECT_EQ(test, taken(sources, &b, false, NOW, 100), 0);
	KUNIT_EXPECT_EQ(test, taken(sources, &other, false, NOW, 100), 20);
	snaptun_sources_close(sources);
}

static void addresses_of_a_64_share_a_budget(struct kunit *test)
{
	struct snaptun_sources *sources = new_sources(test);
	struct snaptun_address a = v6(1, 1), b = v6(1, 2), other = v6(2, 1);

	KUNIT_EXPECT_EQ(test, taken(sources, &a, false, NOW, 100), 20);
	KUNIT_EXPECT_EQ(test, taken(sources, &b, false, NOW, 100), 0);
	KUNIT_EXPECT_EQ(test, taken(sources, &other, false, NOW, 100), 20);
	snaptun_sources_close(sources);
}

static void who_has_a_cookie_has_a_budget_apart(struct kunit *test)
{
	struct snaptun_sources *sources = new_sources(test);
	struct snaptun_address a = v4(0xc0000201, 1);

	KUNIT_EXPECT_EQ(test, taken(sources, &a, false, NOW, 100), 20);
	KUNIT_EXPECT_EQ(test, taken(sources, &a, true, NOW, 100), 20);
	KUNIT_EXPECT_EQ(test, taken(sources, &a, true, NOW, 100), 0);
	snaptun_sources_close(sources);
}

/* More sources than the table has places for: each is granted its burst at most. */
static void many_sources_get_no_more_than_theirs(struct kunit *test)
{
	unsigned int places = SNAPTUN_SOURCE_SETS * SNAPTUN_SOURCE_WAYS, i;
	struct snaptun_sources *sources = new_sources(test);

	for (i = 0; i < 3 * places; i++) {
		struct snaptun_address a = v4(0x0a000000 + i, 1);

		KUNIT_ASSERT_EQ(test, taken(sources, &a, false, NOW, 100), 20);
	}
	snaptun_sources_close(sources);
}

/* Sources that come once do not push out the one that sends most. */
static void greedy_source_is_remembered(struct kunit *test)
{
	unsigned int places = SNAPTUN_SOURCE_SETS * SNAPTUN_SOURCE_WAYS, i;
	struct snaptun_sources *sources = new_sources(test);
	struct snaptun_address greedy = v4(0xc0000201, 1);

	KUNIT_EXPECT_EQ(test, taken(sources, &greedy, false, NOW, 100), 20);
	for (i = 0; i < 3 * places; i++) {
		struct snaptun_address a = v4(0x0a000000 + i, 1);

		KUNIT_ASSERT_EQ(test, taken(sources, &a, false, NOW, 1), 1);
	}
	KUNIT_EXPECT_EQ(test, taken(sources, &greedy, false, NOW, 100), 0);
	snaptun_sources_close(sources);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(budget_is_the_burst),
	KUNIT_CASE(budget_comes_back_by_the_rate),
	KUNIT_CASE(pause_gives_back_no_more_than_the_burst),
	KUNIT_CASE(burst_of_one_is_one_at_a_time),
	KUNIT_CASE(greatest_rates_do_not_overflow),
	KUNIT_CASE(cookie_opens_a_budget_of_its_own),
	KUNIT_CASE(ports_of_an_address_share_a_budget),
	KUNIT_CASE(addresses_of_a_64_share_a_budget),
	KUNIT_CASE(who_has_a_cookie_has_a_budget_apart),
	KUNIT_CASE(many_sources_get_no_more_than_theirs),
	KUNIT_CASE(greedy_source_is_remembered),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_ratelimit",
	.test_cases = cases,
};

kunit_test_suite(suite);
