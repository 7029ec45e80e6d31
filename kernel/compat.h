/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that snaptun supports, 6.1 to 7.x, and
 * nothing else; no other file knows kernel versions. Each block says which
 * release changed what.
 */
#ifndef SNAPTUN_COMPAT_H
#define SNAPTUN_COMPAT_H

#include <crypto/blake2s.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <net/ip_tunnels.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>

/* 6.13 has one call set up a timer, 6.15 no other. */
static inline void
snaptun_hrtimer_setup(struct hrtimer *timer,
		      enum hrtimer_restart (*fire)(struct hrtimer *timer),
		      clockid_t clock, enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, fire, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fire;
#endif
}

/* 6.5 moved GSO out of netdevice.h, 6.7 the comparison out of algapi.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#include <crypto/utils.h>
#else
#include <crypto/algapi.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* 6.19 renamed the state of BLAKE2s and turned the one-shot's arguments round. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define snaptun_blake2s_state	blake2s_ctx
#else
#define snaptun_blake2s_state	blake2s_state
#endif

static inline void snaptun_blake2s(u8 *out, size_t out_len,
				   const u8 *in, size_t in_len,
				   const u8 *key, size_t key_len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	blake2s(key, key_len, in, in_len, out, out_len);
#else
	blake2s(out, in, key, out_len, in_len, key_len);
#endif
}

/* 6.16 renamed from_timer(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define snaptun_timer_container(var, timer, field) \
	timer_container_of(var, timer, field)
#else
#define snaptun_timer_container(var, timer, field) \
	from_timer(var, timer, field)
#endif

/* 6.7 allocates shrinkers itself. */
typedef unsigned long snaptun_shrinker_call(struct shrinker *shrinker,
					    struct shrink_control *control);

static inline struct shrinker *
snaptun_shrinker_new(const char *name, snaptun_shrinker_call *count,
		     snaptun_shrinker_call *scan)
{
	struct shrinker *shrinker;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	shrinker = shrinker_alloc(0, "%s", name);
#else
	shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);
#endif
	if (!shrinker)
		return NULL;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker->seeks = DEFAULT_SEEKS;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	shrinker_register(shrinker);
#else
	if (register_shrinker(shrinker, "%s", name)) {
		kfree(shrinker);
		return NULL;
	}
#endif
	return shrinker;
}

static inline void snaptun_shrinker_free(struct shrinker *shrinker)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	shrinker_free(shrinker);
#else
	unregister_shrinker(shrinker);
	kfree(shrinker);
#endif
}

/*
 * How many devices a packet may go through on one stack. Some release of 7.x has a bound
 * of its own for tunnels, of which it counts each as two; it is also backported.
 */
#ifdef IP_TUNNEL_RECURSION_LIMIT
#define SNAPTUN_NESTING_MAX	IP_TUNNEL_RECURSION_LIMIT
#else
#define SNAPTUN_NESTING_MAX	4
#endif

/*
 * When a packet is to leave, where its sender said so by the clock that qdiscs go by. 6.11
 * made the flag for that a number.
 */
static inline void snaptun_copy_departure(struct sk_buff *to,
					  const struct sk_buff *from)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
	if (from->tstamp_type != SKB_CLOCK_MONOTONIC)
		return;
	to->tstamp_type = SKB_CLOCK_MONOTONIC;
#else
	if (!from->mono_delivery_time)
		return;
	to->mono_delivery_time = 1;
#endif
	to->tstamp = from->tstamp;
}

/* 6.12 made "needs no lock to transmit" a field of its own. */
static inline void snaptun_set_lltx(struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* 6.15 gathered the arguments of newlink in a structure. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define SNAPTUN_NEWLINK_ARGS						\
	struct net_device *dev, struct rtnl_newlink_params *params,	\
	struct netlink_ext_ack *extack
#define snaptun_newlink_net()	rtnl_newlink_link_net(params)
#define snaptun_newlink_data()	((params)->data)
#else
#define SNAPTUN_NEWLINK_ARGS						\
	struct net *src_net, struct net_device *dev,			\
	struct nlattr *tb[], struct nlattr *data[],			\
	struct netlink_ext_ack *extack
#define snaptun_newlink_net()	(src_net)
#define snaptun_newlink_data()	(data)
#endif

/* 6.7 gave dumps a genl_info. */
static inline struct nlattr **snaptun_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/* 6.17 added a last argument to both. */
static inline void snaptun_udp_xmit4(struct rtable *rt, struct sock *sk,
				     struct sk_buff *skb, __be32 saddr,
				     __be32 daddr, u8 tos, u8 ttl, __be16 df,
				     __be16 sport, __be16 dport)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df, sport,
			    dport, false, false, 0);
#else
	udp_tunnel_xmit_skb(rt, sk, skb, saddr, daddr, tos, ttl, df, sport,
			    dport, false, false);
#endif
}

static inline void snaptun_udp_xmit6(struct dst_entry *dst, struct sock *sk,
				     struct sk_buff *skb,
				     struct in6_addr *saddr,
				     struct in6_addr *daddr, u8 tos, u8 ttl,
				     __be16 sport, __be16 dport)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, saddr, daddr, tos, ttl, 0,
			     sport, dport, false, 0);
#else
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, saddr, daddr, tos, ttl, 0,
			     sport, dport, false);
#endif
}

#endif
