// SPDX-License-Identifier: GPL-2.0
/*
 * Allowed IPs as a hash table of prefixes that is asked for one length after the
 * other, the longest first.
 */

#include "allowed_ips.h"

#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "messages.h"

static const struct rhashtable_params prefix_params = {
	.key_len = sizeof_field(struct snaptun_allowed_ip, prefix),
	.key_offset = offsetof(struct snaptun_allowed_ip, prefix),
	.head_offset = offsetof(struct snaptun_allowed_ip, node),
	.automatic_shrinking = true,
};

/**
 * snaptun_allowed_table_init() - make a device's table
 * @table: the table, zeroed
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_allowed_table_init(struct snaptun_allowed_table *table)
{
	table->generation = 1;
	return rhashtable_init(&table->prefixes, &prefix_params);
}

/**
 * snaptun_allowed_table_destroy() - free a table that is empty
 * @table: the table
 *
 * Context: process.
 */
void snaptun_allowed_table_destroy(struct snaptun_allowed_table *table)
{
	rhashtable_destroy(&table->prefixes);
}

/**
 * snaptun_allowed_ips_init() - begin without prefixes
 * @owner: the prefixes of a tunnel or identity
 */
void snaptun_allowed_ips_init(struct snaptun_allowed_ips *owner)
{
	INIT_LIST_HEAD(&owner->entries);
	owner->count = 0;
	RCU_INIT_POINTER(owner->tunnel, NULL);
}

/* The prefix of @length bits that an address lies in. */
static void make_prefix(struct snaptun_prefix *prefix, const struct in6_addr *ip,
			unsigned int length, bool is_v4)
{
	memset(prefix, 0, sizeof(*prefix));
	ipv6_addr_prefix(&prefix->ip, ip, is_v4 ? 96 + length : length);
	prefix->length = length;
	prefix->is_v4 = is_v4;
}

static unsigned int total(const struct snaptun_allowed_table *table)
{
	return atomic_read(&table->prefixes.nelems);
}

/* A prefix that nobody has yet. Readers pass over it. */
static int create(struct snaptun_allowed_table *table,
		  const struct snaptun_prefix *prefix, struct list_head *created)
{
	struct snaptun_allowed_ip *allowed;
	int err;

	if (total(table) >= SNAPTUN_PREFIXES_PER_DEVICE)
		return -ENOSPC;
	allowed = kzalloc(sizeof(*allowed), GFP_KERNEL_ACCOUNT);
	if (!allowed)
		return -ENOMEM;
	allowed->prefix = *prefix;
	err = rhashtable_lookup_insert_fast(&table->prefixes, &allowed->node,
					    prefix_params);
	if (err) {
		kfree(allowed);
		return err;
	}
	list_add_tail(&allowed->entry, created);
	if (!table->counts[prefix->is_v4][prefix->length]++)
		set_bit(prefix->length, table->lengths[prefix->is_v4]);
	return 0;
}

static void destroy(struct snaptun_allowed_table *table,
		    struct snaptun_allowed_ip *allowed)
{
	const struct snaptun_prefix *prefix = &allowed->prefix;

	if (!--table->counts[prefix->is_v4][prefix->length])
		clear_bit(prefix->length, table->lengths[prefix->is_v4]);
	list_del(&allowed->entry);
	rhashtable_remove_fast(&table->prefixes, &allowed->node, prefix_params);
	kfree_rcu(allowed, rcu);
}

static void destroy_all(struct snaptun_allowed_table *table,
			struct list_head *entries)
{
	struct snaptun_allowed_ip *allowed, *next;

	list_for_each_entry_safe(allowed, next, entries, entry)
		destroy(table, allowed);
}

/**
 * snaptun_allowed_ips_prepare() - see to it that prefixes can be given to somebody
 * @table: the device's table; the device's lock is held until the change is
 *	committed or cancelled
 * @prefixes: the prefixes; one that is there twice counts once
 * @n: how many
 * @created: an empty list, for snaptun_allowed_ips_cancel()
 *
 * No look-up sees a difference.
 *
 * Context: process.
 *
 * Return: 0, or -ENOSPC, -ENOMEM and nothing has changed.
 */
int snaptun_allowed_ips_prepare(struct snaptun_allowed_table *table,
				const struct snaptun_prefix *prefixes,
				unsigned int n, struct list_head *created)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		struct snaptun_prefix prefix;

		make_prefix(&prefix, &prefixes[i].ip, prefixes[i].length,
			    prefixes[i].is_v4);
		if (rhashtable_lookup_fast(&table->prefixes, &prefix,
					   prefix_params))
			continue;
		err = create(table, &prefix, created);
		if (err) {
			destroy_all(table, created);
			return err;
		}
	}
	return 0;
}

/**
 * snaptun_allowed_ips_cancel() - take back what was prepared
 * @table: the device's table
 * @created: as snaptun_allowed_ips_prepare() left it
 *
 * Context: process.
 */
void snaptun_allowed_ips_cancel(struct snaptun_allowed_table *table,
				struct list_head *created)
{
	destroy_all(table, created);
}

/**
 * snaptun_allowed_ips_commit() - set the prefixes of a tunnel or identity
 * @table: the device's table; the device's lock is held
 * @owner: who has them from now on; what it had else goes
 * @prefixes: the prefixes, prepared
 * @n: how many, 0 to take all away, which needs no preparation
 *
 * Whoever had one of them has it no longer. Each look-up meanwhile sees each
 * prefix either before or after the change.
 *
 * Context: process.
 */
void snaptun_allowed_ips_commit(struct snaptun_allowed_table *table,
				struct snaptun_allowed_ips *owner,
				const struct snaptun_prefix *prefixes,
				unsigned int n)
{
	struct snaptun_allowed_ip *allowed;
	LIST_HEAD(kept);
	unsigned int i;

	if ((n || owner->count) && !++table->generation)
		table->generation = 1;
	for (i = 0; i < n; i++) {
		struct snaptun_prefix prefix;

		make_prefix(&prefix, &prefixes[i].ip, prefixes[i].length,
			    prefixes[i].is_v4);
		allowed = rhashtable_lookup_fast(&table->prefixes, &prefix,
						 prefix_params);
		if (allowed->owner && allowed->owner != owner)
			allowed->owner->count--;
		/* What the owner is made of comes before a reader's look at it. */
		smp_store_release(&allowed->owner, owner);
		list_move_tail(&allowed->entry, &kept);
	}
	destroy_all(table, &owner->entries);
	list_splice(&kept, &owner->entries);
	owner->count = 0;
	list_for_each_entry(allowed, &owner->entries, entry)
		owner->count++;
}

/**
 * snaptun_allowed_ips_lookup() - whose address is this?
 * @table: the device's table
 * @ip: the address, an IPv4 one in its IPv4-mapped form
 * @is_v4: its family is IPv4
 *
 * Context: RCU read lock.
 *
 * Return: the owner of the longest prefix that it lies in, or NULL.
 */
struct snaptun_allowed_ips *
snaptun_allowed_ips_lookup(struct snaptun_allowed_table *table,
			   const struct in6_addr *ip, bool is_v4)
{
	unsigned long length, size = is_v4 ? 33 : 129;
	struct snaptun_allowed_ip *allowed;
	struct snaptun_allowed_ips *owner;
	struct snaptun_prefix prefix;

	for (;;) {
		length = find_last_bit(table->lengths[is_v4], size);
		if (length == size)
			return NULL;
		make_prefix(&prefix, ip, length, is_v4);
		allowed = rhashtable_lookup(&table->prefixes, &prefix,
					    prefix_params);
		owner = allowed ? READ_ONCE(allowed->owner) : NULL;
		if (owner)
			return owner;
		size = length;
	}
}
