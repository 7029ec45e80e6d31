// SPDX-License-Identifier: GPL-2.0
/*
 * The timer rules of a tunnel (section 6 of the WireGuard paper and
 * Documentation/protocol.rst). In plain words:
 *
 *  - Data came in and nothing went out for KEEPALIVE_TIMEOUT, counted from what
 *    was last sent: a keepalive says that it arrived. Where keepalives are no
 *    data it is counted from the data.
 *  - Nothing at all went out for the persistent keepalive interval: a keepalive
 *    keeps NAT mappings open. The first one comes earlier, at random, so that tunnels
 *    that began together do not go on together.
 *  - Data went out and nothing came back for KEEPALIVE_TIMEOUT + REKEY_TIMEOUT:
 *    the session is taken for dead and a handshake begins.
 *  - An unanswered initiation is repeated every REKEY_TIMEOUT. After
 *    REKEY_ATTEMPT_TIME the attempt is over: a configured tunnel pauses and
 *    tries afresh, one that an initiation made is forgotten.
 *  - REJECT_AFTER_TIME after a session was made it is of no use any more.
 *  - REJECT_AFTER_TIME * 3 after the last session all keys are erased.
 *  - A candidate that never proves its address is forgotten.
 *
 * Keepalives count as data unless the tunnel says otherwise, so that two idle
 * sides keep a tunnel alive.
 *
 * Locking: snaptun_timers_sent(), snaptun_timers_received() and
 * snaptun_timers_next() need no lock. The caller serialises all others per
 * tunnel (struct snaptun_tunnel, timer_lock).
 */

#include "timers.h"

#include <linux/compiler.h>
#include <linux/minmax.h>

#define SECONDS(s)	((u64)(s) * NSEC_PER_SEC)

/* A time that lies @seconds after @since, NEVER where that never was. */
static u64 after(u64 since, u64 seconds)
{
	return since >= SNAPTUN_NEVER - SECONDS(seconds) ?
		       SNAPTUN_NEVER : since + SECONDS(seconds);
}

/**
 * snaptun_timers_init() - begin with nothing due
 * @t: the timers
 * @responder: an identity's initiation makes the tunnel
 */
void snaptun_timers_init(struct snaptun_timers *t, bool responder)
{
	t->keepalive = responder ? 0 : SNAPTUN_PERSISTENT_KEEPALIVE;
	t->answer_keepalives = true;
	t->responder = responder;
	t->interval_at = 0;
	t->initiated_at = SNAPTUN_NEVER;
	t->candidate_at = SNAPTUN_NEVER;
	snaptun_timers_stop(t);
}

/**
 * snaptun_timers_start() - the device is up
 * @t: the timers
 * @now: current time
 *
 * A tunnel with a persistent keepalive seeks a session at once.
 */
void snaptun_timers_start(struct snaptun_timers *t, u64 now)
{
	t->running = true;
	/* Packets that were under way may have noted something after the stop. */
	WRITE_ONCE(t->sent_at, SNAPTUN_NEVER);
	WRITE_ONCE(t->awaiting_since, SNAPTUN_NEVER);
	WRITE_ONCE(t->owing_since, SNAPTUN_NEVER);
	if (t->keepalive)
		snaptun_timers_want_handshake(t, now);
}

/**
 * snaptun_timers_stop() - the device is down, or all sessions were erased
 * @t: the timers
 */
void snaptun_timers_stop(struct snaptun_timers *t)
{
	t->running = false;
	t->sent_at = SNAPTUN_NEVER;
	t->awaiting_since = SNAPTUN_NEVER;
	t->owing_since = SNAPTUN_NEVER;
	t->session_at = SNAPTUN_NEVER;
	t->usable_until = SNAPTUN_NEVER;
	t->attempt_at = SNAPTUN_NEVER;
	t->initiate_at = SNAPTUN_NEVER;
	t->restart_at = SNAPTUN_NEVER;
	t->restarts = 0;
}

/**
 * snaptun_timers_set_keepalive() - change when keepalives are sent
 * @t: the timers
 * @keepalive: persistent keepalive interval in seconds, 0 for off
 * @answer_keepalives: keepalives count as data
 * @now: current time
 * @phase: random, below SNAPTUN_PHASES
 *
 * A tunnel that gets a persistent keepalive seeks a session at once. With another
 * interval the next keepalive comes within that, at random: it may have been changed for
 * many tunnels at once.
 */
void snaptun_timers_set_keepalive(struct snaptun_timers *t, u16 keepalive,
				  bool answer_keepalives, u64 now, u16 phase)
{
	bool begins = keepalive && !t->keepalive;

	if (keepalive != t->keepalive) {
		WRITE_ONCE(t->interval_at, now);
		WRITE_ONCE(t->phase, phase);
	}
	WRITE_ONCE(t->keepalive, keepalive);
	WRITE_ONCE(t->answer_keepalives, answer_keepalives);
	if (begins && t->usable_until == SNAPTUN_NEVER)
		snaptun_timers_want_handshake(t, now);
}

/**
 * snaptun_timers_became_candidate() - a valid initiation came for a candidate
 * @t: the timers
 * @now: current time
 *
 * The one that made it, or a repetition: each has a response of its own, which
 * the other side has time to confirm.
 */
void snaptun_timers_became_candidate(struct snaptun_timers *t, u64 now)
{
	t->doomed = false;
	WRITE_ONCE(t->candidate_at, now);
}

/**
 * snaptun_timers_confirmed() - a candidate proved its address
 * @t: the timers
 */
void snaptun_timers_confirmed(struct snaptun_timers *t)
{
	t->doomed = false;
	WRITE_ONCE(t->candidate_at, SNAPTUN_NEVER);
}

/**
 * snaptun_timers_sent() - transport messages went out
 * @t: the timers
 * @now: current time
 * @is_keepalive: it was a keepalive
 *
 * Context: any; lockless.
 */
void snaptun_timers_sent(struct snaptun_timers *t, u64 now, bool is_keepalive)
{
	WRITE_ONCE(t->sent_at, now);
	if (READ_ONCE(t->owing_since) != SNAPTUN_NEVER)
		WRITE_ONCE(t->owing_since, SNAPTUN_NEVER);
	if (is_keepalive && !READ_ONCE(t->answer_keepalives))
		return;
	if (READ_ONCE(t->awaiting_since) == SNAPTUN_NEVER)
		WRITE_ONCE(t->awaiting_since, now);
}

/**
 * snaptun_timers_received() - authentic transport messages came in
 * @t: the timers
 * @now: current time
 * @is_keepalive: it was a keepalive
 *
 * Context: any; lockless.
 */
void snaptun_timers_received(struct snaptun_timers *t, u64 now,
			     bool is_keepalive)
{
	if (READ_ONCE(t->awaiting_since) != SNAPTUN_NEVER)
		WRITE_ONCE(t->awaiting_since, SNAPTUN_NEVER);
	/* A side that never sent counts its keepalive interval from here. */
	if (unlikely(READ_ONCE(t->sent_at) == SNAPTUN_NEVER))
		WRITE_ONCE(t->sent_at, now);
	if (is_keepalive && !READ_ONCE(t->answer_keepalives))
		return;
	if (READ_ONCE(t->owing_since) == SNAPTUN_NEVER)
		WRITE_ONCE(t->owing_since, now);
}

/**
 * snaptun_timers_want_handshake() - somebody needs a new session
 * @t: the timers
 * @now: current time
 *
 * Begins an attempt unless one is under way or an expired tunnel pauses. Its
 * first initiation keeps REKEY_TIMEOUT from the last one sent. A candidate's address
 * is not proven, so nothing is begun towards it.
 *
 * Return: true where a new attempt began.
 */
bool snaptun_timers_want_handshake(struct snaptun_timers *t, u64 now)
{
	u64 earliest = after(t->initiated_at, SNAPTUN_REKEY_TIMEOUT);

	if (!t->running || t->attempt_at != SNAPTUN_NEVER ||
	    t->restart_at != SNAPTUN_NEVER || t->candidate_at != SNAPTUN_NEVER)
		return false;
	WRITE_ONCE(t->attempt_at, now);
	WRITE_ONCE(t->initiate_at,
		   earliest == SNAPTUN_NEVER ? now : max(now, earliest));
	return true;
}

/**
 * snaptun_timers_end_pause() - an expired tunnel need not wait any longer
 * @t: the timers
 * @now: current time
 *
 * Return: true where a new attempt began; false also where there was no pause.
 */
bool snaptun_timers_end_pause(struct snaptun_timers *t, u64 now)
{
	if (t->restart_at == SNAPTUN_NEVER)
		return false;
	WRITE_ONCE(t->restart_at, SNAPTUN_NEVER);
	t->restarts = 0;
	return snaptun_timers_want_handshake(t, now);
}

/**
 * snaptun_timers_renew_attempt() - what may have left an attempt unanswered is gone
 * @t: the timers
 * @now: current time
 *
 * An attempt that is under way has all of REKEY_ATTEMPT_TIME before it.
 */
void snaptun_timers_renew_attempt(struct snaptun_timers *t, u64 now)
{
	if (t->attempt_at != SNAPTUN_NEVER)
		WRITE_ONCE(t->attempt_at, now);
}

/**
 * snaptun_timers_take_initiation() - is an initiation due?
 * @t: the timers
 * @now: current time
 *
 * Return: true where the caller has to send one.
 */
bool snaptun_timers_take_initiation(struct snaptun_timers *t, u64 now)
{
	if (now < t->initiate_at)
		return false;
	/* Until snaptun_timers_initiated() sets the real time. */
	WRITE_ONCE(t->initiate_at, now + SECONDS(SNAPTUN_REKEY_TIMEOUT));
	return true;
}

/**
 * snaptun_timers_initiated() - an initiation was sent
 * @t: the timers
 * @now: current time
 * @jitter_ns: random, below SNAPTUN_INITIATION_JITTER
 */
void snaptun_timers_initiated(struct snaptun_timers *t, u64 now, u32 jitter_ns)
{
	t->initiated_at = now;
	if (t->usable_until == SNAPTUN_NEVER)
		WRITE_ONCE(t->phase, jitter_ns / (SNAPTUN_INITIATION_JITTER / SNAPTUN_PHASES) %
				     SNAPTUN_PHASES);
	if (t->attempt_at != SNAPTUN_NEVER)
		WRITE_ONCE(t->initiate_at,
			   now + SECONDS(SNAPTUN_REKEY_TIMEOUT) + jitter_ns);
}

/**
 * snaptun_timers_session_made() - a handshake gave new keys
 * @t: the timers
 * @now: current time
 */
void snaptun_timers_session_made(struct snaptun_timers *t, u64 now)
{
	t->doomed = false;
	WRITE_ONCE(t->session_at, now);
}

/**
 * snaptun_timers_session_usable() - the other side has the new keys too
 * @t: the timers
 * @birth: when the keys were made
 *
 * The initiator knows by the response, the responder by the first transport
 * message. Whatever attempt is under way has reached its end.
 */
void snaptun_timers_session_usable(struct snaptun_timers *t, u64 birth)
{
	WRITE_ONCE(t->usable_until, after(birth, SNAPTUN_REJECT_AFTER_TIME));
	WRITE_ONCE(t->attempt_at, SNAPTUN_NEVER);
	WRITE_ONCE(t->initiate_at, SNAPTUN_NEVER);
	WRITE_ONCE(t->restart_at, SNAPTUN_NEVER);
	WRITE_ONCE(t->awaiting_since, SNAPTUN_NEVER);
	t->doomed = false;
	t->restarts = 0;
}

/**
 * snaptun_timers_sessions_ended() - all sessions were erased
 * @t: the timers
 *
 * Whatever else was due, as an attempt under way, stays so.
 */
void snaptun_timers_sessions_ended(struct snaptun_timers *t)
{
	WRITE_ONCE(t->usable_until, SNAPTUN_NEVER);
}

static u64 persistent_deadline(const struct snaptun_timers *t)
{
	u64 since = max(READ_ONCE(t->sent_at), READ_ONCE(t->interval_at));
	u16 interval = READ_ONCE(t->keepalive);
	u64 deadline = after(since, interval);

	if (!interval || deadline == SNAPTUN_NEVER)
		return SNAPTUN_NEVER;
	return deadline - SECONDS(interval) / SNAPTUN_PHASES * READ_ONCE(t->phase);
}

static u64 keepalive_deadline(const struct snaptun_timers *t)
{
	u64 owing_since = READ_ONCE(t->owing_since);
	u64 sent_at = READ_ONCE(t->sent_at);
	u64 owed = after(owing_since, SNAPTUN_KEEPALIVE_TIMEOUT);

	/*
	 * A side that counts keepalives as data waits KEEPALIVE_TIMEOUT +
	 * REKEY_TIMEOUT from what it last heard, however long it was silent
	 * itself: the answer is due that long after what was last sent.
	 */
	if (READ_ONCE(t->answer_keepalives) && owing_since != SNAPTUN_NEVER &&
	    sent_at != SNAPTUN_NEVER)
		owed = max(owing_since,
			   after(sent_at, SNAPTUN_KEEPALIVE_TIMEOUT));
	return min(owed, persistent_deadline(t));
}

static u64 silence_deadline(const struct snaptun_timers *t)
{
	return after(READ_ONCE(t->awaiting_since),
		     SNAPTUN_KEEPALIVE_TIMEOUT + SNAPTUN_REKEY_TIMEOUT);
}

static u64 wipe_deadline(const struct snaptun_timers *t)
{
	return after(READ_ONCE(t->session_at), 3 * SNAPTUN_REJECT_AFTER_TIME);
}

static u64 candidate_deadline(const struct snaptun_timers *t)
{
	return after(READ_ONCE(t->candidate_at), SNAPTUN_CANDIDATE_LIFETIME);
}

static u64 attempt_deadline(const struct snaptun_timers *t)
{
	return after(READ_ONCE(t->attempt_at), SNAPTUN_REKEY_ATTEMPT_TIME);
}

/**
 * snaptun_timers_next() - when to look again
 * @t: the timers
 *
 * Context: any; lockless.
 *
 * Return: the earliest time at which snaptun_timers_due() has something to do, or
 * SNAPTUN_NEVER.
 */
u64 snaptun_timers_next(const struct snaptun_timers *t)
{
	u64 next = min(wipe_deadline(t), candidate_deadline(t));

	next = min(next, READ_ONCE(t->usable_until));
	if (!t->running)
		return next;
	next = min(next, keepalive_deadline(t));
	next = min(next, silence_deadline(t));
	next = min(next, attempt_deadline(t));
	next = min(next, READ_ONCE(t->initiate_at));
	return min(next, READ_ONCE(t->restart_at));
}

/* The pause before fresh attempt n: 5 s * 1.3^n, at most 180 s. */
static u64 restart_pause(unsigned int n)
{
	u64 pause = SECONDS(SNAPTUN_REKEY_TIMEOUT);

	while (n-- && pause < SECONDS(SNAPTUN_RESTART_PAUSE_MAX))
		pause = pause / 10 * 13;
	return min(pause, SECONDS(SNAPTUN_RESTART_PAUSE_MAX));
}

static unsigned int give_up(struct snaptun_timers *t, u64 now, u32 jitter_ns)
{
	WRITE_ONCE(t->attempt_at, SNAPTUN_NEVER);
	WRITE_ONCE(t->initiate_at, SNAPTUN_NEVER);
	if (t->responder) {
		t->doomed = true;
		return SNAPTUN_DUE_GIVE_UP | SNAPTUN_DUE_FORGET;
	}
	WRITE_ONCE(t->restart_at, now + restart_pause(t->restarts) + jitter_ns);
	t->restarts++;
	return SNAPTUN_DUE_GIVE_UP;
}

/**
 * snaptun_timers_due() - take what is due
 * @t: the timers
 * @now: current time
 * @jitter_ns: random, below SNAPTUN_RESTART_JITTER
 *
 * What is returned is no longer due, so the caller has to do it. Before it
 * removes the tunnel, it looks whether that is still @t->doomed.
 *
 * Return: bits of enum snaptun_timer_actions.
 */
unsigned int snaptun_timers_due(struct snaptun_timers *t, u64 now, u32 jitter_ns)
{
	unsigned int due = 0;

	if (now >= candidate_deadline(t)) {
		WRITE_ONCE(t->candidate_at, SNAPTUN_NEVER);
		t->doomed = true;
		return SNAPTUN_DUE_FORGET;
	}
	if (now >= t->usable_until)
		WRITE_ONCE(t->usable_until, SNAPTUN_NEVER);
	if (now >= wipe_deadline(t)) {
		WRITE_ONCE(t->session_at, SNAPTUN_NEVER);
		if (t->responder) {
			t->doomed = true;
			return SNAPTUN_DUE_FORGET;
		}
		due |= SNAPTUN_DUE_WIPE;
		WRITE_ONCE(t->sent_at, SNAPTUN_NEVER);
		WRITE_ONCE(t->owing_since, SNAPTUN_NEVER);
		WRITE_ONCE(t->awaiting_since, SNAPTUN_NEVER);
		if (t->keepalive)
			snaptun_timers_want_handshake(t, now);
	}
	if (!t->running)
		return due;
	if (now >= keepalive_deadline(t)) {
		due |= SNAPTUN_DUE_KEEPALIVE;
		WRITE_ONCE(t->phase, 0);
		WRITE_ONCE(t->owing_since, SNAPTUN_NEVER);
		WRITE_ONCE(t->sent_at, now);
	}
	if (now >= silence_deadline(t)) {
		WRITE_ONCE(t->awaiting_since, SNAPTUN_NEVER);
		snaptun_timers_want_handshake(t, now);
	}
	if (now >= t->restart_at) {
		WRITE_ONCE(t->restart_at, SNAPTUN_NEVER);
		snaptun_timers_want_handshake(t, now);
	}
	if (now >= attempt_deadline(t))
		due |= give_up(t, now, jitter_ns);
	else if (snaptun_timers_take_initiation(t, now))
		due |= SNAPTUN_DUE_INITIATION;
	return due;
}
