// SPDX-License-Identifier: GPL-2.0
/*
 * Budgets of handshake messages, and the table of sources that have one. A source
 * is an IPv4 address or an IPv6 /64, since whoever has one address of those has
 * all. A source that returned a cookie has a budget apart from what others send in
 * its name.
 */

#include "ratelimit.h"

#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/time64.h>
#include <net/ipv6.h>

#include "address.h"

/**
 * snaptun_budget_take() - may one message more be processed?
 * @budget: the source's budget
 * @rate: what it is granted
 * @now: current time, nanoseconds
 *
 * Return: false where nothing is left; @budget is as before then.
 */
bool snaptun_budget_take(struct snaptun_budget *budget,
			 const struct snaptun_rate *rate, u64 now)
{
	u64 price = div_u64(NSEC_PER_SEC, rate->per_second);
	u64 restored_at = max(budget->restored_at, now);

	if (restored_at - now > price * (rate->burst - 1))
		return false;
	budget->restored_at = restored_at + price;
	return true;
}

/**
 * snaptun_budgets_take() - may one message more of somebody known be processed?
 * @budgets: theirs
 * @rate: what they are granted
 * @proven: the message has a cookie
 * @now: current time, nanoseconds
 *
 * Return: as snaptun_budget_take().
 */
bool snaptun_budgets_take(struct snaptun_budgets *budgets,
			  const struct snaptun_rate *rate, bool proven, u64 now)
{
	return snaptun_budget_take(proven ? &budgets->proven : &budgets->unproven,
				   rate, now);
}

/**
 * snaptun_sources_open() - begin to remember sources
 * @sources: the sources; where they are remembered already nothing changes
 *
 * Context: process.
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_sources_open(struct snaptun_sources *sources)
{
	if (sources->table)
		return 0;
	get_random_bytes(&sources->secret, sizeof(sources->secret));
	sources->table = kvcalloc(SNAPTUN_SOURCE_SETS * SNAPTUN_SOURCE_WAYS,
				  sizeof(*sources->table), GFP_KERNEL_ACCOUNT);
	return sources->table ? 0 : -ENOMEM;
}

/**
 * snaptun_sources_close() - forget all sources
 * @sources: the sources
 *
 * Context: process.
 */
void snaptun_sources_close(struct snaptun_sources *sources)
{
	kvfree(sources->table);
	sources->table = NULL;
}

/**
 * snaptun_sources_take() - may one message more of a source be processed?
 * @sources: the sources, open
 * @rate: what each is granted
 * @source: where the message came from
 * @proven: it has a cookie that shows that it did come from there
 * @now: current time, nanoseconds
 *
 * Return: false where the source has nothing left.
 */
bool snaptun_sources_take(struct snaptun_sources *sources,
			  const struct snaptun_rate *rate,
			  const struct snaptun_address *source, bool proven,
			  u64 now)
{
	unsigned int bits = snaptun_address_is_v4(source) ? 128 : 64;
	struct snaptun_source *set, *found;
	struct {
		struct in6_addr ip;
		u64 proven;
	} name = { .proven = proven };
	unsigned int i;
	u64 tag;

	ipv6_addr_prefix(&name.ip, &source->ip, bits);
	tag = siphash(&name, sizeof(name), &sources->secret);
	set = sources->table + tag % SNAPTUN_SOURCE_SETS * SNAPTUN_SOURCE_WAYS;
	found = set;
	for (i = 0; i < SNAPTUN_SOURCE_WAYS; i++) {
		if (set[i].tag == tag) {
			found = &set[i];
			break;
		}
		if (set[i].budget.restored_at < found->budget.restored_at)
			found = &set[i];
	}
	if (found->tag != tag) {
		found->tag = tag;
		found->budget.restored_at = 0;
	}
	return snaptun_budget_take(&found->budget, rate, now);
}
