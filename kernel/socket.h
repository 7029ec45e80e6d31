/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Underlay sockets: one UDP port, IPv4 and IPv6, in the network namespace in
 * which the device was born.
 */
#ifndef SNAPTUN_SOCKET_H
#define SNAPTUN_SOCKET_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/dst_cache.h>

#include "address.h"
#include "lane.h"

struct snaptun_device;

/**
 * enum snaptun_socket_families - which sockets a port needs
 * @SNAPTUN_SOCKET_V4: IPv4
 * @SNAPTUN_SOCKET_V6: IPv6
 * @SNAPTUN_SOCKET_BOTH: both, or IPv4 alone where there is no IPv6
 */
enum snaptun_socket_families {
	SNAPTUN_SOCKET_V4 = BIT(0),
	SNAPTUN_SOCKET_V6 = BIT(1),
	SNAPTUN_SOCKET_BOTH = SNAPTUN_SOCKET_V4 | SNAPTUN_SOCKET_V6,
};

/**
 * struct snaptun_socket - one UDP port
 * @snap: the device that it receives for
 * @port: port number, network order
 * @sk4: IPv4 socket, or NULL
 * @sk6: IPv6 socket, or NULL
 * @data_ready: the callback that ours took the place of
 * @lock: protects @lanes and @closed, and keeps datagrams in order between the
 *	socket and its lane; bottom halves disabled
 * @lanes: datagrams taken out of the sockets, by remote address
 * @closed: nobody is to work on @lanes any more
 * @rcu: the data path uses sockets under RCU
 */
struct snaptun_socket {
	struct snaptun_device *snap;
	__be16 port;
	struct sock *sk4;
	struct sock *sk6;
	void (*data_ready)(struct sock *sk);
	spinlock_t lock; /* lanes and closed */
	struct snaptun_lane lanes[SNAPTUN_LANES];
	bool closed;
	struct rcu_head rcu;
};

/**
 * struct snaptun_path - both ends of a message's way on the underlay
 * @local: this side's IP address, or all zero to let the route decide
 * @remote: the other side's address
 * @local_port: this side's port
 * @zero: keeps the bytes from @remote on comparable: they name a tunnel
 */
struct snaptun_path {
	struct in6_addr local;
	struct snaptun_address remote;
	__be16 local_port;
	u16 zero;
};

struct snaptun_socket *snaptun_socket_open(struct snaptun_device *snap,
					   struct net *net, u16 port,
					   unsigned int families);
void snaptun_socket_close(struct snaptun_socket *socket);
void snaptun_socket_set_mark(struct snaptun_socket *socket, u32 mark);

/**
 * struct snaptun_route - the way to a remote address
 * @dst: the route; a reference is held
 * @source: this side's address, an IPv4 one in its IPv4-mapped form
 */
struct snaptun_route {
	struct dst_entry *dst;
	struct in6_addr source;
};

unsigned int snaptun_socket_headroom(void);
int snaptun_socket_route(struct snaptun_socket *socket,
			 const struct snaptun_path *path,
			 struct dst_cache *cache, struct snaptun_route *route);
void snaptun_route_put(struct snaptun_route *route);
unsigned int snaptun_route_payload(const struct snaptun_route *route,
				   const struct snaptun_path *path);
void snaptun_socket_send(struct snaptun_socket *socket,
			 const struct snaptun_path *path,
			 struct snaptun_route *route, struct sk_buff *skb, u8 ecn,
			 bool may_fragment);
int snaptun_socket_send_message(struct snaptun_socket *socket,
				const struct snaptun_path *path,
				struct dst_cache *cache,
				const void *message, size_t len);

#endif
