// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: the way of a packet of the stack, often a super-packet that stands for many.
 * Each stage stands below those that it calls: the way begins at the end of this file.
 *
 *   snaptun_tx()            could a tunnel carry it? Without a session it is staged
 *     select_tunnel()       which one, by its addresses
 *     transmit()            the route, what the path carries
 *       take_owner()        which socket pays, until the underlay has sent it
 *       send_cut()          a super-packet: one reservation of counters; each segment is
 *                           cut, summed and copied once, and sealed where it is
 *       send_segments()     the same for what the stack has to cut
 *       send_single()       a packet that is one message
 *       flush()             the batch leaves as one UDP GSO packet
 *         send_outer()      in the name of the inner one, by socket.c
 *
 * All three that send have for each message
 *
 *   begin_message()         where it is written to; a batch that is full leaves first
 *   seal()                  what is not cut is encrypted there
 *   end_message()           it belongs to the batch
 *
 * All of it runs in the sender's context with bottom halves disabled, or in that of whoever
 * brings the first session. Sealing copies, so the inner packet is never changed.
 */

#include "tx.h"

#include <crypto/chacha20poly1305.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/inet_ecn.h>
#include <net/tcp.h>

#include "answer.h"
#include "compat.h"
#include "device.h"
#include "identity.h"
#include "lane.h"
#include "pool.h"
#include "scion.h"
#include "session.h"
#include "super_packet.h"
#include "tunnel.h"

/* A lone message up to here goes into a linear buffer; longer ones use the pool. */
#define TX_LINEAR_MAX	2048
/* What a batch in a buffer costs its owner at least. */
#define TX_CHARGE_MIN	SZ_4K

/**
 * struct tx_owner - the socket that pays for a packet
 * @sk: the socket, or NULL
 * @destructor: gives back what it paid
 * @truesize: what it paid, bytes
 */
struct tx_owner {
	struct sock *sk;
	void (*destructor)(struct sk_buff *skb);
	unsigned int truesize;
};

/**
 * struct tx_batch - messages on their way into one packet
 * @tunnel: where they go
 * @session: seals them
 * @now: current time
 * @lone: there is but one, which is too short to keep a buffer of the pool for it
 * @linear: a message that is written to a packet of its own, or NULL
 * @page: buffer that they are in, or NULL
 * @left: bytes of the messages that are still to be written
 * @offset: where the batch begins in it
 * @len: bytes of the batch
 * @message_len: bytes of each message; the last may be shorter
 * @count: messages
 * @closed: a shorter one ended the batch
 * @limit: the most bytes of a batch
 * @route: the way there
 * @ecn: ECN bits of the outer IP header
 * @may_fragment: where a message does not fit it may go in fragments
 * @inner: the inner packet
 * @ooo_okay: the next packet may take another transmit queue than those before it
 * @fault: counter of what was dropped last, 0 where nothing was
 * @owner: who pays for @inner, and for all that is made of it
 */
struct tx_batch {
	struct snaptun_tunnel *tunnel;
	struct snaptun_session *session;
	u64 now;
	bool lone;
	struct sk_buff *linear;
	struct page *page;
	unsigned int left;
	unsigned int offset;
	unsigned int len;
	unsigned int message_len;
	unsigned int count;
	bool closed;
	unsigned int limit;
	struct snaptun_route route;
	u8 ecn;
	bool may_fragment;
	struct sk_buff *inner;
	bool ooo_okay;
	unsigned int fault;
	struct tx_owner owner;
};

/**
 * snaptun_tx_protocol() - what a packet is, by its first nibble
 * @skb: a packet whose data begins with its network header
 *
 * Return: ETH_P_IP, ETH_P_IPV6, SNAPTUN_ETH_P_SCION, or 0 where it is neither or
 * too short; network order.
 */
__be16 snaptun_tx_protocol(const struct sk_buff *skb)
{
	const u8 *first;
	u8 buffer;

	first = skb_header_pointer(skb, 0, sizeof(buffer), &buffer);
	if (!first)
		return 0;
	if (*first >> 4 == 4 && skb->len >= sizeof(struct iphdr))
		return htons(ETH_P_IP);
	if (*first >> 4 == 6 && skb->len >= sizeof(struct ipv6hdr))
		return htons(ETH_P_IPV6);
	if (*first >> 4 == 0 && skb->len >= SNAPTUN_SCION_HEADER_MIN)
		return htons(SNAPTUN_ETH_P_SCION);
	return 0;
}

/*
 * The tunnel of an IP packet: that of the longest prefix which its destination lies
 * in, or the default tunnel.
 */
static struct snaptun_tunnel *select_for_ip(struct snaptun_device *snap,
					    const struct sk_buff *skb,
					    bool is_v4)
{
	unsigned int offset = is_v4 ? offsetof(struct iphdr, daddr) :
				      offsetof(struct ipv6hdr, daddr);
	struct snaptun_allowed_ips *owner;
	struct in6_addr ip;

	snaptun_address_of_ip(&ip, skb, offset, is_v4);
	owner = snaptun_allowed_ips_lookup(&snap->allowed_ips, &ip, is_v4);
	return owner ? rcu_dereference_bh(owner->tunnel) :
		       rcu_dereference_bh(snap->default_tunnel);
}

/*
 * The tunnel of a packet. A SCION packet belongs to the tunnel that its source
 * address was assigned by, or, on the other side, to the one that its
 * destination is the remote address of, or else to the default tunnel.
 */
static struct snaptun_tunnel *select_tunnel(struct snaptun_device *snap,
					    struct sk_buff *skb, __be16 protocol)
{
	struct snaptun_socket *listen = rcu_dereference_bh(snap->listen);
	struct snaptun_tunnel *tunnel = NULL;
	struct snaptun_path path = {};

	if (protocol != htons(SNAPTUN_ETH_P_SCION))
		return select_for_ip(snap, skb, protocol == htons(ETH_P_IP));
	if (snaptun_scion_endpoint(skb, SNAPTUN_SCION_SOURCE, &path.remote))
		tunnel = snaptun_tunnel_by_assigned(snap, &path.remote);
	if (!tunnel && listen &&
	    snaptun_scion_endpoint(skb, SNAPTUN_SCION_DESTINATION, &path.remote)) {
		path.local_port = READ_ONCE(listen->port);
		tunnel = snaptun_tunnel_by_remote(snap, &path);
	}
	return tunnel ?: rcu_dereference_bh(snap->default_tunnel);
}

/*
 * Did a socket pay for a packet with its write memory? TCP's own destructor is
 * not exported everywhere, so those that mean something else are ruled out.
 */
static bool paid_to_write(const struct sk_buff *skb, bool to_ipv6)
{
	struct sock *sk = skb->sk;

	if (!sk || !skb->destructor)
		return false;
	/* IPv6 takes whatever socket a packet has for one of its own. */
	if (to_ipv6 && !sk_is_inet(sk))
		return false;
	if (skb->destructor == sock_wfree)
		return true;
	return sk_fullsock(sk) && sk_is_tcp(sk) &&
	       skb->destructor != sock_efree && skb->destructor != sock_edemux &&
	       skb->destructor != sock_rfree &&
	       skb->destructor != sock_pfree;
}

/*
 * Take what a socket paid from the inner packet, for the batch to pay, so that
 * the socket's limits and TCP's small queues feel the underlay.
 */
static void take_owner(struct tx_owner *owner, struct sk_buff *skb,
		       bool to_ipv6)
{
	memset(owner, 0, sizeof(*owner));
	/* Other destructors, as that of a ring of packets, say that the data is free. */
	if (!paid_to_write(skb, to_ipv6))
		return;
	owner->sk = skb->sk;
	owner->destructor = skb->destructor;
	owner->truesize = skb->truesize;
	skb->sk = NULL;
	skb->destructor = NULL;
}

/*
 * The socket pays for @skb what that really costs; with the last one it gets back what it
 * paid for the inner packet. All have it, so that none takes another way than the others.
 */
static void charge_owner(struct tx_owner *owner, struct sk_buff *skb, bool last)
{
	int more = skb->truesize - (last ? owner->truesize : 0);

	if (!owner->sk)
		return;
	skb->sk = owner->sk;
	skb->destructor = owner->destructor;
	if (more >= 0)
		refcount_add(more, &owner->sk->sk_wmem_alloc);
	else
		WARN_ON_ONCE(refcount_sub_and_test(-more,
						   &owner->sk->sk_wmem_alloc));
	if (last)
		owner->sk = NULL;
}

/**
 * snaptun_tx_failure() - the counter of what could not be sent
 * @err: why, as from snaptun_socket_send_message()
 *
 * Return: SNAPTUN_A_COUNTERS_*.
 */
unsigned int snaptun_tx_failure(int err)
{
	switch (err) {
	case -ENOMEM:
		return SNAPTUN_A_COUNTERS_TX_NO_BUFFER;
	case -ELOOP:
		return SNAPTUN_A_COUNTERS_TX_LOOP;
	default:
		return SNAPTUN_A_COUNTERS_TX_NO_ROUTE;
	}
}

static void drop_packet(struct snaptun_device *snap, struct sk_buff *skb,
			unsigned int counter)
{
	dev_core_stats_tx_dropped_inc(snap->dev);
	snaptun_drop_skb(snap, skb, counter);
}

static u8 *write_header(struct snaptun_session *session, u64 counter, u8 *to)
{
	struct snaptun_msg_transport *header = (void *)to;

	header->type = SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_TRANSPORT);
	header->receiver = session->remote_index;
	header->counter = cpu_to_le64(counter);
	return to + sizeof(*header);
}

/* Copy a packet whole, and complete the checksum that was left to us. */
static bool flatten(const struct sk_buff *skb, u8 *to)
{
	unsigned int start, field;
	__sum16 sum;

	if (skb_copy_bits(skb, 0, to, skb->len))
		return false;
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return true;
	start = skb_checksum_start_offset(skb);
	field = start + skb->csum_offset;
	if (start >= skb->len || field + sizeof(sum) > skb->len)
		return false;
	sum = csum_fold(csum_partial(to + start, skb->len - start, 0));
	/* Zero says "no checksum" in UDP. */
	if (!sum)
		sum = CSUM_MANGLED_0;
	memcpy(to + field, &sum, sizeof(sum));
	return true;
}

/* Write the message that carries @skb to @to. */
static bool seal(struct snaptun_session *session, u64 counter,
		 const struct sk_buff *skb, u8 *to)
{
	const u8 *from = skb->data;

	to = write_header(session, counter, to);
	if (skb_is_nonlinear(skb) || skb->ip_summed == CHECKSUM_PARTIAL) {
		if (!flatten(skb, to))
			return false;
		from = to;
	}
	chacha20poly1305_encrypt(to, from, skb->len, NULL, 0, counter,
				 session->send_key);
	return true;
}

/* Send a packet that is ready, in the name of the inner one. */
static void send_outer(struct tx_batch *batch, struct sk_buff *outer,
		       unsigned int messages, bool last)
{
	struct snaptun_tunnel *tunnel = batch->tunnel;
	struct snaptun_device *snap = tunnel->snap;
	unsigned int len = outer->len;

	outer->priority = batch->inner->priority;
	skb_copy_hash(outer, batch->inner);
	snaptun_copy_departure(outer, batch->inner);
	outer->ooo_okay = batch->ooo_okay;
	batch->ooo_okay = false;
	charge_owner(&batch->owner, outer, last);
	snaptun_socket_send(tunnel->socket, &batch->session->path, &batch->route,
			    outer, batch->ecn, batch->may_fragment);
	dev_sw_netstats_tx_add(snap->dev, messages,
			       len - messages * SNAPTUN_OVERHEAD);
	snaptun_tunnel_sent(tunnel, batch->now, messages, len, false);
}

static void drop_messages(struct tx_batch *batch, unsigned int messages,
			  unsigned int counter)
{
	struct snaptun_device *snap = batch->tunnel->snap;

	batch->fault = counter;
	snaptun_drop_n(snap, counter, messages);
	while (messages--)
		dev_core_stats_tx_dropped_inc(snap->dev);
}

/* Send what the batch holds as one packet. */
static void flush(struct tx_batch *batch, bool last)
{
	unsigned int headroom = snaptun_socket_headroom();
	struct skb_shared_info *shinfo;
	struct sk_buff *outer;

	if (!batch->count)
		return;
	outer = alloc_skb(headroom, GFP_ATOMIC);
	if (outer) {
		skb_reserve(outer, headroom);
		get_page(batch->page);
		skb_fill_page_desc(outer, 0, batch->page, batch->offset,
				   batch->len);
		outer->len = batch->len;
		outer->data_len = batch->len;
		outer->truesize += max_t(unsigned int, batch->len, TX_CHARGE_MIN);
		if (batch->count > 1) {
			snaptun_lanes_note_sealed();
			shinfo = skb_shinfo(outer);
			shinfo->gso_type = SKB_GSO_UDP_L4;
			shinfo->gso_size = batch->message_len;
			shinfo->gso_segs = batch->count;
			outer->ip_summed = CHECKSUM_PARTIAL;
			outer->csum_start = headroom - sizeof(struct udphdr);
			outer->csum_offset = offsetof(struct udphdr, check);
		}
		send_outer(batch, outer, batch->count, last);
	} else {
		drop_messages(batch, batch->count,
			      SNAPTUN_A_COUNTERS_TX_NO_BUFFER);
	}
	batch->offset += batch->len;
	batch->len = 0;
	batch->count = 0;
	batch->closed = false;
}

/* Is there room for a message of @len bytes in the batch under way? */
static bool fits(const struct tx_batch *batch, unsigned int len)
{
	return !batch->closed && len <= batch->message_len &&
	       batch->count < SNAPTUN_BURST_MESSAGES &&
	       batch->len + len <= batch->limit;
}

/*
 * Where a message of @len bytes is to be written, for end_message() or drop_message();
 * a batch that is full leaves first. NULL where there is no memory.
 */
static u8 *begin_message(struct tx_batch *batch, unsigned int len)
{
	unsigned int headroom = snaptun_socket_headroom(), left = batch->left;

	batch->left -= len;
	if (batch->count && !fits(batch, len))
		flush(batch, false);
	if (batch->page &&
	    batch->offset + batch->len + len > page_size(batch->page)) {
		flush(batch, false);
		put_page(batch->page);
		batch->page = NULL;
	}
	if (!batch->page && !batch->lone) {
		batch->page = snaptun_pool_get(batch->tunnel->snap->pool_owner) ?:
			      snaptun_pool_allocate(min_t(unsigned int, left,
							  SNAPTUN_BUFFER_SIZE));
		batch->offset = 0;
	}
	if (batch->page)
		return page_address(batch->page) + batch->offset + batch->len;
	batch->linear = alloc_skb(headroom + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!batch->linear)
		return NULL;
	skb_reserve(batch->linear, headroom);
	return skb_put(batch->linear, len);
}

/* A message of @len bytes is written. */
static void end_message(struct tx_batch *batch, unsigned int len, bool last)
{
	struct sk_buff *linear = batch->linear;

	if (linear) {
		batch->linear = NULL;
		send_outer(batch, linear, 1, last);
		return;
	}
	if (!batch->count)
		batch->message_len = len;
	else if (len < batch->message_len)
		batch->closed = true;
	batch->len += len;
	batch->count++;
}

/* What begin_message() gave is not used. */
static void drop_message(struct tx_batch *batch, unsigned int counter)
{
	kfree_skb(batch->linear);
	batch->linear = NULL;
	drop_messages(batch, 1, counter);
}

/* Have the batch carry a packet that is not to be cut. */
static void add_packet(struct tx_batch *batch, const struct sk_buff *skb,
		       u64 counter, bool last)
{
	unsigned int len = skb->len + SNAPTUN_OVERHEAD;
	u8 *to;

	if (len > SNAPTUN_MESSAGE_MAX) {
		drop_messages(batch, 1, SNAPTUN_A_COUNTERS_TX_TOO_BIG);
		return;
	}
	to = begin_message(batch, len);
	if (!to)
		drop_messages(batch, 1, SNAPTUN_A_COUNTERS_TX_NO_BUFFER);
	else if (seal(batch->session, counter, skb, to))
		end_message(batch, len, last);
	else
		drop_message(batch, SNAPTUN_A_COUNTERS_TX_MALFORMED);
}

/* Have the batch carry a super-packet: each segment is sealed where it is written. */
static void send_cut(struct tx_batch *batch, struct snaptun_cut *cut)
{
	struct snaptun_session *session = batch->session;
	unsigned int i, len;
	u64 counter;
	u8 *to;

	if (!snaptun_session_reserve(session, cut->count, &counter)) {
		drop_messages(batch, cut->count, SNAPTUN_A_COUNTERS_TX_NO_SESSION);
		return;
	}
	for (i = 0; i < cut->count; i++)
		batch->left += snaptun_cut_len(cut, i) + SNAPTUN_OVERHEAD;
	for (i = 0; i < cut->count; i++) {
		len = snaptun_cut_len(cut, i);
		to = begin_message(batch, len + SNAPTUN_OVERHEAD);
		if (!to) {
			drop_messages(batch, 1, SNAPTUN_A_COUNTERS_TX_NO_BUFFER);
			continue;
		}
		to = write_header(session, counter + i, to);
		snaptun_cut_segment(cut, batch->inner, i, to);
		chacha20poly1305_encrypt(to, to, len, NULL, 0, counter + i,
					 session->send_key);
		end_message(batch, len + SNAPTUN_OVERHEAD, i + 1 == cut->count);
	}
}

/* The same for what the stack has to cut. */
static void send_segments(struct tx_batch *batch)
{
	struct sk_buff *segments, *segment, *next;
	unsigned int n = 0;
	u64 counter;

	segments = skb_gso_segment(batch->inner, 0);
	if (IS_ERR_OR_NULL(segments)) {
		drop_messages(batch, 1, segments == ERR_PTR(-ENOMEM) ?
				SNAPTUN_A_COUNTERS_TX_NO_BUFFER :
				SNAPTUN_A_COUNTERS_TX_MALFORMED);
		return;
	}
	skb_list_walk_safe(segments, segment, next) {
		batch->left += segment->len + SNAPTUN_OVERHEAD;
		n++;
	}
	if (!snaptun_session_reserve(batch->session, n, &counter)) {
		drop_messages(batch, n, SNAPTUN_A_COUNTERS_TX_NO_SESSION);
		kfree_skb_list(segments);
		return;
	}
	skb_list_walk_safe(segments, segment, next) {
		skb_mark_not_on_list(segment);
		batch->fault = 0;
		add_packet(batch, segment, counter++, !next);
		snaptun_free_skb(segment, batch->fault);
	}
}

static void send_single(struct tx_batch *batch)
{
	u64 counter;

	batch->left = batch->inner->len + SNAPTUN_OVERHEAD;
	batch->lone = batch->left <= TX_LINEAR_MAX;
	if (snaptun_session_reserve(batch->session, 1, &counter))
		add_packet(batch, batch->inner, counter, true);
	else
		drop_messages(batch, 1, SNAPTUN_A_COUNTERS_TX_NO_SESSION);
}

/*
 * What the outer packet has of the inner one's header. ECN passes through; an IPv4
 * sender that leaves DF out asks for fragments.
 */
static void read_header(struct tx_batch *batch, const struct sk_buff *skb)
{
	u8 buffer[sizeof(struct iphdr)];
	const u8 *header;
	u8 traffic_class;

	header = skb_header_pointer(skb, 0, sizeof(buffer), buffer);
	if (!header)
		return;
	if (*header >> 4 == 4) {
		const struct iphdr *ip = (const struct iphdr *)header;

		traffic_class = ip->tos;
		batch->may_fragment = !(ip->frag_off & htons(IP_DF));
	} else {
		/* IPv6 and SCION have it in the same place. */
		traffic_class = header[0] << 4 | header[1] >> 4;
	}
	batch->ecn = INET_ECN_encapsulate(0, traffic_class);
}

/*
 * Does a packet fit the path of the underlay, or go in fragments that somebody
 * asked for? If not, its sender is told. IPv6 has no packets below 1280 bytes to
 * fall back to, so up to there it is fragmented, too.
 */
static bool fits_path(struct tx_batch *batch, struct sk_buff *skb)
{
	unsigned int mtu = snaptun_route_payload(&batch->route,
						 &batch->session->path);

	mtu = mtu > SNAPTUN_OVERHEAD ? mtu - SNAPTUN_OVERHEAD : 0;
	if (snaptun_tx_protocol(skb) == htons(ETH_P_IPV6) &&
	    mtu < IPV6_MIN_MTU) {
		mtu = IPV6_MIN_MTU;
		batch->may_fragment = true;
	} else if (batch->may_fragment) {
		return true;
	}
	if (skb_is_gso(skb) ? skb_gso_validate_network_len(skb, mtu) :
			      skb->len <= mtu)
		return true;
	snaptun_answer_too_big(batch->tunnel->snap, skb, mtu, batch->now);
	return false;
}

/* Seal and send a packet of the stack, whole or in segments; consumes @skb. */
static void transmit(struct snaptun_tunnel *tunnel,
		     struct snaptun_session *session, struct sk_buff *skb)
{
	bool is_v4 = snaptun_address_is_v4(&tunnel->path.remote);
	struct tx_batch batch = {
		.tunnel = tunnel,
		.session = session,
		.now = snaptun_now(),
		.limit = min(READ_ONCE(tunnel->burst_limit),
			     is_v4 ? (u32)SNAPTUN_BURST_MAX_V4 :
				     (u32)SNAPTUN_BURST_MAX_V6),
		.inner = skb,
		.ooo_okay = skb->ooo_okay,
	};
	struct snaptun_cut cut;
	int err;

	read_header(&batch, skb);
	err = snaptun_socket_route(tunnel->socket, &session->path,
				   &tunnel->route, &batch.route);
	if (err) {
		drop_packet(tunnel->snap, skb, snaptun_tx_failure(err));
		return;
	}
	if (!fits_path(&batch, skb)) {
		snaptun_route_put(&batch.route);
		drop_packet(tunnel->snap, skb, SNAPTUN_A_COUNTERS_TX_PATH_MTU);
		return;
	}
	/* The route was kept for ICMP answers alone. */
	skb_dst_drop(skb);
	skb_get_hash(skb);
	take_owner(&batch.owner, skb, !is_v4);
	if (!skb_is_gso(skb))
		send_single(&batch);
	else if (snaptun_cut_plan(&cut, skb))
		send_cut(&batch, &cut);
	else
		send_segments(&batch);
	flush(&batch, true);
	if (batch.page)
		put_page(batch.page);
	snaptun_route_put(&batch.route);
	if (batch.owner.sk) {
		/* Nothing went out: the socket gets back what it paid. */
		skb->truesize = batch.owner.truesize;
		skb->sk = batch.owner.sk;
		skb->destructor = batch.owner.destructor;
	}
	snaptun_free_skb(skb, batch.fault);
	if (unlikely(snaptun_session_wants_rekey_on_send(session, batch.now)))
		snaptun_tunnel_want_handshake(tunnel);
}

/* The session that a tunnel sends on, or NULL. RCU read lock, BHs disabled. */
static struct snaptun_session *sendable(struct snaptun_tunnel *tunnel)
{
	struct snaptun_session *session =
		rcu_dereference_bh(tunnel->sessions.active);
	u64 now = snaptun_now();

	return session && snaptun_session_may_send(session, now) &&
	       !snaptun_tunnel_has_ended(tunnel, now) ? session : NULL;
}

/**
 * snaptun_tx_staged() - send what waited for a session
 * @tunnel: the tunnel
 *
 * Context: any; the caller keeps @tunnel from being freed.
 */
void snaptun_tx_staged(struct snaptun_tunnel *tunnel)
{
	struct snaptun_session *session;
	struct sk_buff *skb;

	rcu_read_lock_bh();
	while ((session = sendable(tunnel)) &&
	       (skb = snaptun_tunnel_unstage(tunnel)))
		transmit(tunnel, session, skb);
	rcu_read_unlock_bh();
}

/**
 * snaptun_tx_keepalive() - send a keepalive
 * @tunnel: the tunnel
 *
 * Without a session it asks for one instead.
 *
 * Context: any; the caller keeps @tunnel from being freed.
 */
void snaptun_tx_keepalive(struct snaptun_tunnel *tunnel)
{
	u8 message[SNAPTUN_OVERHEAD];
	struct snaptun_session *session;
	u64 counter, now = snaptun_now();
	int err;

	rcu_read_lock_bh();
	session = sendable(tunnel);
	if (!session || !snaptun_session_reserve(session, 1, &counter)) {
		snaptun_tunnel_want_handshake(tunnel);
		goto out;
	}
	chacha20poly1305_encrypt(write_header(session, counter, message), NULL, 0,
				 NULL, 0, counter, session->send_key);
	err = snaptun_socket_send_message(tunnel->socket, &session->path,
					  &tunnel->route, message,
					  sizeof(message));
	if (err) {
		snaptun_drop_n(tunnel->snap, snaptun_tx_failure(err), 1);
	} else {
		snaptun_count(tunnel->snap, KEEPALIVES_SENT);
		snaptun_tunnel_sent(tunnel, now, 1, sizeof(message), true);
	}
	if (snaptun_session_wants_rekey_on_send(session, now))
		snaptun_tunnel_want_handshake(tunnel);
out:
	rcu_read_unlock_bh();
}

/* Is the tunnel closed, or held? Packets do not make it begin then. */
static bool is_silent(const struct snaptun_tunnel *tunnel)
{
	return READ_ONCE(tunnel->closed) || READ_ONCE(tunnel->held);
}

/**
 * snaptun_tx() - ndo_start_xmit
 * @skb: the stack's packet, possibly a super-packet
 * @dev: the device
 *
 * Context: bottom halves disabled.
 *
 * Return: NETDEV_TX_OK; -ENOKEY where no tunnel is for the packet;
 * -EPROTONOSUPPORT or -EMSGSIZE where no tunnel could carry it; -ELOOP where it went
 * through too many devices.
 */
netdev_tx_t snaptun_tx(struct sk_buff *skb, struct net_device *dev)
{
	struct snaptun_device *snap = netdev_priv(dev);
	__be16 protocol = snaptun_tx_protocol(skb);
	struct snaptun_session *session;
	struct snaptun_tunnel *tunnel;
	unsigned int fault;
	int err;

	/* Packet sockets may call with nothing but bottom halves disabled. */
	rcu_read_lock();
	if (!protocol || (skb_is_gso(skb) && protocol != skb->protocol)) {
		fault = SNAPTUN_A_COUNTERS_TX_MALFORMED;
		err = -EPROTONOSUPPORT;
		goto drop;
	}
	/* Tunnels in tunnels are sealed on one stack, which has an end. */
	if (unlikely(dev_recursion_level() > SNAPTUN_NESTING_MAX)) {
		fault = SNAPTUN_A_COUNTERS_TX_LOOP;
		err = -ELOOP;
		goto drop;
	}
	if (skb_is_gso(skb) ?
		    !skb_gso_validate_network_len(skb, SNAPTUN_PAYLOAD_MAX) :
		    skb->len > SNAPTUN_PAYLOAD_MAX) {
		fault = SNAPTUN_A_COUNTERS_TX_TOO_BIG;
		err = -EMSGSIZE;
		goto drop;
	}
	tunnel = select_tunnel(snap, skb, protocol);
	if (!tunnel) {
		fault = SNAPTUN_A_COUNTERS_TX_NO_TUNNEL;
		snaptun_answer_unreachable(skb);
		err = -ENOKEY;
		goto drop;
	}
	if (unlikely(snaptun_tunnel_has_ended(tunnel, snaptun_now()))) {
		fault = SNAPTUN_A_COUNTERS_TX_UNAUTHORISED;
		snaptun_answer_unreachable(skb);
		err = -ENOKEY;
		goto drop;
	}
	session = sendable(tunnel);
	if (likely(session && skb_queue_empty_lockless(&tunnel->staged))) {
		transmit(tunnel, session, skb);
		goto out;
	}
	if (is_silent(tunnel)) {
		fault = READ_ONCE(tunnel->held) ?
				SNAPTUN_A_COUNTERS_TX_UNREGISTERED :
				SNAPTUN_A_COUNTERS_TX_NO_SESSION;
		snaptun_answer_unreachable(skb);
		err = -ENOKEY;
		goto drop;
	}
	/* Should it be too big, the answer needs its route. */
	skb_dst_force(skb);
	snaptun_tunnel_stage(tunnel, skb);
	/* A session may have come just before the packet was staged. */
	if (sendable(tunnel))
		snaptun_tx_staged(tunnel);
	else
		snaptun_tunnel_want_handshake(tunnel);
	/* Closed, down or ended meanwhile, nothing would come for it. */
	if (unlikely(is_silent(tunnel) || !netif_running(dev) ||
		     snaptun_tunnel_has_ended(tunnel, snaptun_now())))
		snaptun_tunnel_drop_staged(tunnel);
out:
	rcu_read_unlock();
	return NETDEV_TX_OK;
drop:
	rcu_read_unlock();
	drop_packet(snap, skb, fault);
	return err;
}
