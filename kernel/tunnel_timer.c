// SPDX-License-Identifier: GPL-2.0
/*
 * What drives a tunnel: its timer, which asks the rules of timers.c, the work that
 * does in process context what is due, and its states, with who is told of them.
 */

#include <linux/random.h>

#include "compat.h"
#include "device.h"
#include "identity.h"
#include "report.h"
#include "trace.h"
#include "tunnel.h"
#include "tx.h"

/**
 * snaptun_tunnel_state() - where a tunnel is in its life
 * @tunnel: the tunnel
 *
 * Context: any.
 *
 * Return: enum snaptun_tunnel_state.
 */
u32 snaptun_tunnel_state(const struct snaptun_tunnel *tunnel)
{
	const struct snaptun_timers *t = &tunnel->timers;

	if (!READ_ONCE(tunnel->confirmed))
		return SNAPTUN_TUNNEL_STATE_CANDIDATE;
	if (READ_ONCE(tunnel->closed))
		return SNAPTUN_TUNNEL_STATE_CLOSED;
	if (READ_ONCE(t->usable_until) != SNAPTUN_NEVER)
		return SNAPTUN_TUNNEL_STATE_ESTABLISHED;
	if (READ_ONCE(t->attempt_at) != SNAPTUN_NEVER)
		return SNAPTUN_TUNNEL_STATE_CONNECTING;
	if (READ_ONCE(t->restart_at) != SNAPTUN_NEVER)
		return SNAPTUN_TUNNEL_STATE_EXPIRED;
	return SNAPTUN_TUNNEL_STATE_IDLE;
}

/* The tunnel is in another state now; its timer_lock is held. */
static void enter_state(struct snaptun_tunnel *tunnel, u32 state)
{
	bool was = tunnel->state == SNAPTUN_TUNNEL_STATE_ESTABLISHED;
	bool is = state == SNAPTUN_TUNNEL_STATE_ESTABLISHED;

	lockdep_assert_held(&tunnel->timer_lock);
	WRITE_ONCE(tunnel->state, state);
	if (was != is)
		snaptun_device_established(tunnel->snap, is);
	trace_snaptun_tunnel_state(tunnel->snap->dev, tunnel->id, state);
}

/**
 * snaptun_tunnel_settle() - something happened that may change the tunnel's state
 * @tunnel: the tunnel
 *
 * If it did, whoever wants to know is told.
 *
 * Context: any; the device's table_lock may be held, the tunnel's timer_lock not.
 */
void snaptun_tunnel_settle(struct snaptun_tunnel *tunnel)
{
	u32 state;

	spin_lock_bh(&tunnel->timer_lock);
	state = snaptun_tunnel_state(tunnel);
	if (tunnel->announced && state != tunnel->state) {
		enter_state(tunnel, state);
		snaptun_report_event(tunnel, SNAPTUN_CMD_TUNNEL_STATE_NTF);
	}
	spin_unlock_bh(&tunnel->timer_lock);
}

/**
 * snaptun_tunnel_announce() - from now on events tell of a tunnel
 * @tunnel: the tunnel; its device's lock or table_lock is held
 *
 * Context: any.
 */
void snaptun_tunnel_announce(struct snaptun_tunnel *tunnel)
{
	spin_lock_bh(&tunnel->timer_lock);
	tunnel->announced = true;
	enter_state(tunnel, snaptun_tunnel_state(tunnel));
	snaptun_report_event(tunnel, SNAPTUN_CMD_TUNNEL_NEW_NTF);
	spin_unlock_bh(&tunnel->timer_lock);
}

/**
 * snaptun_tunnel_renounce() - the last event of a tunnel
 * @tunnel: the tunnel; the device's lock is held
 *
 * Context: any.
 */
void snaptun_tunnel_renounce(struct snaptun_tunnel *tunnel)
{
	spin_lock_bh(&tunnel->timer_lock);
	if (tunnel->announced) {
		enter_state(tunnel, SNAPTUN_TUNNEL_STATE_IDLE);
		snaptun_report_event(tunnel, SNAPTUN_CMD_TUNNEL_DEL_NTF);
		tunnel->announced = false;
	}
	spin_unlock_bh(&tunnel->timer_lock);
}

/* A message sent answers for so many received: TCP acknowledges a few super-packets in one. */
#define ANSWERS_MAX	1024U
#define TIMER_LONG_WAIT	(5ULL * NSEC_PER_SEC)

static void arm_locked(struct snaptun_tunnel *tunnel, u64 next, u64 now)
{
	u64 wait = next > now ? next - now : 0;

	/*
	 * The wheel may be late by an eighth of a long wait, and all that it rounds to
	 * the same moment is done in one softirq: of 100,000 tunnels that would be
	 * thousands of keepalives. A wait that ends too early instead is followed by a
	 * short one, which is exact enough.
	 */
	if (wait > TIMER_LONG_WAIT)
		wait -= wait / 8;
	WRITE_ONCE(tunnel->armed_at, next);
	mod_timer(&tunnel->timer, jiffies + nsecs_to_jiffies(wait) + 1);
}

/**
 * snaptun_tunnel_arm() - have the timer fire in time for what is due next
 * @tunnel: the tunnel
 * @now: current time
 *
 * A timer that would fire earlier stays: it looks and arms itself again. So
 * the data path, whose deadlines move away all the time, hardly ever touches
 * it.
 *
 * Context: any.
 */
void snaptun_tunnel_arm(struct snaptun_tunnel *tunnel, u64 now)
{
	u64 next;

	/*
	 * What the data path noted comes before a look at @armed_at, and the
	 * timer's mark there before its look at what was noted: one of the two
	 * sees the other.
	 */
	smp_mb();
	next = snaptun_timers_next(&tunnel->timers);
	if (next >= READ_ONCE(tunnel->armed_at))
		return;
	spin_lock_bh(&tunnel->timer_lock);
	if (next < tunnel->armed_at)
		arm_locked(tunnel, next, now);
	spin_unlock_bh(&tunnel->timer_lock);
}

static void queue_todo(struct snaptun_tunnel *tunnel,
		       enum snaptun_tunnel_todo todo)
{
	set_bit(todo, &tunnel->todo);
	/* The data path may hold a tunnel that was removed. */
	if (!kref_get_unless_zero(&tunnel->kref))
		return;
	if (!queue_work(snaptun_workqueue, &tunnel->work))
		snaptun_tunnel_put(tunnel);
}

static void timer_fired(struct timer_list *timer)
{
	struct snaptun_tunnel *tunnel =
		snaptun_timer_container(tunnel, timer, timer);
	u64 now = snaptun_now();
	unsigned int due;

	spin_lock(&tunnel->timer_lock);
	WRITE_ONCE(tunnel->armed_at, SNAPTUN_NEVER);
	due = snaptun_timers_due(&tunnel->timers, now,
				 get_random_u32() % SNAPTUN_RESTART_JITTER);
	spin_unlock(&tunnel->timer_lock);

	if (due & SNAPTUN_DUE_GIVE_UP)
		snaptun_tunnel_drop_staged(tunnel);
	if (due & SNAPTUN_DUE_FORGET)
		queue_todo(tunnel, SNAPTUN_TODO_FORGET);
	if (due & SNAPTUN_DUE_WIPE)
		queue_todo(tunnel, SNAPTUN_TODO_WIPE);
	if (due & SNAPTUN_DUE_KEEPALIVE)
		snaptun_tx_keepalive(tunnel);
	if (due & SNAPTUN_DUE_INITIATION)
		queue_todo(tunnel, SNAPTUN_TODO_INITIATE);
	snaptun_tunnel_settle(tunnel);
	snaptun_tunnel_arm(tunnel, now);
}

/*
 * Has nothing happened since the timer wanted the tunnel removed? If so, it is
 * dead from now on, and cannot be confirmed any more. One that only gave up because its
 * identity's authorisation ended stays for as long as its sessions do.
 */
static bool still_doomed(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	bool doomed;

	spin_lock_bh(&snap->table_lock);
	spin_lock(&tunnel->timer_lock);
	doomed = tunnel->timers.doomed &&
		 !(tunnel->confirmed &&
		   tunnel->timers.session_at != SNAPTUN_NEVER &&
		   snaptun_tunnel_has_ended(tunnel, snaptun_now()));
	spin_unlock(&tunnel->timer_lock);
	if (doomed)
		tunnel->dead = true;
	spin_unlock_bh(&snap->table_lock);
	return doomed;
}

/* No secret of a session or handshake is left. */
static void wipe(struct snaptun_tunnel *tunnel)
{
	snaptun_sessions_wipe(&tunnel->sessions, &tunnel->snap->by_index);
	memzero_explicit(&tunnel->handshake, sizeof(tunnel->handshake));
}

/* Packets go through the tunnel: from now on it remembers its route. */
static void cache_route(struct snaptun_tunnel *tunnel)
{
	struct dst_cache route = {};

	if (tunnel->route.cache || dst_cache_init(&route, GFP_KERNEL))
		return;
	WRITE_ONCE(tunnel->route.reset_ts, route.reset_ts);
	/* The data path, whose accesses depend on the pointer, sees all or nothing. */
	smp_store_release(&tunnel->route.cache, route.cache);
}

static void do_todo(struct work_struct *work)
{
	struct snaptun_tunnel *tunnel =
		container_of(work, struct snaptun_tunnel, work);
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_noise_prepared prepared;
	unsigned int life;
	bool initiates;

	/* Not under a lock that rtnl waits for. */
	wait_for_random_bytes();
	/* Whoever sets the bit from now on queues the work once more. */
	initiates = test_bit(SNAPTUN_TODO_INITIATE, &tunnel->todo);
	life = snaptun_machine_life();
	if (initiates)
		snaptun_handshake_prepare(tunnel, &prepared);
	mutex_lock(&snap->lock);
	if (!tunnel->dead) {
		/* Unless a session was made since. */
		if (test_and_clear_bit(SNAPTUN_TODO_WIPE, &tunnel->todo) &&
		    READ_ONCE(tunnel->timers.session_at) == SNAPTUN_NEVER)
			wipe(tunnel);
		/* A copy of the machine would have the same random numbers. */
		if (initiates && life != snaptun_machine_life())
			queue_todo(tunnel, SNAPTUN_TODO_INITIATE);
		else if (initiates &&
			 test_and_clear_bit(SNAPTUN_TODO_INITIATE, &tunnel->todo))
			snaptun_handshake_initiate(tunnel, &prepared);
		/* Where that fails the bit stays, and nobody asks until the next session. */
		if (test_bit(SNAPTUN_TODO_CACHE_ROUTE, &tunnel->todo))
			cache_route(tunnel);
		if (test_and_clear_bit(SNAPTUN_TODO_FORGET, &tunnel->todo) &&
		    still_doomed(tunnel))
			snaptun_tunnel_remove(tunnel);
	}
	mutex_unlock(&snap->lock);
	if (initiates)
		memzero_explicit(&prepared, sizeof(prepared));
	snaptun_tunnel_put(tunnel);
}

/**
 * snaptun_tunnel_timer_init() - make a new tunnel's timer and work, both off
 * @tunnel: the tunnel
 */
void snaptun_tunnel_timer_init(struct snaptun_tunnel *tunnel)
{
	spin_lock_init(&tunnel->timer_lock);
	tunnel->armed_at = SNAPTUN_NEVER;
	timer_setup(&tunnel->timer, timer_fired, 0);
	INIT_WORK(&tunnel->work, do_todo);
}

/* Begin an attempt, where the timers say so. */
static void begin_attempt(struct snaptun_tunnel *tunnel,
			  bool (*begin)(struct snaptun_timers *t, u64 now), u64 now)
{
	bool began, initiate;

	spin_lock_bh(&tunnel->timer_lock);
	began = begin(&tunnel->timers, now);
	initiate = began && snaptun_timers_take_initiation(&tunnel->timers, now);
	spin_unlock_bh(&tunnel->timer_lock);
	if (!began)
		return;
	if (initiate)
		queue_todo(tunnel, SNAPTUN_TODO_INITIATE);
	snaptun_tunnel_settle(tunnel);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_want_handshake() - the tunnel needs a new session
 * @tunnel: the tunnel
 *
 * Nothing happens where a handshake is under way already, or the tunnel's identity is
 * no longer authorised.
 *
 * Context: any.
 */
void snaptun_tunnel_want_handshake(struct snaptun_tunnel *tunnel)
{
	u64 now = snaptun_now();

	if (READ_ONCE(tunnel->timers.attempt_at) == SNAPTUN_NEVER &&
	    !snaptun_tunnel_has_ended(tunnel, now))
		begin_attempt(tunnel, snaptun_timers_want_handshake, now);
}

/**
 * snaptun_tunnel_end_pause() - there is reason to believe that the other side answers
 * @tunnel: the tunnel; one that has expired tries again at once
 *
 * Context: any.
 */
void snaptun_tunnel_end_pause(struct snaptun_tunnel *tunnel)
{
	begin_attempt(tunnel, snaptun_timers_end_pause, snaptun_now());
}

/**
 * snaptun_tunnel_renew_attempt() - the other side did not answer, but may do so now
 * @tunnel: the tunnel; a handshake that is under way is not given up for another
 *	REKEY_ATTEMPT_TIME, and packets that wait for it stay
 *
 * Context: any.
 */
void snaptun_tunnel_renew_attempt(struct snaptun_tunnel *tunnel)
{
	spin_lock_bh(&tunnel->timer_lock);
	snaptun_timers_renew_attempt(&tunnel->timers, snaptun_now());
	spin_unlock_bh(&tunnel->timer_lock);
}

/**
 * snaptun_tunnel_sent() - messages were sealed and sent
 * @tunnel: the tunnel
 * @now: current time
 * @packets: how many
 * @bytes: their UDP payload
 * @is_keepalive: it was a keepalive
 *
 * Context: bottom halves disabled.
 */
void snaptun_tunnel_sent(struct snaptun_tunnel *tunnel, u64 now,
			 unsigned int packets, unsigned int bytes,
			 bool is_keepalive)
{
	unsigned int unanswered = READ_ONCE(tunnel->unanswered);

	atomic64_add(packets, &tunnel->tx_packets);
	atomic64_add(bytes, &tunnel->tx_bytes);
	if (unanswered)
		WRITE_ONCE(tunnel->unanswered,
			   unanswered - min(unanswered, packets * ANSWERS_MAX));
	if (unlikely(!is_keepalive && !READ_ONCE(tunnel->route.cache)) &&
	    !test_bit(SNAPTUN_TODO_CACHE_ROUTE, &tunnel->todo))
		queue_todo(tunnel, SNAPTUN_TODO_CACHE_ROUTE);
	snaptun_timers_sent(&tunnel->timers, now, is_keepalive);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_received() - authentic messages were received
 * @tunnel: the tunnel
 * @now: current time
 * @packets: how many
 * @bytes: their UDP payload
 * @is_keepalive: all were keepalives
 *
 * Context: bottom halves disabled.
 */
void snaptun_tunnel_received(struct snaptun_tunnel *tunnel, u64 now,
			     unsigned int packets, unsigned int bytes,
			     bool is_keepalive)
{
	unsigned int unanswered = READ_ONCE(tunnel->unanswered) + packets;

	atomic64_add(packets, &tunnel->rx_packets);
	atomic64_add(bytes, &tunnel->rx_bytes);
	WRITE_ONCE(tunnel->unanswered, min(unanswered, 2 * SNAPTUN_ONE_WAY_MIN));
	WRITE_ONCE(tunnel->heard_at, now);
	snaptun_timers_received(&tunnel->timers, now, is_keepalive);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_proven() - the other side uses the session that we answered
 * @tunnel: the tunnel
 * @session: the session
 *
 * Context: bottom halves disabled, RCU read lock.
 */
void snaptun_tunnel_proven(struct snaptun_tunnel *tunnel,
			   const struct snaptun_session *session)
{
	spin_lock(&tunnel->timer_lock);
	/* Unless all sessions have just been erased: that comes first, then. */
	if (rcu_access_pointer(tunnel->sessions.active) == session)
		snaptun_timers_session_usable(&tunnel->timers, session->birth);
	spin_unlock(&tunnel->timer_lock);
	trace_snaptun_session(session, SNAPTUN_SESSION_PROVEN);
	if (tunnel->identity)
		snaptun_identity_prefer(tunnel, session);
	snaptun_tunnel_settle(tunnel);
	snaptun_tx_staged(tunnel);
}

/**
 * snaptun_tunnel_close() - have a tunnel do nothing any more
 * @tunnel: a configured tunnel; the device's lock is held
 *
 * It stays so until snaptun_tunnel_reopen(), or until the device is set up.
 *
 * Context: process.
 */
void snaptun_tunnel_close(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;

	lockdep_assert_held(&snap->lock);
	WRITE_ONCE(tunnel->closed, true);
	spin_lock_bh(&snap->table_lock);
	snaptun_tunnel_leave_assigned(tunnel);
	spin_unlock_bh(&snap->table_lock);
	snaptun_tunnel_stop(tunnel);
}

/* A closed tunnel may have any address now; the device's lock is held. */
static void forget_closed(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;

	if (!tunnel->closed)
		return;
	spin_lock_bh(&snap->table_lock);
	spin_lock(&tunnel->timer_lock);
	memset(&tunnel->assigned, 0, sizeof(tunnel->assigned));
	spin_unlock(&tunnel->timer_lock);
	spin_unlock_bh(&snap->table_lock);
	WRITE_ONCE(tunnel->closed, false);
}

/**
 * snaptun_tunnel_reopen() - have a tunnel that was closed begin afresh
 * @tunnel: the tunnel; the device's lock is held. Another than a closed one goes on
 *	as it is.
 *
 * Context: process.
 */
void snaptun_tunnel_reopen(struct snaptun_tunnel *tunnel)
{
	if (!tunnel->closed)
		return;
	forget_closed(tunnel);
	if (netif_running(tunnel->snap->dev))
		snaptun_tunnel_start(tunnel);
	else
		snaptun_tunnel_settle(tunnel);
}

/**
 * snaptun_tunnel_hold() - may a tunnel send, as far as its control plane goes?
 * @tunnel: a configured tunnel; the device's lock is held
 * @hold: it may not, from now on
 *
 * Context: process.
 */
void snaptun_tunnel_hold(struct snaptun_tunnel *tunnel, bool hold)
{
	if (hold == tunnel->held)
		return;
	WRITE_ONCE(tunnel->held, hold);
	if (hold)
		snaptun_tunnel_stop(tunnel);
	else if (!tunnel->closed && netif_running(tunnel->snap->dev))
		snaptun_tunnel_start(tunnel);
}

/**
 * snaptun_tunnel_set_keepalive() - change when a tunnel sends keepalives
 * @tunnel: the tunnel; the device's lock is held
 * @keepalive: persistent keepalive interval, seconds, 0 for off
 * @answer_keepalives: keepalives count as data
 *
 * Context: process.
 */
void snaptun_tunnel_set_keepalive(struct snaptun_tunnel *tunnel, u16 keepalive,
				  bool answer_keepalives)
{
	u64 now = snaptun_now();

	spin_lock_bh(&tunnel->timer_lock);
	snaptun_timers_set_keepalive(&tunnel->timers, keepalive,
				     answer_keepalives, now,
				     get_random_u32() % SNAPTUN_PHASES);
	spin_unlock_bh(&tunnel->timer_lock);
	snaptun_tunnel_settle(tunnel);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_start() - the device is up
 * @tunnel: the tunnel; the device's lock is held
 *
 * One that is held waits on.
 *
 * Context: process.
 */
void snaptun_tunnel_start(struct snaptun_tunnel *tunnel)
{
	u64 now = snaptun_now();

	forget_closed(tunnel);
	spin_lock_bh(&tunnel->timer_lock);
	if (!tunnel->held)
		snaptun_timers_start(&tunnel->timers, now);
	spin_unlock_bh(&tunnel->timer_lock);
	snaptun_tunnel_settle(tunnel);
	snaptun_tunnel_arm(tunnel, now);
}

/**
 * snaptun_tunnel_stop() - the device is down
 * @tunnel: the tunnel; the device's lock is held
 *
 * Ends its sessions and drops what waits for one.
 *
 * Context: process.
 */
void snaptun_tunnel_stop(struct snaptun_tunnel *tunnel)
{
	wipe(tunnel);
	spin_lock_bh(&tunnel->timer_lock);
	snaptun_timers_stop(&tunnel->timers);
	spin_unlock_bh(&tunnel->timer_lock);
	snaptun_tunnel_drop_staged(tunnel);
	snaptun_tunnel_settle(tunnel);
}

/**
 * snaptun_tunnel_end_sessions() - erase a tunnel's session keys
 * @tunnel: the tunnel; the device's lock is held
 *
 * All else goes on: an attempt under way, packets that wait.
 *
 * Context: process.
 */
void snaptun_tunnel_end_sessions(struct snaptun_tunnel *tunnel)
{
	wipe(tunnel);
	spin_lock_bh(&tunnel->timer_lock);
	snaptun_timers_sessions_ended(&tunnel->timers);
	spin_unlock_bh(&tunnel->timer_lock);
	snaptun_tunnel_settle(tunnel);
}

/**
 * snaptun_tunnel_seek_session() - have a tunnel without a session get one
 * @tunnel: the tunnel; the device's lock is held
 *
 * Unless nobody but a packet would start a handshake there.
 *
 * Context: process.
 */
void snaptun_tunnel_seek_session(struct snaptun_tunnel *tunnel)
{
	if (tunnel->identity || tunnel->timers.keepalive)
		snaptun_tunnel_want_handshake(tunnel);
}
