// SPDX-License-Identifier: GPL-2.0
/*
 * Lanes: the way of a datagram from its socket to rx.c.
 *
 *   snaptun_lanes_take()     from socket.c: there are datagrams in a sock
 *     take_one()             the oldest; a lone one is for snaptun_rx_datagram() at once
 *     enqueue()              any other waits in its lane
 *       make_ready()         on the list of an opener: choose_opener() says which
 *         wake_opener()      which is polled, in softirq or by a process
 *   poll()                   or poll_by_process():
 *     open_ready()           lanes of this opener's list, for as long as its budget lasts
 *       run_lane()           snaptun_rx_datagram() for what waits in a lane
 *     end_turn()             all is handed up, and lanes that are empty are idle again
 *
 * Any CPU may be the one that takes a datagram out of a socket, so datagrams of
 * one remote address could overtake each other. They share a lane, on which one opener
 * works at a time: a CPU's NAPI for one device. Lanes go side by side.
 *
 * A lane is IDLE; RUNNING while a datagram is opened on the spot, or what waits in it by its
 * opener; READY while it is on that one's list; and DRAINED when all of it is opened, but
 * may still wait in the NAPI.
 *
 * A lone datagram is opened on the spot if nothing of its lane waits: nothing is faster.
 * Super-packets are much work, and wait for a NAPI, which counts messages and lets
 * others have their turn. It is that of another CPU where this one seals bulk itself,
 * as when both ends are on one machine, or on a busy host in the middle: sealing and
 * opening one flow then go side by side.
 *
 * Bulk that comes one way is opened by a process instead. Nothing there makes the sender
 * wait for the reader, which needs its part of the CPUs; and of softirqs the scheduler
 * knows nothing, so that it leaves the reader behind whoever it takes for busy.
 *
 * A lane changes its CPU only when all that came before was handed up.
 */

#include "lane.h"

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/sched/isolation.h>
#include <linux/sizes.h>
#include <linux/udp.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "compat.h"
#include "device.h"
#include "pool.h"
#include "socket.h"

/* Datagrams that one callback takes; each that is queued calls once. */
#define LANES_TAKE	64
/*
 * Memory of what waits in a lane: more than the window of one TCP flow, or two. Where the
 * CPU is too slow for so much, a lane holds what it opens in some time, milliseconds, so
 * that senders hear of it soon; but always as much as a few bursts.
 */
#define LANE_BYTES	SZ_16M
#define LANE_BYTES_MIN	SZ_1M
#define LANE_TIME	40
/* A CPU that sealed a batch seals bulk for that long, milliseconds. */
#define SEALING_TIME	10

/* When a CPU last sealed a batch, jiffies. */
static DEFINE_PER_CPU(unsigned long, sealed_at);
/* Processes that open. */
static struct workqueue_struct *workers;

/* How many datagrams are opened on the spot, one inside the other. */
static DEFINE_PER_CPU(unsigned int, opening);

/**
 * snaptun_lanes_note_sealed() - this CPU seals bulk
 *
 * Context: bottom halves disabled.
 */
void snaptun_lanes_note_sealed(void)
{
	__this_cpu_write(sealed_at, jiffies);
}

static bool is_sealing(int cpu)
{
	unsigned long at = READ_ONCE(per_cpu(sealed_at, cpu));

	return at && jiffies - at <= msecs_to_jiffies(SEALING_TIME) + 1;
}

/* The next CPU that work may be given to, or @cpu where there is none. */
static int next_cpu(int cpu)
{
	int other = cpu;

	do {
		other = cpumask_next(other, cpu_online_mask);
		if (other >= nr_cpu_ids)
			other = cpumask_first(cpu_online_mask);
	} while (other != cpu && !housekeeping_cpu(other, HK_TYPE_DOMAIN));
	return other;
}

/*
 * Where a lane is worked on from now on. That the other CPU sealed lately, too, is no
 * reason to stay: it may be just what was opened there that had the sender seal its next
 * bulk, where TCP acknowledged it.
 */
static struct snaptun_opener *choose_opener(struct snaptun_device *snap,
					    bool is_bulk)
{
	int cpu = smp_processor_id();

	if (is_bulk && is_sealing(cpu))
		cpu = next_cpu(cpu);
	return per_cpu_ptr(snap->openers, cpu);
}

static void opener_called(void *info)
{
	struct snaptun_opener *opener = info;

	__napi_schedule_irqoff(&opener->rx.napi);
}

/* Do threads of NAPI poll? Its owner sees no change while it has it. */
static bool is_threaded(const struct snaptun_opener *opener)
{
	return test_bit(NAPI_STATE_THREADED, &opener->rx.napi.state);
}

/* There is something in the list of an opener: have it polled, on its CPU or by a process. */
static void wake_opener(struct snaptun_opener *opener, bool by_process)
{
	/* One that is polled now will be polled once more. */
	if (!napi_schedule_prep(&opener->rx.napi))
		return;
	/* Threads of NAPI are processes, too; and who ends them waits for their turn. */
	if (by_process && !is_threaded(opener)) {
		queue_work(workers, &opener->work);
		return;
	}
	/* With PREEMPT_RT an interrupt from another CPU may not raise softirqs. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || opener->cpu == smp_processor_id() ||
	    smp_call_function_single_async(opener->cpu, &opener->csd))
		__napi_schedule(&opener->rx.napi);
}

/*
 * Put a lane that has something on the list of its opener; the socket's lock is held.
 * Once the port is closed nobody may find the lane any more: it is purged, and freed.
 */
static bool put_on_list(struct snaptun_lane *lane, struct snaptun_opener *opener)
{
	if (lane->socket->closed) {
		lane->state = SNAPTUN_LANE_IDLE;
		return false;
	}
	lane->state = SNAPTUN_LANE_READY;
	lane->opener = opener;
	spin_lock(&opener->lock);
	list_move_tail(&lane->node, &opener->ready);
	spin_unlock(&opener->lock);
	return true;
}

/* An opener is to work on a lane that has something; the socket's lock is held. */
static void make_ready(struct snaptun_lane *lane, struct snaptun_opener *opener)
{
	if (put_on_list(lane, opener))
		wake_opener(opener, READ_ONCE(lane->one_way));
}

/* The lane of a datagram: the same for all that come from one address. */
static struct snaptun_lane *lane_of(struct snaptun_socket *socket,
				    const struct sk_buff *skb)
{
	u32 address = ip_hdr(skb)->version == 4 ?
			      (__force u32)ip_hdr(skb)->saddr :
			      ipv6_addr_hash(&ipv6_hdr(skb)->saddr);
	u32 port = (__force u16)udp_hdr(skb)->source;

	return &socket->lanes[hash_32(address ^ port, ilog2(SNAPTUN_LANES))];
}

/* When a datagram came into its lane, jiffies. */
static unsigned long *came_at(struct sk_buff *skb)
{
	return (unsigned long *)skb->cb;
}

/* Is there no room in a lane for another datagram? The socket's lock is held. */
static bool is_full(const struct snaptun_lane *lane, const struct sk_buff *skb)
{
	struct sk_buff *oldest = skb_peek(&lane->queue);
	unsigned int bytes = lane->bytes + skb->truesize;

	if (bytes <= LANE_BYTES_MIN || !oldest)
		return false;
	return bytes > LANE_BYTES ||
	       time_after(jiffies, *came_at(oldest) + msecs_to_jiffies(LANE_TIME));
}

/* Put a datagram into its lane; the socket's lock is held. */
static void enqueue(struct snaptun_lane *lane, struct sk_buff *skb)
{
	struct snaptun_device *snap = lane->socket->snap;

	if (is_full(lane, skb)) {
		snaptun_drop_skb(snap, skb, SNAPTUN_A_COUNTERS_RX_BACKLOG);
		return;
	}
	*came_at(skb) = jiffies;
	__skb_queue_tail(&lane->queue, skb);
	lane->bytes += skb->truesize;
	if (lane->state == SNAPTUN_LANE_IDLE)
		make_ready(lane, choose_opener(snap, skb_is_gso(skb)));
	else if (lane->state == SNAPTUN_LANE_DRAINED)
		make_ready(lane, lane->opener);
}

/*
 * Take the oldest datagram out of a sock, and put it into its lane, or hand it to the
 * caller to open it on the spot. Under one lock, or two CPUs could change the order.
 *
 * Return: 0; -EAGAIN where there was no datagram; 1 where *@now is to be opened now: its
 * lane is running, on this CPU's opener, whose NAPI is the caller's.
 */
static int take_one(struct snaptun_socket *socket, struct sock *sk,
		    struct snaptun_lane **lane, struct sk_buff **now)
{
	struct snaptun_opener *mine = this_cpu_ptr(socket->snap->openers);
	struct sk_buff *skb;
	int err;

	spin_lock(&socket->lock);
	skb = skb_recv_udp(sk, MSG_DONTWAIT, &err);
	if (!skb) {
		/* Any other error was pending on the sock, and is cleared now. */
		err = err == -EAGAIN ? err : 0;
		goto out;
	}
	*lane = lane_of(socket, skb);
	/*
	 * What is in tunnels in tunnels would be opened on one stack, which has an end. And
	 * threads of older kernels may poll where they were woken late for an earlier turn.
	 */
	if ((*lane)->state == SNAPTUN_LANE_IDLE && !skb_is_gso(skb) &&
	    !__this_cpu_read(opening) && !is_threaded(mine) &&
	    napi_schedule_prep(&mine->rx.napi)) {
		(*lane)->state = SNAPTUN_LANE_RUNNING;
		(*lane)->opener = mine;
		*now = skb;
		err = 1;
		goto out;
	}
	enqueue(*lane, skb);
	err = 0;
out:
	spin_unlock(&socket->lock);
	return err;
}

/* Is a lane on a list of its opener? The socket's lock is held. */
static bool is_listed(struct snaptun_lane *lane)
{
	bool listed;

	/* Its lock, too: half of an entry may be gone. */
	spin_lock(&lane->opener->lock);
	listed = !list_empty(&lane->node);
	spin_unlock(&lane->opener->lock);
	return listed;
}

/*
 * All was handed up of a lane that was left in a state, and is on no list: it is idle,
 * unless more came meanwhile. If that made it ready again, somebody works on it; or has
 * done so, and left it in that state a second time: then it is on a list, and somebody
 * else's to finish.
 */
static void finish_lane(struct snaptun_lane *lane, enum snaptun_lane_states state)
{
	struct snaptun_socket *socket = lane->socket;

	spin_lock(&socket->lock);
	if (lane->state != state || is_listed(lane))
		goto out;
	if (skb_queue_empty(&lane->queue))
		lane->state = SNAPTUN_LANE_IDLE;
	else
		make_ready(lane, choose_opener(socket->snap, true));
out:
	spin_unlock(&socket->lock);
}

/**
 * snaptun_lanes_take() - there are datagrams in a sock
 * @socket: the port
 * @sk: one of its socks
 *
 * Context: bottom halves disabled, RCU read lock.
 */
void snaptun_lanes_take(struct snaptun_socket *socket, struct sock *sk)
{
	struct snaptun_lane *lane;
	struct sk_buff *skb;
	unsigned int i;
	int taken;

	for (i = 0; i < LANES_TAKE; i++) {
		taken = take_one(socket, sk, &lane, &skb);
		if (taken < 0)
			break;
		if (!taken)
			continue;
		this_cpu_inc(opening);
		snaptun_rx_datagram(&lane->opener->rx, socket, skb);
		consume_skb(skb);
		napi_complete(&lane->opener->rx.napi);
		this_cpu_dec(opening);
		finish_lane(lane, SNAPTUN_LANE_RUNNING);
	}
}

static struct sk_buff *next_of(struct snaptun_lane *lane)
{
	struct snaptun_socket *socket = lane->socket;
	struct snaptun_opener *opener = lane->opener;
	struct sk_buff *skb;

	spin_lock(&socket->lock);
	skb = __skb_dequeue(&lane->queue);
	if (skb) {
		lane->state = SNAPTUN_LANE_RUNNING;
		lane->bytes -= skb->truesize;
	} else if (socket->closed) {
		lane->state = SNAPTUN_LANE_IDLE;
	} else {
		lane->state = SNAPTUN_LANE_DRAINED;
		spin_lock(&opener->lock);
		list_add_tail(&lane->node, &opener->drained);
		spin_unlock(&opener->lock);
	}
	spin_unlock(&socket->lock);
	return skb;
}

/* Work on a lane until it is empty, or @budget messages are opened; how many were. */
static unsigned int run_lane(struct snaptun_lane *lane, unsigned int budget)
{
	struct snaptun_socket *socket = lane->socket;
	struct sk_buff *skb;
	unsigned int n = 0;

	while (n < budget) {
		skb = next_of(lane);
		if (!skb)
			return n;
		n += snaptun_rx_datagram(&lane->opener->rx, socket, skb);
		WRITE_ONCE(lane->one_way, lane->opener->rx.one_way);
		consume_skb(skb);
	}
	/* Behind the others that wait; who has the NAPI goes on with it. */
	spin_lock(&socket->lock);
	put_on_list(lane, lane->opener);
	spin_unlock(&socket->lock);
	return n;
}

static struct snaptun_lane *take_lane(struct snaptun_opener *opener,
				      struct list_head *from)
{
	struct snaptun_lane *lane;

	spin_lock(&opener->lock);
	lane = list_first_entry_or_null(from, struct snaptun_lane, node);
	if (lane)
		list_del_init(&lane->node);
	spin_unlock(&opener->lock);
	return lane;
}

/* Work on lanes until none is ready, or @budget messages are opened; how many were. */
static int open_ready(struct snaptun_opener *opener, int budget)
{
	struct snaptun_lane *lane;
	int n = 0;

	while (n < budget && (lane = take_lane(opener, &opener->ready)))
		n += run_lane(lane, budget - n);
	return min(n, budget);
}

/* Hand up what waits in the NAPI, give that away, and finish lanes that are empty. */
static void end_turn(struct snaptun_opener *opener)
{
	struct snaptun_lane *lane;
	LIST_HEAD(drained);

	spin_lock(&opener->lock);
	list_splice_init(&opener->drained, &drained);
	spin_unlock(&opener->lock);
	napi_complete(&opener->rx.napi);
	while ((lane = take_lane(opener, &drained)))
		finish_lane(lane, SNAPTUN_LANE_DRAINED);
}

static int poll(struct napi_struct *napi, int budget)
{
	struct snaptun_opener *opener =
		container_of(napi, struct snaptun_opener, rx.napi);
	int n;

	/* Sockets are freed after a grace period. */
	rcu_read_lock();
	n = open_ready(opener, budget);
	if (n < budget)
		end_turn(opener);
	rcu_read_unlock();
	return n;
}

/* The same in process context, where nobody else hands up what waits from time to time. */
static void poll_by_process(struct work_struct *work)
{
	struct snaptun_opener *opener =
		container_of(work, struct snaptun_opener, work);
	bool goes_on;

	do {
		local_bh_disable();
		rcu_read_lock();
		goes_on = open_ready(opener, NAPI_POLL_WEIGHT) == NAPI_POLL_WEIGHT;
		end_turn(opener);
		/* Unless somebody else has it now. */
		goes_on = goes_on && napi_schedule_prep(&opener->rx.napi);
		if (goes_on && is_threaded(opener)) {
			__napi_schedule(&opener->rx.napi);
			goes_on = false;
		}
		rcu_read_unlock();
		local_bh_enable();
		cond_resched_tasks_rcu_qs();
	} while (goes_on);
}

/**
 * snaptun_lanes_setup() - what openers of all devices share
 *
 * Context: process.
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_lanes_setup(void)
{
	workers = alloc_workqueue("snaptun-openers", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return workers ? 0 : -ENOMEM;
}

/**
 * snaptun_lanes_teardown() - undo snaptun_lanes_setup()
 *
 * Context: process; no device is left.
 */
void snaptun_lanes_teardown(void)
{
	destroy_workqueue(workers);
}

/**
 * snaptun_lanes_init() - begin with empty lanes
 * @socket: a new port
 */
void snaptun_lanes_init(struct snaptun_socket *socket)
{
	struct snaptun_lane *lane;

	spin_lock_init(&socket->lock);
	for (lane = socket->lanes; lane < socket->lanes + SNAPTUN_LANES; lane++) {
		lane->socket = socket;
		__skb_queue_head_init(&lane->queue);
		INIT_LIST_HEAD(&lane->node);
	}
}

/**
 * snaptun_lanes_close() - nobody is to work on a port's lanes any more
 * @socket: the port; who holds it under RCU may still put things into them
 *
 * Context: process.
 */
void snaptun_lanes_close(struct snaptun_socket *socket)
{
	struct snaptun_lane *lane;

	spin_lock_bh(&socket->lock);
	socket->closed = true;
	for (lane = socket->lanes; lane < socket->lanes + SNAPTUN_LANES; lane++) {
		if (!lane->opener)
			continue;
		spin_lock(&lane->opener->lock);
		list_del_init(&lane->node);
		spin_unlock(&lane->opener->lock);
	}
	spin_unlock_bh(&socket->lock);
}

/**
 * snaptun_lanes_purge() - free what is left in a port's lanes
 * @socket: the port, a grace period after snaptun_lanes_close()
 */
void snaptun_lanes_purge(struct snaptun_socket *socket)
{
	unsigned int i;

	for (i = 0; i < SNAPTUN_LANES; i++)
		__skb_queue_purge(&socket->lanes[i].queue);
}

/**
 * snaptun_openers_init() - make each CPU ready to open for a device
 * @snap: the device
 *
 * Context: process, rtnl.
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_openers_init(struct snaptun_device *snap)
{
	int cpu;

	snap->openers = alloc_percpu(struct snaptun_opener);
	if (!snap->openers)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct snaptun_opener *opener = per_cpu_ptr(snap->openers, cpu);

		opener->cpu = cpu;
		spin_lock_init(&opener->lock);
		INIT_LIST_HEAD(&opener->ready);
		INIT_LIST_HEAD(&opener->drained);
		INIT_CSD(&opener->csd, opener_called, opener);
		INIT_WORK(&opener->work, poll_by_process);
		/*
		 * A process that polls would take it from whoever opens on the spot, and who
		 * waits for the end of a turn, with rtnl, would wait for ever.
		 */
		set_bit(NAPI_STATE_NO_BUSY_POLL, &opener->rx.napi.state);
		netif_napi_add(snap->dev, &opener->rx.napi, poll);
		napi_enable(&opener->rx.napi);
	}
	return 0;
}

/**
 * snaptun_openers_flush() - nothing waits in an opener any more
 * @snap: the device; it is down, and all its sockets are closed
 *
 * What was opened while it was up may wait for GRO; it goes up while the device can be
 * waited for. (napi_synchronize() does not wait where there is one CPU, but processes open,
 * too.)
 *
 * Context: process, rtnl.
 */
void snaptun_openers_flush(struct snaptun_device *snap)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct snaptun_opener *opener = per_cpu_ptr(snap->openers, cpu);

		while (test_bit(NAPI_STATE_SCHED, &opener->rx.napi.state))
			usleep_range(1000, 2000);
	}
}

/**
 * snaptun_openers_destroy() - no CPU opens for a device any more
 * @snap: the device; all its sockets are closed, and nobody uses them
 *
 * Context: process.
 */
void snaptun_openers_destroy(struct snaptun_device *snap)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct snaptun_opener *opener = per_cpu_ptr(snap->openers, cpu);

		napi_disable(&opener->rx.napi);
		flush_work(&opener->work);
		__netif_napi_del(&opener->rx.napi);
		if (opener->rx.page)
			put_page(opener->rx.page);
	}
	/* The core finds NAPIs under RCU. */
	synchronize_net();
	free_percpu(snap->openers);
	snap->openers = NULL;
}
