// SPDX-License-Identifier: GPL-2.0
/*
 * Underlay sockets.
 *
 * These are plain UDP sockets with UDP_GRO on, whose data_ready callback takes
 * datagrams out at once, in softirq. The usual way in for tunnels, encap_rcv,
 * would have the stack cut every GRO super-packet into pieces first; here one
 * arrives whole and is opened in one go. lane.c says where and when.
 *
 * Sending goes past the socket, straight to the IP layer: no socket lock, and
 * a batch leaves as a single GSO packet.
 */

#include "socket.h"

#include <linux/slab.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>

#include "compat.h"
#include "device.h"
#include "lane.h"

/*
 * Datagrams are taken out as they come, so the bound is never felt. It is large
 * because the core serialises senders once half of it is used.
 */
#define SOCKET_RCVBUF		(16 << 20)

static void socket_data_ready(struct sock *sk)
{
	struct snaptun_socket *socket;

	rcu_read_lock();
	socket = rcu_dereference_sk_user_data(sk);
	if (socket) {
		local_bh_disable();
		snaptun_lanes_take(socket, sk);
		local_bh_enable();
	}
	rcu_read_unlock();
}

static struct sock *open_family(struct snaptun_socket *owner, struct net *net,
				unsigned short family)
{
	struct udp_port_cfg config = {
		.family = family,
		.local_udp_port = owner->port,
		.use_udp_checksums = true,
		.use_udp6_tx_checksums = true,
		.use_udp6_rx_checksums = true,
		.ipv6_v6only = family == AF_INET6,
	};
	struct socket *sock;
	int one = 1, err;

	err = udp_sock_create(net, &config, &sock);
	if (err)
		return ERR_PTR(err);
	err = READ_ONCE(sock->ops)->setsockopt(sock, SOL_UDP, UDP_GRO,
					       KERNEL_SOCKPTR(&one), sizeof(one));
	if (err) {
		sock_release(sock);
		return ERR_PTR(err);
	}
	sock->sk->sk_allocation = GFP_ATOMIC;
#ifdef CONFIG_NET_RX_BUSY_POLL
	/* skb_recv_udp() would poll the device, in softirq. */
	WRITE_ONCE(sock->sk->sk_ll_usec, 0);
#endif
	WRITE_ONCE(sock->sk->sk_rcvbuf, SOCKET_RCVBUF);
	WRITE_ONCE(sock->sk->sk_mark, owner->snap->fwmark);

	write_lock_bh(&sock->sk->sk_callback_lock);
	rcu_assign_sk_user_data(sock->sk, owner);
	owner->data_ready = sock->sk->sk_data_ready;
	sock->sk->sk_data_ready = socket_data_ready;
	write_unlock_bh(&sock->sk->sk_callback_lock);
	/* What came before called nobody. */
	socket_data_ready(sock->sk);
	return sock->sk;
}

/*
 * A callback that runs still sees the socket under RCU, and so does the core
 * the sock: both are freed after a grace period. The port is free at once.
 */
static void close_family(struct snaptun_socket *owner, struct sock *sk)
{
	if (!sk)
		return;
	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_sk_user_data(sk, NULL);
	sk->sk_data_ready = owner->data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	sock_release(sk->sk_socket);
}

static void free_socket_rcu(struct rcu_head *rcu)
{
	struct snaptun_socket *socket =
		container_of(rcu, struct snaptun_socket, rcu);

	snaptun_lanes_purge(socket);
	kfree(socket);
}

/* Close both socks; who holds @socket under RCU may still put things into it. */
static void close_all(struct snaptun_socket *socket)
{
	close_family(socket, socket->sk4);
	close_family(socket, socket->sk6);
	snaptun_lanes_close(socket);
	call_rcu(&socket->rcu, free_socket_rcu);
}

/**
 * snaptun_socket_open() - open a UDP port
 * @snap: the device to receive for
 * @net: network namespace
 * @port: port number, or 0 for any that is free
 * @families: bits of enum snaptun_socket_families
 *
 * Datagrams arrive at once.
 *
 * Context: process.
 *
 * Return: the socket, or an error: -EADDRINUSE, -ENOMEM, -EAFNOSUPPORT, …
 */
struct snaptun_socket *snaptun_socket_open(struct snaptun_device *snap,
					   struct net *net, u16 port,
					   unsigned int families)
{
	struct snaptun_socket *socket;
	int attempts = port ? 1 : 32, err;
	struct sock *sk;

	socket = kzalloc(sizeof(*socket), GFP_KERNEL_ACCOUNT);
	if (!socket)
		return ERR_PTR(-ENOMEM);
	socket->snap = snap;
	snaptun_lanes_init(socket);
again:
	socket->port = htons(port);
	if (families & SNAPTUN_SOCKET_V4) {
		sk = open_family(socket, net, AF_INET);
		if (IS_ERR(sk)) {
			err = PTR_ERR(sk);
			goto fail;
		}
		WRITE_ONCE(socket->port, inet_sk(sk)->inet_sport);
		WRITE_ONCE(socket->sk4, sk);
	}
	if (families & SNAPTUN_SOCKET_V6) {
		sk = open_family(socket, net, AF_INET6);
		err = PTR_ERR_OR_ZERO(sk);
		/* The port that IPv4 chose may be taken by another's IPv6. */
		if (err == -EADDRINUSE && socket->sk4 && --attempts) {
			close_family(socket, socket->sk4);
			socket->sk4 = NULL;
			goto again;
		}
		if ((err == -EAFNOSUPPORT || err == -EPFNOSUPPORT) &&
		    socket->sk4)
			return socket;
		if (err)
			goto fail;
		WRITE_ONCE(socket->port, inet_sk(sk)->inet_sport);
		WRITE_ONCE(socket->sk6, sk);
	}
	return socket;
fail:
	close_all(socket);
	return ERR_PTR(err);
}

/**
 * snaptun_socket_close() - close a UDP port
 * @socket: the socket, or NULL
 *
 * Nobody may find @socket any more; who found it before may use it until an
 * RCU grace period is over.
 *
 * Context: process.
 */
void snaptun_socket_close(struct snaptun_socket *socket)
{
	if (socket)
		close_all(socket);
}

/**
 * snaptun_socket_set_mark() - what is sent has another mark from now on
 * @socket: the socket
 * @mark: the mark
 *
 * Packets get theirs from the device. The core looks at the socks' when an ICMP
 * message tells of a path's MTU, to find the route that it is about.
 *
 * Context: process; the device's lock is held.
 */
void snaptun_socket_set_mark(struct snaptun_socket *socket, u32 mark)
{
	if (socket->sk4)
		WRITE_ONCE(socket->sk4->sk_mark, mark);
	if (socket->sk6)
		WRITE_ONCE(socket->sk6->sk_mark, mark);
}

/**
 * snaptun_socket_headroom() - bytes to leave before a message
 *
 * Room for UDP, either IP header and whatever the link below adds.
 */
unsigned int snaptun_socket_headroom(void)
{
	return LL_MAX_HEADER + sizeof(struct ipv6hdr) + sizeof(struct udphdr);
}

/* May a cached route with this source be taken, or was it for another session? */
static bool is_source(const struct snaptun_path *path, __be32 source)
{
	__be32 local = path->local.s6_addr32[3];

	return !local || local == source;
}

static int find_route4(struct snaptun_socket *socket,
		       const struct snaptun_path *path, struct dst_cache *cache,
		       struct snaptun_route *route)
{
	struct sock *sk = READ_ONCE(socket->sk4);
	struct flowi4 fl4 = {
		.saddr = path->local.s6_addr32[3],
		.daddr = path->remote.ip.s6_addr32[3],
		.fl4_sport = socket->port,
		.fl4_dport = path->remote.port,
		.flowi4_mark = READ_ONCE(socket->snap->fwmark),
		.flowi4_proto = IPPROTO_UDP,
	};
	struct rtable *rt = NULL;

	if (!sk)
		return -EAFNOSUPPORT;
	if (cache)
		rt = dst_cache_get_ip4(cache, &fl4.saddr);
	if (rt && !is_source(path, fl4.saddr)) {
		ip_rt_put(rt);
		rt = NULL;
		fl4.saddr = path->local.s6_addr32[3];
	}
	if (!rt) {
		rt = ip_route_output_flow(sock_net(sk), &fl4, sk);
		if (IS_ERR(rt))
			return PTR_ERR(rt);
		if (rt->dst.dev == socket->snap->dev) {
			ip_rt_put(rt);
			return -ELOOP;
		}
		if (cache)
			dst_cache_set_ip4(cache, &rt->dst, fl4.saddr);
	}
	route->dst = &rt->dst;
	ipv6_addr_set_v4mapped(fl4.saddr, &route->source);
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
static int find_route6(struct snaptun_socket *socket,
		       const struct snaptun_path *path, struct dst_cache *cache,
		       struct snaptun_route *route)
{
	struct sock *sk = READ_ONCE(socket->sk6);
	struct flowi6 fl6 = {
		.saddr = path->local,
		.daddr = path->remote.ip,
		.fl6_sport = socket->port,
		.fl6_dport = path->remote.port,
		.flowi6_mark = READ_ONCE(socket->snap->fwmark),
		.flowi6_oif = path->remote.scope_id,
		.flowi6_proto = IPPROTO_UDP,
	};
	struct dst_entry *dst = NULL;

	if (!sk)
		return -EAFNOSUPPORT;
	if (cache)
		dst = dst_cache_get_ip6(cache, &fl6.saddr);
	if (dst && !ipv6_addr_any(&path->local) &&
	    !ipv6_addr_equal(&path->local, &fl6.saddr)) {
		dst_release(dst);
		dst = NULL;
		fl6.saddr = path->local;
	}
	if (!dst) {
		dst = ip6_dst_lookup_flow(sock_net(sk), sk, &fl6, NULL);
		if (IS_ERR(dst))
			return PTR_ERR(dst);
		if (dst->dev == socket->snap->dev) {
			dst_release(dst);
			return -ELOOP;
		}
		if (cache)
			dst_cache_set_ip6(cache, dst, &fl6.saddr);
	}
	route->dst = dst;
	route->source = fl6.saddr;
	return 0;
}

static void send6(struct snaptun_socket *socket, const struct snaptun_path *path,
		  struct snaptun_route *route, struct sk_buff *skb, u8 ecn)
{
	struct in6_addr destination = path->remote.ip;

	snaptun_udp_xmit6(dst_clone(route->dst), socket->sk6, skb,
			  &route->source, &destination, ecn,
			  ip6_dst_hoplimit(route->dst), socket->port,
			  path->remote.port);
}
#else
static int find_route6(struct snaptun_socket *socket,
		       const struct snaptun_path *path, struct dst_cache *cache,
		       struct snaptun_route *route)
{
	return -EAFNOSUPPORT;
}

static void send6(struct snaptun_socket *socket, const struct snaptun_path *path,
		  struct snaptun_route *route, struct sk_buff *skb, u8 ecn)
{
	kfree_skb(skb);
}
#endif

/**
 * snaptun_socket_route() - find the way to a remote address
 * @socket: the port to send from
 * @path: where to
 * @cache: remembers the route, or NULL
 * @route: receives it, for snaptun_route_put()
 *
 * Context: bottom halves disabled, RCU read lock.
 *
 * Return: 0, -ELOOP where it leads back into the device, or what the look-up says.
 */
int snaptun_socket_route(struct snaptun_socket *socket,
			 const struct snaptun_path *path,
			 struct dst_cache *cache, struct snaptun_route *route)
{
	if (snaptun_address_is_v4(&path->remote))
		return find_route4(socket, path, cache, route);
	return find_route6(socket, path, cache, route);
}

/**
 * snaptun_route_put() - a route is no longer used
 * @route: the route
 */
void snaptun_route_put(struct snaptun_route *route)
{
	dst_release(route->dst);
}

/**
 * snaptun_route_payload() - the longest message that a route carries in one piece
 * @route: the route
 * @path: where to
 *
 * Return: bytes of UDP payload, 0 where not even the headers fit.
 */
unsigned int snaptun_route_payload(const struct snaptun_route *route,
				   const struct snaptun_path *path)
{
	unsigned int headers = sizeof(struct udphdr), mtu = dst_mtu(route->dst);

	headers += snaptun_address_is_v4(&path->remote) ?
			   sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	return mtu > headers ? mtu - headers : 0;
}

/**
 * snaptun_socket_send() - send messages that are ready
 * @socket: the port to send from
 * @path: where to
 * @route: the way there
 * @skb: one message, or several as one UDP GSO packet; always consumed
 * @ecn: ECN bits of the IP header
 * @may_fragment: where it does not fit it may go in fragments
 *
 * Context: bottom halves disabled, RCU read lock.
 */
void snaptun_socket_send(struct snaptun_socket *socket,
			 const struct snaptun_path *path,
			 struct snaptun_route *route, struct sk_buff *skb, u8 ecn,
			 bool may_fragment)
{
	skb->mark = READ_ONCE(socket->snap->fwmark);
	skb->ignore_df = may_fragment;
	if (snaptun_address_is_v4(&path->remote))
		snaptun_udp_xmit4(container_of(dst_clone(route->dst),
					       struct rtable, dst),
				  socket->sk4, skb, route->source.s6_addr32[3],
				  path->remote.ip.s6_addr32[3], ecn,
				  ip4_dst_hoplimit(route->dst),
				  may_fragment ? 0 : htons(IP_DF), socket->port,
				  path->remote.port);
	else
		send6(socket, path, route, skb, ecn);
}

/**
 * snaptun_socket_send_message() - send one message from a buffer
 * @socket: the port to send from
 * @path: where to
 * @cache: remembers the route, or NULL
 * @message: the message
 * @len: its bytes
 *
 * Context: process or softirq.
 *
 * Return: 0, as snaptun_socket_route(), or -ENOMEM.
 */
int snaptun_socket_send_message(struct snaptun_socket *socket,
				const struct snaptun_path *path,
				struct dst_cache *cache,
				const void *message, size_t len)
{
	struct snaptun_route route;
	struct sk_buff *skb;
	int err;

	skb = alloc_skb(snaptun_socket_headroom() + len, GFP_ATOMIC);
	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, snaptun_socket_headroom());
	skb_put_data(skb, message, len);
	rcu_read_lock_bh();
	err = snaptun_socket_route(socket, path, cache, &route);
	if (err) {
		kfree_skb(skb);
	} else {
		snaptun_socket_send(socket, path, &route, skb, 0, false);
		snaptun_route_put(&route);
	}
	rcu_read_unlock_bh();
	return err;
}
