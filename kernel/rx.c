// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: walk the messages of a datagram or GRO super-packet, look up each
 * one's session, open it into memory of ours, check it, and hand it up.
 *
 * Opening copies: the ciphertext may be cloned or shared, and decryption into
 * another place costs nothing more. Handshake messages go to their queue.
 */

#include "rx.h"

#include <crypto/chacha20poly1305.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/gro_cells.h>
#include <net/inet_ecn.h>

#include "compat.h"
#include "device.h"
#include "handshake.h"
#include "identity.h"
#include "pool.h"
#include "scion.h"
#include "session.h"
#include "tunnel.h"
#include "tx.h"

/* An opened packet up to here goes into a linear buffer; longer ones use the pool. */
#define RX_LINEAR_MAX	(SKB_WITH_OVERHEAD(16384) - NET_SKB_PAD - NET_IP_ALIGN)
/* No datagram is longer, but for jumbograms, which nothing here is made for. */
#define RX_MESSAGE_MAX	U16_MAX

/**
 * struct rx_batch - a datagram, or super-packet, on its way in
 * @snap: the device
 * @skb: the datagram; its data is the UDP payload
 * @path: its way, as an answer will go back
 * @ecn: ECN bits of its IP header
 * @now: current time
 * @page: pool buffer for opened packets, or NULL
 * @used: bytes of it in use
 * @scratch: pool buffer for ciphertext that is not in one piece, or NULL
 * @spare: stands in for @scratch where the pool is empty, or NULL
 */
struct rx_batch {
	struct snaptun_device *snap;
	struct sk_buff *skb;
	struct snaptun_path path;
	u8 ecn;
	u64 now;
	struct page *page;
	unsigned int used;
	struct page *scratch;
	void *spare;
};

static bool is_multicast(const struct in6_addr *ip)
{
	return ipv6_addr_v4mapped(ip) ? ipv4_is_multicast(ip->s6_addr32[3]) :
					ipv6_addr_is_multicast(ip);
}

static bool read_path(struct rx_batch *batch, const struct sk_buff *skb,
		      const struct snaptun_socket *socket)
{
	struct snaptun_path *path = &batch->path;

	path->remote.port = udp_hdr(skb)->source;
	path->local_port = READ_ONCE(socket->port);
	if (ip_hdr(skb)->version == 4) {
		ipv6_addr_set_v4mapped(ip_hdr(skb)->saddr, &path->remote.ip);
		ipv6_addr_set_v4mapped(ip_hdr(skb)->daddr, &path->local);
		batch->ecn = ip_hdr(skb)->tos & INET_ECN_MASK;
	} else {
		batch->ecn = ipv6_get_dsfield(ipv6_hdr(skb)) & INET_ECN_MASK;
		path->remote.ip = ipv6_hdr(skb)->saddr;
		path->local = ipv6_hdr(skb)->daddr;
		if (__ipv6_addr_needs_scope_id(ipv6_addr_type(&path->remote.ip)))
			path->remote.scope_id = skb->skb_iif;
	}
	/* Nor can what came to many be answered from there, nor a port of zero. */
	return skb->pkt_type != PACKET_BROADCAST &&
	       skb->pkt_type != PACKET_MULTICAST &&
	       !is_multicast(&path->local) && path->remote.port;
}

/*
 * @len bytes of the datagram from @offset on, in one piece. Borders of
 * messages and fragments do not coincide, so a message may have to be copied.
 */
static const u8 *contiguous(struct rx_batch *batch, unsigned int offset,
			    unsigned int len)
{
	struct sk_buff *skb = batch->skb;
	unsigned int start = skb_headlen(skb);
	void *to;
	int i;

	if (offset + len <= start)
		return skb->data + offset;
	for (i = 0; i < skb_shinfo(skb)->nr_frags && offset >= start; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		unsigned int end = start + skb_frag_size(frag);

		if (offset + len <= end && !PageHighMem(skb_frag_page(frag)))
			return skb_frag_address(frag) + (offset - start);
		start = end;
	}
	if (!batch->scratch && !batch->spare) {
		batch->scratch = snaptun_pool_get(batch->snap->pool_owner);
		if (!batch->scratch)
			batch->spare = kmalloc(RX_MESSAGE_MAX,
					       GFP_ATOMIC | __GFP_NOWARN);
	}
	to = batch->scratch ? page_address(batch->scratch) : batch->spare;
	if (!to || skb_copy_bits(skb, offset, to, len))
		return NULL;
	return to;
}

/* An empty packet for @len opened bytes, which belong at *@to. */
static struct sk_buff *new_packet(struct rx_batch *batch, unsigned int len,
				  u8 **to)
{
	struct net_device *dev = batch->snap->dev;
	struct sk_buff *skb;

	if (len > RX_LINEAR_MAX && batch->page && batch->used + len > SNAPTUN_BUFFER_SIZE) {
		put_page(batch->page);
		batch->page = NULL;
	}
	if (len > RX_LINEAR_MAX && !batch->page) {
		batch->page = snaptun_pool_get(batch->snap->pool_owner);
		batch->used = 0;
	}
	if (len <= RX_LINEAR_MAX || !batch->page) {
		skb = __netdev_alloc_skb(dev, len, GFP_ATOMIC | __GFP_NOWARN);
		if (skb)
			*to = skb_put(skb, len);
		return skb;
	}
	skb = netdev_alloc_skb(dev, 0);
	if (!skb)
		return NULL;
	*to = page_address(batch->page) + batch->used;
	get_page(batch->page);
	skb_fill_page_desc(skb, 0, batch->page, batch->used, len);
	skb->len = len;
	skb->data_len = len;
	/* The first user of a buffer keeps all of it from everybody else. */
	skb->truesize += batch->used ? len : SNAPTUN_BUFFER_SIZE;
	batch->used += ALIGN(len, SMP_CACHE_BYTES);
	return skb;
}

/* Is an opened packet one that the stack can take, and which? */
static __be16 check_payload(struct sk_buff *skb)
{
	__be16 protocol = snaptun_tx_protocol(skb);
	u8 buffer[SNAPTUN_SCION_FIXED_MAX];
	unsigned int len = min_t(unsigned int, skb->len, sizeof(buffer));
	struct snaptun_scion scion;
	const u8 *data = skb_header_pointer(skb, 0, len, buffer);

	if (!data)
		return 0;
	if (protocol == htons(ETH_P_IP) &&
	    get_unaligned_be16(data + offsetof(struct iphdr, tot_len)) > skb->len)
		return 0;
	if (protocol == htons(ETH_P_IPV6) &&
	    get_unaligned_be16(data + offsetof(struct ipv6hdr, payload_len)) +
			    sizeof(struct ipv6hdr) > skb->len)
		return 0;
	if (protocol == htons(SNAPTUN_ETH_P_SCION) &&
	    !snaptun_scion_parse(&scion, data, len, skb->len))
		return 0;
	return protocol;
}

/*
 * May a packet with this IP source come from the tunnel? Where no prefix fits only
 * the default tunnel stands for it, as it does for destinations.
 */
static bool source_allowed(struct snaptun_tunnel *tunnel,
			   const struct sk_buff *skb, bool is_v4)
{
	unsigned int offset = is_v4 ? offsetof(struct iphdr, saddr) :
				      offsetof(struct ipv6hdr, saddr);
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_tunnel *default_tunnel;
	struct snaptun_allowed_ips *owner;
	struct in6_addr ip;

	snaptun_address_of_ip(&ip, skb, offset, is_v4);
	owner = snaptun_allowed_ips_lookup(&snap->allowed_ips, &ip, is_v4);
	if (owner)
		return owner == snaptun_tunnel_allowed_ips(tunnel);
	default_tunnel = rcu_dereference(snap->default_tunnel);
	return default_tunnel == tunnel ||
	       (default_tunnel && tunnel->identity &&
		default_tunnel->identity == tunnel->identity);
}

/*
 * What the path did to the message's ECN bits is done to the packet's (RFC 6040).
 * SCION has its traffic class where IPv6 has it. Returns as find_fault().
 */
static unsigned int pass_ecn(struct sk_buff *skb, u8 ecn)
{
	bool is_v4 = skb->protocol == htons(ETH_P_IP);
	unsigned int len = is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	bool congestion = false;
	u8 inner;

	/* Headers may lie in a buffer of the pool, where helpers do not look. */
	if (!pskb_may_pull(skb, min(len, skb->len)))
		return SNAPTUN_A_COUNTERS_RX_NO_BUFFER;
	skb_reset_network_header(skb);
	inner = is_v4 ? skb->data[1] : skb->data[0] << 4 | skb->data[1] >> 4;
	if (skb->protocol != htons(SNAPTUN_ETH_P_SCION))
		return INET_ECN_decapsulate(skb, ecn, inner) < 2 ?
			       0 : SNAPTUN_A_COUNTERS_RX_BAD_ECN;
	if (__INET_ECN_decapsulate(ecn, inner, &congestion) > 1)
		return SNAPTUN_A_COUNTERS_RX_BAD_ECN;
	if (congestion)
		skb->data[1] |= INET_ECN_CE << 4;
	else if (ecn == INET_ECN_ECT_1 && !INET_ECN_is_ce(inner) &&
		 !INET_ECN_is_not_ect(inner))
		skb->data[1] = (skb->data[1] & ~(INET_ECN_MASK << 4)) |
			       INET_ECN_ECT_1 << 4;
	return 0;
}

/* Why an opened packet is not for the stack: a counter, or 0 where it is. */
static unsigned int find_fault(struct rx_batch *batch,
			       struct snaptun_tunnel *tunnel, struct sk_buff *skb)
{
	skb->protocol = check_payload(skb);
	if (!skb->protocol)
		return SNAPTUN_A_COUNTERS_RX_BAD_PAYLOAD;
	if (skb->protocol != htons(SNAPTUN_ETH_P_SCION) &&
	    !source_allowed(tunnel, skb, skb->protocol == htons(ETH_P_IP)))
		return SNAPTUN_A_COUNTERS_RX_NOT_ALLOWED;
	return likely(!batch->ecn) ? 0 : pass_ecn(skb, batch->ecn);
}

static void hand_up(struct rx_batch *batch, struct snaptun_tunnel *tunnel,
		    struct sk_buff *skb)
{
	struct net_device *dev = batch->snap->dev;
	unsigned int fault = find_fault(batch, tunnel, skb), len = skb->len;

	if (fault) {
		DEV_STATS_INC(dev, rx_errors);
		snaptun_drop_skb(batch->snap, skb, fault);
		return;
	}
	/* The tag vouches for every byte; no checksum says more. */
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = ~0;
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_probe_transport_header(skb);
	if (gro_cells_receive(&batch->snap->gro_cells, skb) == NET_RX_SUCCESS)
		dev_sw_netstats_rx_add(dev, len);
	else
		snaptun_drop(batch->snap, RX_BACKLOG);
}

/* A transport message of @len bytes at @offset of the datagram. */
static void receive_transport(struct rx_batch *batch,
			      const struct snaptun_msg_transport *header,
			      unsigned int offset, unsigned int len)
{
	unsigned int sealed = len - sizeof(*header);
	unsigned int payload = sealed - SNAPTUN_TAG_SIZE;
	struct snaptun_device *snap = batch->snap;
	u64 counter = le64_to_cpu(header->counter);
	struct snaptun_session *session;
	struct snaptun_tunnel *tunnel;
	struct sk_buff *skb = NULL;
	u8 nothing[1], *to = nothing;
	unsigned int fault;
	const u8 *from;

	session = snaptun_session_lookup(&snap->by_index, header->receiver);
	/* Pairs with the release in snaptun_session_begin(). */
	if (!session || !smp_load_acquire(&session->live)) {
		snaptun_drop(snap, RX_NO_SESSION);
		return;
	}
	tunnel = session->tunnel;
	if (!snaptun_tunnel_is_from(tunnel, &batch->path)) {
		snaptun_drop(snap, RX_WRONG_SOURCE);
		return;
	}
	if (unlikely(snaptun_tunnel_has_ended(tunnel, batch->now))) {
		snaptun_drop(snap, RX_UNAUTHORISED);
		return;
	}
	if (!snaptun_session_may_receive(session, counter, batch->now)) {
		snaptun_drop(snap, RX_EXPIRED);
		return;
	}
	from = contiguous(batch, offset + sizeof(*header), sealed);
	if (payload && from)
		skb = new_packet(batch, payload, &to);
	if (!from || (payload && !skb)) {
		fault = SNAPTUN_A_COUNTERS_RX_NO_BUFFER;
		goto drop;
	}
	if (!chacha20poly1305_decrypt(to, from, sealed, NULL, 0, counter,
				      session->receive_key)) {
		fault = SNAPTUN_A_COUNTERS_RX_BAD_TAG;
		goto drop;
	}
	if (!snaptun_replay_accept(&session->replay, counter)) {
		fault = SNAPTUN_A_COUNTERS_RX_REPLAY;
		goto drop;
	}
	switch (snaptun_tunnel_confirm(tunnel)) {
	case 0:
		break;
	case -ENOMEM:
		fault = SNAPTUN_A_COUNTERS_RX_NO_BUFFER;
		goto drop;
	default:
		fault = SNAPTUN_A_COUNTERS_RX_WRONG_SOURCE;
		goto drop;
	}
	if (snaptun_sessions_received_with(&tunnel->sessions, &snap->by_index,
					   session))
		snaptun_tunnel_proven(tunnel, session);
	snaptun_tunnel_received(tunnel, batch->now, len, !payload);
	if (unlikely(snaptun_session_wants_rekey_on_receive(session, batch->now)))
		snaptun_tunnel_want_handshake(tunnel);
	if (payload)
		hand_up(batch, tunnel, skb);
	else
		snaptun_count(snap, KEEPALIVES_RECEIVED);
	return;
drop:
	if (skb)
		snaptun_drop_skb(snap, skb, fault);
	else
		snaptun_drop_n(snap, fault, 1);
}

/*
 * May a handshake message have a place in the queue? Initiations and responses
 * carry a mac1. A cookie reply has none, but answers a session of ours.
 */
static bool worth_queueing(struct rx_batch *batch,
			   const struct snaptun_handshake_entry *entry)
{
	struct snaptun_device *snap = batch->snap;
	struct snaptun_mac1_keys *keys;
	struct snaptun_session *session;

	if (entry->message.type !=
	    SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_COOKIE)) {
		keys = rcu_dereference(snap->mac1_keys);
		if (snaptun_cookie_mac1_valid(&keys->keys, &entry->message,
					      entry->len))
			return true;
		snaptun_drop(snap, RX_BAD_MAC1);
		return false;
	}
	session = snaptun_session_lookup(&snap->by_index,
					 entry->message.cookie.receiver);
	if (session && snaptun_tunnel_is_from(session->tunnel, &entry->path))
		return true;
	snaptun_drop(snap, RX_BAD_COOKIE);
	return false;
}

/* A handshake message, whose length was checked, at @offset of the datagram. */
static void receive_handshake(struct rx_batch *batch, unsigned int offset,
			      unsigned int len)
{
	struct snaptun_handshake_entry entry;

	entry.path = batch->path;
	entry.len = len;
	if (len > sizeof(entry.message) ||
	    skb_copy_bits(batch->skb, offset, &entry.message, len))
		return;
	if (worth_queueing(batch, &entry) &&
	    !snaptun_handshake_enqueue(batch->snap, &entry))
		snaptun_drop(batch->snap, RX_QUEUE_FULL);
}

static void receive_message(struct rx_batch *batch, unsigned int offset,
			    unsigned int len)
{
	struct snaptun_msg_transport buffer;
	const struct snaptun_msg_transport *header;

	/* The shortest message is longer than this header. */
	header = skb_header_pointer(batch->skb, offset, sizeof(buffer), &buffer);
	if (!header || len < sizeof(buffer) || len > RX_MESSAGE_MAX)
		goto malformed;
	if (header->type == SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_TRANSPORT)) {
		if (len < SNAPTUN_OVERHEAD)
			goto malformed;
		receive_transport(batch, header, offset, len);
	} else if (header->type ==
		   SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_INITIATION)) {
		if (len != sizeof(struct snaptun_msg_initiation))
			goto malformed;
		receive_handshake(batch, offset, len);
	} else if (header->type ==
		   SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_RESPONSE)) {
		if (len != sizeof(struct snaptun_msg_response))
			goto malformed;
		receive_handshake(batch, offset, len);
	} else if (header->type ==
		   SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_COOKIE)) {
		if (len != sizeof(struct snaptun_msg_cookie))
			goto malformed;
		receive_handshake(batch, offset, len);
	} else {
		goto malformed;
	}
	return;
malformed:
	snaptun_drop(batch->snap, RX_MALFORMED);
}

/**
 * snaptun_rx_datagram() - process a datagram of the underlay
 * @socket: the port that it came to
 * @skb: the datagram, or several of one flow as a UDP GSO super-packet, its
 *	data the UDP payload; not changed, and still the caller's
 *
 * Context: bottom halves disabled, RCU read lock.
 */
void snaptun_rx_datagram(struct snaptun_socket *socket, struct sk_buff *skb)
{
	struct rx_batch batch = {
		.snap = socket->snap,
		.skb = skb,
		.now = snaptun_now(),
	};
	unsigned int offset, size = skb->len;

	if (!netif_running(batch.snap->dev)) {
		snaptun_drop(batch.snap, RX_DOWN);
		return;
	}
	if (!skb->len || !read_path(&batch, skb, socket)) {
		snaptun_drop(batch.snap, RX_MALFORMED);
		return;
	}
	if (skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4)
		size = skb_shinfo(skb)->gso_size;
	for (offset = 0; offset < skb->len; offset += size)
		receive_message(&batch, offset, min(size, skb->len - offset));
	if (batch.page)
		put_page(batch.page);
	if (batch.scratch)
		put_page(batch.scratch);
	kfree(batch.spare);
}
