/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many handshake messages a source may send, so that one cannot use up what
 * is there for all.
 */
#ifndef SNAPTUN_RATELIMIT_H
#define SNAPTUN_RATELIMIT_H

#include <linux/siphash.h>
#include <linux/types.h>

struct snaptun_address;

/**
 * struct snaptun_rate - what a source is granted
 * @per_second: messages each second, not 0
 * @burst: messages at once after a pause, not 0
 */
struct snaptun_rate {
	u32 per_second;
	u32 burst;
};

/**
 * struct snaptun_budget - what a source has left
 * @restored_at: when all of its burst is there again, nanoseconds; 0 for a source
 *	that was never heard of
 */
struct snaptun_budget {
	u64 restored_at;
};

/**
 * struct snaptun_budgets - what somebody has left who is known
 * @unproven: for messages that anybody may have sent in that name
 * @proven: for those with a cookie
 */
struct snaptun_budgets {
	struct snaptun_budget unproven;
	struct snaptun_budget proven;
};

/**
 * struct snaptun_source - a source that is remembered
 * @tag: keyed hash of its address; names it, since nobody can make two alike
 * @budget: what it has left
 */
struct snaptun_source {
	u64 tag;
	struct snaptun_budget budget;
};

/**
 * struct snaptun_sources - the sources of a device that are remembered
 * @secret: key of the tags
 * @table: SNAPTUN_SOURCE_SETS sets of SNAPTUN_SOURCE_WAYS sources, NULL until
 *	snaptun_sources_open()
 *
 * Of the sources that share a set, the one with most left makes room for a new one:
 * least is lost with it. Locking: the caller's.
 */
struct snaptun_sources {
	siphash_key_t secret;
	struct snaptun_source *table;
};

#define SNAPTUN_SOURCE_SETS	512
#define SNAPTUN_SOURCE_WAYS	8

bool snaptun_budget_take(struct snaptun_budget *budget,
			 const struct snaptun_rate *rate, u64 now);
bool snaptun_budgets_take(struct snaptun_budgets *budgets,
			  const struct snaptun_rate *rate, bool proven, u64 now);

int snaptun_sources_open(struct snaptun_sources *sources);
void snaptun_sources_close(struct snaptun_sources *sources);
bool snaptun_sources_take(struct snaptun_sources *sources,
			  const struct snaptun_rate *rate,
			  const struct snaptun_address *source, bool proven,
			  u64 now);

#endif
