/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allowed IPs: which tunnel carries an IP destination, and from which one an IP
 * source is taken, by the longest prefix that fits.
 */
#ifndef SNAPTUN_ALLOWED_IPS_H
#define SNAPTUN_ALLOWED_IPS_H

#include <linux/bitmap.h>
#include <linux/in6.h>
#include <linux/list.h>
#include <linux/rhashtable-types.h>

struct snaptun_tunnel;

/**
 * struct snaptun_prefix - a block of IP addresses
 * @ip: its first address, an IPv4 one in its IPv4-mapped form
 * @length: how many bits count, of IPv4 at most 32
 * @is_v4: the family is IPv4
 * @zero: keeps the bytes comparable
 */
struct snaptun_prefix {
	struct in6_addr ip;
	u8 length;
	u8 is_v4;
	u16 zero;
};

/**
 * struct snaptun_allowed_ips - the prefixes of a tunnel, or of an identity for its
 *	tunnels
 * @entries: the prefixes; protected by the device's lock
 * @count: how many; protected by the device's lock
 * @tunnel: carries what is sent to them; the tunnel itself, or the newest of the
 *	identity, or NULL; RCU, changed under table_lock
 */
struct snaptun_allowed_ips {
	struct list_head entries;
	unsigned int count;
	struct snaptun_tunnel __rcu *tunnel;
};

/**
 * struct snaptun_allowed_ip - a prefix of somebody
 * @node: entry in the table
 * @prefix: the prefix, the bits that do not count zero
 * @owner: whose it is; NULL while a change that may fail is under way
 * @entry: entry in the owner's list
 * @rcu: readers find it under RCU
 */
struct snaptun_allowed_ip {
	struct rhash_head node;
	struct snaptun_prefix prefix;
	struct snaptun_allowed_ips *owner;
	struct list_head entry;
	struct rcu_head rcu;
};

/**
 * struct snaptun_allowed_table - all prefixes of a device
 * @prefixes: struct snaptun_allowed_ip by prefix; read under RCU
 * @lengths: which lengths there are, of IPv6 and of IPv4; read under RCU
 * @counts: prefixes of each length
 * @generation: goes up with each change; not 0
 *
 * Changed under the device's lock. A look-up costs one access to the hash table
 * for each length there is, which are few where addresses are well assigned.
 */
struct snaptun_allowed_table {
	struct rhashtable prefixes;
	DECLARE_BITMAP(lengths[2], 129);
	unsigned int counts[2][129];
	unsigned int generation;
};

int snaptun_allowed_table_init(struct snaptun_allowed_table *table);
void snaptun_allowed_table_destroy(struct snaptun_allowed_table *table);

void snaptun_allowed_ips_init(struct snaptun_allowed_ips *owner);
int snaptun_allowed_ips_prepare(struct snaptun_allowed_table *table,
				const struct snaptun_prefix *prefixes,
				unsigned int n, struct list_head *created);
void snaptun_allowed_ips_cancel(struct snaptun_allowed_table *table,
				struct list_head *created);
void snaptun_allowed_ips_commit(struct snaptun_allowed_table *table,
				struct snaptun_allowed_ips *owner,
				const struct snaptun_prefix *prefixes,
				unsigned int n);
struct snaptun_allowed_ips *
snaptun_allowed_ips_lookup(struct snaptun_allowed_table *table,
			   const struct in6_addr *ip, bool is_v4);

#endif
