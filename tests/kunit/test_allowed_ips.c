// SPDX-License-Identifier: GPL-2.0
/*
 * Allowed IPs: the longest prefix wins, prefixes move, a change is whole or none;
 * and what a look-up finds among random prefixes is what a search of all finds.
 */

#include <linux/inet.h>
#include <linux/prandom.h>
#include <linux/rcupdate.h>
#include <net/ipv6.h>

#include "allowed_ips.h"
#include "messages.h"
#include "test.h"

#define OWNERS		4
#define RANDOM_PREFIXES	200

struct fixture {
	struct snaptun_allowed_table table;
	struct snaptun_allowed_ips owners[OWNERS];
};

/* "192.0.2.0/24" as the module has it. */
static struct snaptun_prefix prefix(struct kunit *test, const char *text)
{
	struct snaptun_prefix prefix = {};
	const char *slash;
	__be32 ip;

	if (in4_pton(text, -1, (u8 *)&ip, '/', &slash)) {
		prefix.is_v4 = true;
		ipv6_addr_set_v4mapped(ip, &prefix.ip);
	} else {
		KUNIT_ASSERT_TRUE(test, in6_pton(text, -1, prefix.ip.s6_addr, '/',
						 &slash));
	}
	KUNIT_ASSERT_EQ(test, kstrtou8(slash + 1, 10, &prefix.length), 0);
	return prefix;
}

static int replace(struct fixture *f, unsigned int owner,
		   const struct snaptun_prefix *prefixes, unsigned int n)
{
	LIST_HEAD(created);
	int err;

	err = snaptun_allowed_ips_prepare(&f->table, prefixes, n, &created);
	if (!err)
		snaptun_allowed_ips_commit(&f->table, &f->owners[owner],
					   prefixes, n);
	return err;
}

/* Give @owner these prefixes, separated by spaces, and no others. */
static void give(struct kunit *test, unsigned int owner, const char *texts)
{
	struct fixture *f = test->priv;
	struct snaptun_prefix prefixes[16];
	char buffer[256], *rest = buffer, *text;
	unsigned int n = 0;

	strscpy(buffer, texts, sizeof(buffer));
	while ((text = strsep(&rest, " ")))
		if (*text)
			prefixes[n++] = prefix(test, text);
	KUNIT_ASSERT_EQ(test, 0, replace(f, owner, prefixes, n));
}

/* The number of the owner of an address, -1 where nobody is. */
static int owner_of(struct kunit *test, const char *text)
{
	struct fixture *f = test->priv;
	struct snaptun_allowed_ips *owner;
	struct in6_addr ip;
	bool is_v4;
	__be32 v4;

	is_v4 = in4_pton(text, -1, (u8 *)&v4, -1, NULL);
	if (is_v4)
		ipv6_addr_set_v4mapped(v4, &ip);
	else
		KUNIT_ASSERT_TRUE(test, in6_pton(text, -1, ip.s6_addr, -1, NULL));
	rcu_read_lock();
	owner = snaptun_allowed_ips_lookup(&f->table, &ip, is_v4);
	rcu_read_unlock();
	return owner ? owner - f->owners : -1;
}

static void longest_prefix_wins(struct kunit *test)
{
	give(test, 0, "0.0.0.0/0 192.168.4.0/24");
	give(test, 1, "192.168.0.0/16 10.0.0.0/8");
	give(test, 2, "192.168.4.4/32 10.1.0.0/28");
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.168.4.4"), 2);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.168.4.5"), 0);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.168.5.5"), 1);
	KUNIT_EXPECT_EQ(test, owner_of(test, "10.1.0.15"), 2);
	KUNIT_EXPECT_EQ(test, owner_of(test, "10.1.0.16"), 1);
	KUNIT_EXPECT_EQ(test, owner_of(test, "11.0.0.1"), 0);
	KUNIT_EXPECT_EQ(test, owner_of(test, "2001:db8::1"), -1);
}

static void ipv6_has_prefixes_of_its_own(struct kunit *test)
{
	give(test, 0, "::/0");
	give(test, 1, "2001:db8::/32 fe80::/10");
	give(test, 2, "2001:db8:1::/48 2001:db8::7/128");
	KUNIT_EXPECT_EQ(test, owner_of(test, "2001:db8::7"), 2);
	KUNIT_EXPECT_EQ(test, owner_of(test, "2001:db8::8"), 1);
	KUNIT_EXPECT_EQ(test, owner_of(test, "2001:db8:1:ffff::"), 2);
	KUNIT_EXPECT_EQ(test, owner_of(test, "febf::1"), 1);
	KUNIT_EXPECT_EQ(test, owner_of(test, "fec0::1"), 0);
	/* Not even one that looks like an IPv4 address is one. */
	KUNIT_EXPECT_EQ(test, owner_of(test, "::ffff:192.0.2.1"), 0);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.0.2.1"), -1);
}

static void bits_that_do_not_count_are_ignored(struct kunit *test)
{
	struct fixture *f = test->priv;

	give(test, 0, "192.0.2.77/24 192.0.2.1/24 2001:db8::1/32");
	KUNIT_EXPECT_EQ(test, f->owners[0].count, 2);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.0.2.200"), 0);
	KUNIT_EXPECT_EQ(test, owner_of(test, "2001:db8:7::"), 0);
}

static void prefix_moves_to_who_gets_it_last(struct kunit *test)
{
	struct fixture *f = test->priv;

	give(test, 0, "10.0.0.0/8 192.0.2.0/24");
	give(test, 1, "10.0.0.0/8");
	KUNIT_EXPECT_EQ(test, owner_of(test, "10.1.1.1"), 1);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.0.2.1"), 0);
	KUNIT_EXPECT_EQ(test, f->owners[0].count, 1);
	give(test, 0, "192.0.2.0/24");
	KUNIT_EXPECT_EQ(test, owner_of(test, "10.1.1.1"), 1);
}

static void replaced_prefixes_are_gone(struct kunit *test)
{
	struct fixture *f = test->priv;

	give(test, 0, "10.0.0.0/8 192.0.2.0/24 2001:db8::/32");
	give(test, 0, "192.0.2.0/24");
	KUNIT_EXPECT_EQ(test, owner_of(test, "10.1.1.1"), -1);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.0.2.1"), 0);
	KUNIT_EXPECT_EQ(test, owner_of(test, "2001:db8::1"), -1);
	give(test, 0, "");
	KUNIT_EXPECT_EQ(test, f->owners[0].count, 0);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.0.2.1"), -1);
	KUNIT_EXPECT_TRUE(test, bitmap_empty(f->table.lengths[0], 129));
	KUNIT_EXPECT_TRUE(test, bitmap_empty(f->table.lengths[1], 129));
}

static void every_change_is_a_generation(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int before = f->table.generation;

	give(test, 0, "");
	KUNIT_EXPECT_EQ(test, f->table.generation, before);
	give(test, 0, "10.0.0.0/8");
	KUNIT_EXPECT_NE(test, f->table.generation, before);
	f->table.generation = U32_MAX;
	give(test, 0, "");
	KUNIT_EXPECT_NE(test, f->table.generation, 0);
}

/* Neither what was there nor what came before the failure changes. */
static void change_that_fails_changes_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snaptun_prefix prefixes[2];
	unsigned int elements;

	give(test, 0, "10.0.0.0/8");
	prefixes[0] = prefix(test, "192.0.2.0/24");
	prefixes[1] = prefix(test, "198.51.100.0/24");
	/* Room for one prefix more. */
	elements = atomic_xchg(&f->table.prefixes.nelems,
			       SNAPTUN_PREFIXES_PER_DEVICE - 1);
	KUNIT_EXPECT_EQ(test, -ENOSPC, replace(f, 0, prefixes, 2));
	atomic_set(&f->table.prefixes.nelems, elements);
	KUNIT_EXPECT_EQ(test, f->owners[0].count, 1);
	KUNIT_EXPECT_EQ(test, owner_of(test, "10.1.1.1"), 0);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.0.2.1"), -1);
	KUNIT_EXPECT_EQ(test, owner_of(test, "198.51.100.1"), -1);
	KUNIT_EXPECT_EQ(test, f->table.counts[1][24], 0);
}

/* Nobody sees what is prepared, and nothing is left of it once it is cancelled. */
static void change_that_is_cancelled_changes_nothing(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct snaptun_prefix prefixes[2];
	unsigned int generation;
	LIST_HEAD(created);

	give(test, 0, "10.0.0.0/8 192.0.2.0/24");
	generation = f->table.generation;
	prefixes[0] = prefix(test, "10.0.0.0/8");
	prefixes[1] = prefix(test, "192.0.2.128/25");
	KUNIT_ASSERT_EQ(test, 0,
			snaptun_allowed_ips_prepare(&f->table, prefixes, 2,
						    &created));
	KUNIT_EXPECT_EQ(test, owner_of(test, "10.1.1.1"), 0);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.0.2.200"), 0);
	snaptun_allowed_ips_cancel(&f->table, &created);
	KUNIT_EXPECT_TRUE(test, list_empty(&created));
	KUNIT_EXPECT_EQ(test, owner_of(test, "10.1.1.1"), 0);
	KUNIT_EXPECT_EQ(test, owner_of(test, "192.0.2.200"), 0);
	KUNIT_EXPECT_EQ(test, f->owners[0].count, 2);
	KUNIT_EXPECT_EQ(test, f->owners[1].count, 0);
	KUNIT_EXPECT_EQ(test, f->table.counts[1][25], 0);
	KUNIT_EXPECT_EQ(test, f->table.generation, generation);
}

static bool lies_in(const struct in6_addr *ip, bool is_v4,
		    const struct snaptun_prefix *prefix)
{
	return prefix->is_v4 == is_v4 &&
	       ipv6_prefix_equal(ip, &prefix->ip,
				 prefix->length + (is_v4 ? 96 : 0));
}

/* As the look-up, by looking at all; the last of equal ones has it. */
static int search(const struct snaptun_prefix *prefixes, const int *owners,
		  unsigned int n, const struct in6_addr *ip, bool is_v4)
{
	int found = -1, length = -1;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (lies_in(ip, is_v4, &prefixes[i]) &&
		    prefixes[i].length >= length) {
			found = owners[i];
			length = prefixes[i].length;
		}
	}
	return found;
}

/* Addresses that differ in few bits, so that prefixes contain each other. */
static void random_ip(struct rnd_state *random, struct in6_addr *ip, bool is_v4)
{
	u32 bits = prandom_u32_state(random) & 0x81818181;

	if (is_v4) {
		ipv6_addr_set_v4mapped((__force __be32)bits, ip);
	} else {
		memset(ip, 0, sizeof(*ip));
		ip->s6_addr32[prandom_u32_state(random) % 4] =
			(__force __be32)bits;
	}
}

static void look_up_finds_what_a_search_finds(struct kunit *test)
{
	struct snaptun_prefix *lists[OWNERS], *all;
	struct fixture *f = test->priv;
	unsigned int i, counts[OWNERS] = {};
	struct rnd_state random;
	int *owners;

	prandom_seed_state(&random, 0x736e6170);
	all = kunit_kcalloc(test, RANDOM_PREFIXES, sizeof(*all), GFP_KERNEL);
	owners = kunit_kcalloc(test, RANDOM_PREFIXES, sizeof(*owners), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, all);
	KUNIT_ASSERT_NOT_NULL(test, owners);
	for (i = 0; i < OWNERS; i++) {
		lists[i] = kunit_kcalloc(test, RANDOM_PREFIXES, sizeof(*all),
					 GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, lists[i]);
	}
	/* In the order of their owners, as they are given to the table. */
	for (i = 0; i < RANDOM_PREFIXES; i++) {
		unsigned int owner = i * OWNERS / RANDOM_PREFIXES;

		all[i].is_v4 = prandom_u32_state(&random) & 1;
		all[i].length = prandom_u32_state(&random) %
				(all[i].is_v4 ? 33 : 129);
		random_ip(&random, &all[i].ip, all[i].is_v4);
		owners[i] = owner;
		lists[owner][counts[owner]++] = all[i];
	}
	for (i = 0; i < OWNERS; i++)
		KUNIT_ASSERT_EQ(test, 0, replace(f, i, lists[i], counts[i]));
	for (i = 0; i < 5000; i++) {
		struct snaptun_allowed_ips *owner;
		bool is_v4 = i & 1;
		struct in6_addr ip;

		random_ip(&random, &ip, is_v4);
		rcu_read_lock();
		owner = snaptun_allowed_ips_lookup(&f->table, &ip, is_v4);
		rcu_read_unlock();
		KUNIT_ASSERT_EQ(test, owner ? (int)(owner - f->owners) : -1,
				search(all, owners, RANDOM_PREFIXES, &ip, is_v4));
	}
}

static int begin(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	unsigned int i;

	if (!f)
		return -ENOMEM;
	test->priv = f;
	for (i = 0; i < OWNERS; i++)
		snaptun_allowed_ips_init(&f->owners[i]);
	return snaptun_allowed_table_init(&f->table);
}

static void end(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i;

	for (i = 0; i < OWNERS; i++)
		snaptun_allowed_ips_commit(&f->table, &f->owners[i], NULL, 0);
	snaptun_allowed_table_destroy(&f->table);
	/* Prefixes are freed after a grace period; leaks are looked for later. */
	rcu_barrier();
}

static struct kunit_case cases[] = {
	KUNIT_CASE(longest_prefix_wins),
	KUNIT_CASE(ipv6_has_prefixes_of_its_own),
	KUNIT_CASE(bits_that_do_not_count_are_ignored),
	KUNIT_CASE(prefix_moves_to_who_gets_it_last),
	KUNIT_CASE(replaced_prefixes_are_gone),
	KUNIT_CASE(every_change_is_a_generation),
	KUNIT_CASE(change_that_fails_changes_nothing),
	KUNIT_CASE(change_that_is_cancelled_changes_nothing),
	KUNIT_CASE(look_up_finds_what_a_search_finds),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_allowed_ips",
	.init = begin,
	.exit = end,
	.test_cases = cases,
};

kunit_test_suite(suite);
