// SPDX-License-Identifier: GPL-2.0
/* Counters of a device. */

#include "stats.h"

/**
 * snaptun_stats_alloc() - make a set of counters, all zero
 *
 * Context: process.
 *
 * Return: the counters, for free_percpu(), or NULL.
 */
struct snaptun_stats __percpu *snaptun_stats_alloc(void)
{
	struct snaptun_stats __percpu *stats = alloc_percpu(struct snaptun_stats);
	int cpu;

	if (!stats)
		return NULL;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(stats, cpu)->syncp);
	return stats;
}

/**
 * snaptun_stats_add() - count
 * @stats: the counters
 * @counter: SNAPTUN_A_COUNTERS_*
 * @n: how many
 *
 * Context: any but hard interrupts.
 */
void snaptun_stats_add(struct snaptun_stats __percpu *stats,
		       unsigned int counter, unsigned int n)
{
	struct snaptun_stats *mine;

	local_bh_disable();
	mine = this_cpu_ptr(stats);
	u64_stats_update_begin(&mine->syncp);
	u64_stats_add(&mine->counts[counter], n);
	u64_stats_update_end(&mine->syncp);
	local_bh_enable();
}

/**
 * snaptun_stats_read() - sum of a counter over all CPUs
 * @stats: the counters
 * @counter: SNAPTUN_A_COUNTERS_*
 */
u64 snaptun_stats_read(struct snaptun_stats __percpu *stats,
		       unsigned int counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct snaptun_stats *theirs = per_cpu_ptr(stats, cpu);
		unsigned int start;
		u64 count;

		do {
			start = u64_stats_fetch_begin(&theirs->syncp);
			count = u64_stats_read(&theirs->counts[counter]);
		} while (u64_stats_fetch_retry(&theirs->syncp, start));
		sum += count;
	}
	return sum;
}
