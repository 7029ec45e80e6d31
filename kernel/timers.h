/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The timer rules of a tunnel as a state machine over a clock that its caller
 * reads: what happened goes in, what is due comes out.
 */
#ifndef SNAPTUN_TIMERS_H
#define SNAPTUN_TIMERS_H

#include "messages.h"

#define SNAPTUN_NEVER	U64_MAX

/* What snaptun_timers_due() asks for. */
enum snaptun_timer_actions {
	SNAPTUN_DUE_KEEPALIVE = BIT(0),	/* send a keepalive */
	SNAPTUN_DUE_INITIATION = BIT(1),	/* send an initiation */
	SNAPTUN_DUE_GIVE_UP = BIT(2),	/* drop what waits for a session */
	SNAPTUN_DUE_WIPE = BIT(3),		/* erase all session keys */
	SNAPTUN_DUE_FORGET = BIT(4),	/* remove the tunnel */
};

/**
 * struct snaptun_timers - what a tunnel's timers know
 * @keepalive: persistent keepalive interval in seconds, 0 for off
 * @answer_keepalives: keepalives count as data
 * @responder: an identity's initiation made the tunnel
 * @running: the device is up
 * @doomed: the tunnel is to be removed, unless something happens before
 * @sent_at: an authenticated message was last sent
 * @interval_at: the persistent keepalive interval was last changed
 * @awaiting_since: first data sent after anything authentic was received
 * @owing_since: first data received after anything authentic was sent
 * @session_at: the newest session was made
 * @usable_until: the session in use carries messages until then
 * @candidate_at: last valid initiation of a candidate
 * @attempt_at: the handshake attempt under way began
 * @initiated_at: the last initiation was sent
 * @initiate_at: when the next initiation of the attempt is due
 * @restart_at: when an expired tunnel begins a fresh attempt
 * @restarts: fresh attempts since the last session
 * @phase: how much earlier the next persistent keepalive comes, in parts of its
 *	interval (SNAPTUN_PHASES)
 *
 * Times are nanoseconds of the clock that the callers pass as "now", SNAPTUN_NEVER
 * where there is none. The data path writes single fields without a lock
 * (READ_ONCE(), WRITE_ONCE()); two that race for the same field write nearly
 * the same time, so either may win.
 */
struct snaptun_timers {
	u16 keepalive;
	bool answer_keepalives;
	bool responder;
	bool running;
	bool doomed;
	u64 sent_at;
	u64 interval_at;
	u64 awaiting_since;
	u64 owing_since;
	u64 session_at;
	u64 usable_until;
	u64 candidate_at;
	u64 attempt_at;
	u64 initiated_at;
	u64 initiate_at;
	u64 restart_at;
	unsigned int restarts;
	u16 phase;
};

void snaptun_timers_init(struct snaptun_timers *t, bool responder);
void snaptun_timers_start(struct snaptun_timers *t, u64 now);
void snaptun_timers_stop(struct snaptun_timers *t);
void snaptun_timers_set_keepalive(struct snaptun_timers *t, u16 keepalive,
				  bool answer_keepalives, u64 now, u16 phase);
void snaptun_timers_became_candidate(struct snaptun_timers *t, u64 now);
void snaptun_timers_confirmed(struct snaptun_timers *t);

void snaptun_timers_sent(struct snaptun_timers *t, u64 now, bool is_keepalive);
void snaptun_timers_received(struct snaptun_timers *t, u64 now, bool is_keepalive);

bool snaptun_timers_want_handshake(struct snaptun_timers *t, u64 now);
bool snaptun_timers_end_pause(struct snaptun_timers *t, u64 now);
void snaptun_timers_renew_attempt(struct snaptun_timers *t, u64 now);
bool snaptun_timers_take_initiation(struct snaptun_timers *t, u64 now);
void snaptun_timers_initiated(struct snaptun_timers *t, u64 now, u32 jitter_ns);
void snaptun_timers_session_made(struct snaptun_timers *t, u64 now);
void snaptun_timers_session_usable(struct snaptun_timers *t, u64 birth);
void snaptun_timers_sessions_ended(struct snaptun_timers *t);

u64 snaptun_timers_next(const struct snaptun_timers *t);
unsigned int snaptun_timers_due(struct snaptun_timers *t, u64 now, u32 jitter_ns);

/* The most that snaptun_timers_initiated() and snaptun_timers_due() may be given. */
#define SNAPTUN_INITIATION_JITTER	(NSEC_PER_SEC / 3)
#define SNAPTUN_RESTART_JITTER		(NSEC_PER_SEC / 2)

/* Parts of a keepalive interval. */
#define SNAPTUN_PHASES			1024

#endif
