// SPDX-License-Identifier: GPL-2.0
/*
 * Lanes: datagrams of one address are opened in their order, whoever takes them in, and
 * no more of them wait than may.
 */

#include <linux/completion.h>
#include <linux/sched.h>
#include <linux/udp.h>

#include "compat.h"
#include "fixture.h"
#include "lane.h"
#include "tunnel.h"
#include "tx.h"

/* What fits a datagram of the loopback interface. */
#define DATAGRAM	60000
/* Messages of a super-packet. */
#define BULK	4

/* As if something were opened on every CPU, so that nothing else is. */
static void hold_openers(struct snaptun_device *snap)
{
	int cpu;

	local_bh_disable();
	for_each_possible_cpu(cpu) {
		struct snaptun_opener *opener = per_cpu_ptr(snap->openers, cpu);

		while (!napi_schedule_prep(&opener->rx.napi))
			cpu_relax();
	}
	local_bh_enable();
}

static void release_opener(struct snaptun_device *snap, int cpu)
{
	local_bh_disable();
	napi_complete(&per_cpu_ptr(snap->openers, cpu)->rx.napi);
	local_bh_enable();
}

static void release_openers(struct snaptun_device *snap)
{
	int cpu;

	for_each_possible_cpu(cpu)
		release_opener(snap, cpu);
}

/**
 * struct tap - sees what a device hands to the stack
 * @type: the handler; bound to the device
 * @next: number that the next packet should have
 * @disordered: packets that had another
 * @last: number of the last
 * @by_process: packets that came from a process, not from softirq
 * @seen: the last came
 */
struct tap {
	struct packet_type type;
	u32 next;
	u32 disordered;
	u32 last;
	u32 by_process;
	struct completion seen;
};

/* A packet of SCION with a number in it. */
static void write_packet(u8 *to, u32 number)
{
	static const u8 header[12] = { [4] = 253, [5] = 9, [7] = 64 - 36 };

	memset(to, 0, 64);
	memcpy(to, header, sizeof(header));
	put_unaligned_be32(number, to + 60);
}

static int see(struct sk_buff *skb, struct net_device *dev,
	       struct packet_type *type, struct net_device *orig_dev)
{
	struct tap *tap = container_of(type, struct tap, type);
	__be32 buffer, *number;

	number = skb_header_pointer(skb, 60, sizeof(buffer), &buffer);
	if (number) {
		tap->disordered += be32_to_cpu(*number) != tap->next;
		tap->next = be32_to_cpu(*number) + 1;
		tap->by_process += !in_serving_softirq();
		if (be32_to_cpu(*number) == tap->last)
			complete(&tap->seen);
	}
	kfree_skb(skb);
	return NET_RX_SUCCESS;
}

static void remove_tap(void *tap)
{
	dev_remove_pack(&((struct tap *)tap)->type);
}

static struct tap *new_tap(struct kunit *test, u32 last)
{
	struct snaptun_fixture *f = test->priv;
	struct tap *tap = kunit_kzalloc(test, sizeof(*tap), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tap);
	tap->last = last;
	init_completion(&tap->seen);
	tap->type.type = htons(SNAPTUN_ETH_P_SCION);
	tap->type.dev = f->snap->dev;
	tap->type.func = see;
	dev_add_pack(&tap->type);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, remove_tap, tap));
	return tap;
}

static void send_packet(struct kunit *test, u32 number)
{
	struct snaptun_fixture *f = test->priv;
	u8 packet[64], message[sizeof(packet) + SNAPTUN_OVERHEAD];
	size_t len;

	write_packet(packet, number);
	len = snaptun_fixture_seal(f, message, number, packet, sizeof(packet));
	snaptun_fixture_send(test, message, len);
}

static void datagrams_wait_for_their_turn(struct kunit *test)
{
	const u32 n = 200;
	struct snaptun_fixture *f = test->priv;
	struct tap *tap;
	u32 i;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	tap = new_tap(test, n - 1);
	hold_openers(f->snap);
	for (i = 0; i < n / 2; i++)
		send_packet(test, i);
	KUNIT_EXPECT_EQ(test, tap->next, 0);
	release_openers(f->snap);
	/* These come while the others are opened, and after. */
	for (; i < n; i++)
		send_packet(test, i);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&tap->seen, 20 * HZ), 0);
	KUNIT_EXPECT_EQ(test, tap->disordered, 0);
}

static void move_to(struct kunit *test, const struct cpumask *cpus)
{
	KUNIT_EXPECT_EQ(test, 0, set_cpus_allowed_ptr(current, cpus));
}

/* What one CPU took in waits for its turn there: another one, with nothing to do, does too. */
static void datagrams_wait_for_those_of_another_cpu(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	int first = cpumask_first(cpu_online_mask);
	int second = cpumask_next(first, cpu_online_mask);
	struct tap *tap;
	int cpu;
	u32 i;

	if (second >= nr_cpu_ids)
		kunit_skip(test, "there is one CPU");
	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	tap = new_tap(test, 19);
	hold_openers(f->snap);
	move_to(test, cpumask_of(first));
	for (i = 0; i < 10; i++)
		send_packet(test, i);
	release_opener(f->snap, second);
	move_to(test, cpumask_of(second));
	for (; i < 20; i++)
		send_packet(test, i);
	KUNIT_EXPECT_EQ(test, tap->next, 0);
	for_each_possible_cpu(cpu)
		if (cpu != second)
			release_opener(f->snap, cpu);
	move_to(test, cpu_possible_mask);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&tap->seen, 20 * HZ), 0);
	KUNIT_EXPECT_EQ(test, tap->disordered, 0);
}

static void lane_that_is_full_drops_and_counts(struct kunit *test)
{
	u8 *garbage = kunit_kzalloc(test, DATAGRAM, GFP_KERNEL);
	struct snaptun_fixture *f = test->priv;
	unsigned int backlog = SNAPTUN_A_COUNTERS_RX_BACKLOG;
	unsigned int malformed = SNAPTUN_A_COUNTERS_RX_MALFORMED;
	unsigned long deadline = jiffies + 20 * HZ;
	u64 dropped, opened;
	unsigned int n;

	KUNIT_ASSERT_NOT_NULL(test, garbage);
	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	snaptun_fixture_mark(f);
	hold_openers(f->snap);
	for (n = 0; n < 300; n++)
		snaptun_fixture_send(test, garbage, DATAGRAM);
	dropped = snaptun_stats_read(f->snap->stats, backlog) -
		  f->counts[backlog];
	KUNIT_EXPECT_GT(test, dropped, 0);
	KUNIT_EXPECT_LT(test, dropped, n);
	release_openers(f->snap);
	/* One more is taken then, behind all that waited. */
	snaptun_fixture_send(test, garbage, DATAGRAM);
	do {
		cond_resched();
		opened = snaptun_stats_read(f->snap->stats, malformed) -
			 f->counts[malformed];
	} while (opened + dropped <= n && time_is_after_jiffies(deadline));
	KUNIT_EXPECT_EQ(test, opened + dropped, n + 1);
}

static void port_that_is_closed_forgets_what_waits(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct rtnl_link_stats64 stats;
	u32 i;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	snaptun_fixture_mark(f);
	hold_openers(f->snap);
	for (i = 0; i < 10; i++)
		send_packet(test, i);
	mutex_lock(&f->snap->lock);
	snaptun_device_set_listen(f->snap, NULL);
	mutex_unlock(&f->snap->lock);
	release_openers(f->snap);
	synchronize_net();
	/* The tunnel is gone with its port. */
	f->tunnel = NULL;
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f), COUNTED_NOTHING);
	dev_get_stats(f->snap->dev, &stats);
	KUNIT_EXPECT_EQ(test, stats.rx_packets, 0);
}

static void closed_port_is_nothing_to_work_on(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	unsigned int i;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	hold_openers(f->snap);
	/* Who found the port before still takes things out of it. */
	snaptun_lanes_close(f->socket);
	send_packet(test, 0);
	spin_lock_bh(&f->socket->lock);
	for (i = 0; i < SNAPTUN_LANES; i++)
		KUNIT_EXPECT_TRUE(test, list_empty(&f->socket->lanes[i].node));
	spin_unlock_bh(&f->socket->lock);
	release_openers(f->snap);
	mutex_lock(&f->snap->lock);
	snaptun_device_set_listen(f->snap, NULL);
	mutex_unlock(&f->snap->lock);
	f->tunnel = NULL;
}

static bool all_lanes_idle(struct snaptun_socket *socket)
{
	bool idle = true;
	unsigned int i;

	spin_lock_bh(&socket->lock);
	for (i = 0; i < SNAPTUN_LANES; i++)
		idle &= socket->lanes[i].state == SNAPTUN_LANE_IDLE;
	spin_unlock_bh(&socket->lock);
	return idle;
}

/* Send bulk with numbers from @first on; how many of it a process opened. */
static u32 send_bulk(struct kunit *test, struct tap *tap, u32 first)
{
	struct snaptun_fixture *f = test->priv;
	unsigned long deadline = jiffies + 20 * HZ;
	u8 packet[64], bulk[BULK * (sizeof(packet) + SNAPTUN_OVERHEAD)];
	size_t len = 0;
	u32 i;

	for (i = 0; i < BULK; i++) {
		write_packet(packet, first + i);
		len += snaptun_fixture_seal(f, bulk + len, first + i, packet,
					    sizeof(packet));
	}
	tap->by_process = 0;
	tap->last = first + BULK - 1;
	reinit_completion(&tap->seen);
	snaptun_fixture_send(test, bulk, len);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&tap->seen, 20 * HZ), 0);
	while (!all_lanes_idle(f->socket) && time_is_after_jiffies(deadline))
		cond_resched();
	return tap->by_process;
}

static void bulk_without_answers_is_opened_by_a_process(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	int i, segment = 64 + SNAPTUN_OVERHEAD;
	struct tap *tap;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	tap = new_tap(test, 0);
	KUNIT_ASSERT_EQ(test, 0,
			READ_ONCE(f->peer->ops)->setsockopt(f->peer, SOL_UDP, UDP_SEGMENT,
							    KERNEL_SOCKPTR(&segment),
							    sizeof(segment)));
	KUNIT_EXPECT_EQ(test, send_bulk(test, tap, 0), 0);
	KUNIT_EXPECT_EQ(test, f->tunnel->unanswered, BULK);
	WRITE_ONCE(f->tunnel->unanswered, SNAPTUN_ONE_WAY_MIN);
	/* What is seen there decides about what comes next. */
	send_bulk(test, tap, BULK);
	KUNIT_EXPECT_EQ(test, send_bulk(test, tap, 2 * BULK), BULK);
	KUNIT_EXPECT_EQ(test, send_bulk(test, tap, 3 * BULK), BULK);
	/* However long nothing went back, a few answers end it. */
	local_bh_disable();
	for (i = 0; i < 1000; i++)
		snaptun_tunnel_received(f->tunnel, snaptun_now(), 64, 64 * 100, false);
	local_bh_enable();
	for (i = 0; i < 20; i++)
		snaptun_tx_keepalive(f->tunnel);
	KUNIT_EXPECT_EQ(test, f->tunnel->unanswered, 0);
	send_bulk(test, tap, 4 * BULK);
	KUNIT_EXPECT_EQ(test, send_bulk(test, tap, 5 * BULK), 0);
	KUNIT_EXPECT_EQ(test, tap->disordered, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(datagrams_wait_for_their_turn),
	KUNIT_CASE(datagrams_wait_for_those_of_another_cpu),
	KUNIT_CASE(lane_that_is_full_drops_and_counts),
	KUNIT_CASE(port_that_is_closed_forgets_what_waits),
	KUNIT_CASE(closed_port_is_nothing_to_work_on),
	KUNIT_CASE(bulk_without_answers_is_opened_by_a_process),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_lane",
	.init = snaptun_fixture_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
