/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP socket addresses of both families in one form, and the form in which a
 * handshake reports them.
 */
#ifndef SNAPTUN_ADDRESS_H
#define SNAPTUN_ADDRESS_H

#include <linux/in6.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <net/ipv6.h>

#include "messages.h"

/**
 * struct snaptun_address - a UDP socket address
 * @ip: IPv6 address, or an IPv4 address in its IPv4-mapped form
 * @scope_id: interface of a link-local IPv6 address, else 0
 * @port: UDP port, 0 where there is no address
 * @zero: keeps the bytes comparable
 */
struct snaptun_address {
	struct in6_addr ip;
	u32 scope_id;
	__be16 port;
	u16 zero;
};

static_assert(sizeof(struct snaptun_address) == 24);

static inline bool snaptun_address_is_v4(const struct snaptun_address *address)
{
	return ipv6_addr_v4mapped(&address->ip);
}

static inline bool snaptun_address_equal(const struct snaptun_address *a,
					 const struct snaptun_address *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline bool snaptun_address_is_set(const struct snaptun_address *address)
{
	return address->port;
}

/**
 * snaptun_address_of_ip() - read an address out of a packet's IP header
 * @ip: receives it, an IPv4 one in its IPv4-mapped form
 * @skb: a packet with a whole IP header, which its data begin with
 * @offset: where the address is in it
 * @is_v4: the header is one of IPv4
 */
static inline void snaptun_address_of_ip(struct in6_addr *ip,
					 const struct sk_buff *skb,
					 unsigned int offset, bool is_v4)
{
	if (is_v4) {
		__be32 v4 = 0;

		skb_copy_bits(skb, offset, &v4, sizeof(v4));
		ipv6_addr_set_v4mapped(v4, ip);
	} else {
		skb_copy_bits(skb, offset, ip, sizeof(*ip));
	}
}

void snaptun_address_encode(const struct snaptun_address *address,
			    u8 observed[SNAPTUN_OBSERVED_SIZE]);
bool snaptun_address_decode(struct snaptun_address *address,
			    const u8 observed[SNAPTUN_OBSERVED_SIZE]);

#endif
