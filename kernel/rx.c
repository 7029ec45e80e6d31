// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: the way of a datagram of the underlay, or of a GRO super-packet of many, from
 * lane.c, which says on which CPU all this runs and in which order. Each stage stands below
 * those that it calls: the way begins at the end of this file.
 *
 *   snaptun_rx_datagram()       each message that there is in it
 *     read_path()               the way it came, for answers and to know the tunnel
 *     receive_message()         its type
 *       receive_handshake()     leaves for the queue of handshake.c
 *       receive_transport()     is opened:
 *         select_session()      one look-up for all that name the same
 *         open_in_buffer()      behind the one before, so that payloads of one flow lie end
 *                               to end: such a run is one packet later
 *         open_alone()          a lone message, into a packet of its own
 *     accept()                  one pass over the replay window for up to 64, at the end
 *                               or as soon as there are so many, or another session's
 *       note_messages()         timers and counters
 *       hand_up_run()           each run, or what of it is fresh, as one packet
 *         find_fault()          the checks of policy
 *
 * Opening copies: the ciphertext may be cloned or shared, and decryption into another
 * place costs nothing more.
 */

#include "rx.h"

#include <crypto/chacha20poly1305.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include <net/udp.h>

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
/*
 * No datagram or super-packet is longer, but for jumbograms, which nothing here is made
 * for: least of all a buffer, which a super-packet has to fit in.
 */
#define RX_DATAGRAM_MAX	U16_MAX
/* A packet of a buffer up to here is copied, so that it does not hold the buffer. */
#define RX_COPY_MAX	2048
/*
 * A buffer with less room than that is of no use to another datagram. Two messages of the
 * default MTU, as are left of TCP's super-packets when one UDP packet is full, have some.
 */
#define RX_ROOM_MIN	3072
/* Runs begin at multiples of this, less than what a message has besides its payload. */
#define RX_ALIGN	16

/**
 * struct rx_batch - a datagram, or super-packet, on its way in
 * @snap: the device
 * @rx: the CPU's memory for this
 * @skb: the datagram; its data is the UDP payload
 * @path: its way, as an answer will go back
 * @ecn: ECN bits of its IP header
 * @now: current time
 * @session: that of the messages that are opened but not accepted yet, or NULL
 * @tunnel: its tunnel
 * @in_buffer: messages are opened into @rx's buffer, where all have room
 * @may_merge: runs may be longer than one packet
 * @scratch: pool buffer for ciphertext that is not in one piece, or NULL
 * @spare: stands in for @scratch where the pool is empty, or NULL
 */
struct rx_batch {
	struct snaptun_device *snap;
	struct snaptun_rx *rx;
	struct sk_buff *skb;
	struct snaptun_path path;
	u8 ecn;
	u64 now;
	struct snaptun_session *session;
	struct snaptun_tunnel *tunnel;
	bool in_buffer;
	bool may_merge;
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
		/* No address of the wire, but it would be taken for one of IPv4. */
		if (ipv6_addr_v4mapped(&path->remote.ip))
			return false;
	}
	/* What came to a group cannot be answered from there, nor can a port of zero. */
	return skb->pkt_type != PACKET_BROADCAST &&
	       skb->pkt_type != PACKET_MULTICAST &&
	       !is_multicast(&path->local) && path->remote.port;
}

/*
 * A message is read twice, by Poly1305 and by ChaCha20, and must not change in between.
 * Pages that a program sent with splice(), or by a ring of packets, it can still write to.
 */
static bool is_private(const struct sk_buff *skb, struct page *page)
{
	return page && (skb->pp_recycle || snaptun_pool_has_made(page));
}

/* @len bytes of @skb from @offset on, where they lie in one piece of ours; else NULL. */
static const u8 *in_one_piece(const struct sk_buff *skb, unsigned int offset,
			      unsigned int len)
{
	unsigned int start = skb_headlen(skb);
	const struct sk_buff *part;
	int i;

	if (offset + len <= start)
		return skb->data + offset;
	for (i = 0; i < skb_shinfo(skb)->nr_frags && offset >= start; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		unsigned int end = start + skb_frag_size(frag);

		if (offset + len <= end && is_private(skb, skb_frag_page(frag)) &&
		    !PageHighMem(skb_frag_page(frag)))
			return skb_frag_address(frag) + (offset - start);
		start = end;
	}
	skb_walk_frags(skb, part) {
		if (offset < start)
			break;
		if (offset + len <= start + part->len)
			return in_one_piece(part, offset - start, len);
		start += part->len;
	}
	return NULL;
}

/*
 * @len bytes of the datagram from @offset on. Borders of messages and fragments
 * need not coincide, nor need these be ours, so a message may have to be copied.
 */
static const u8 *contiguous(struct rx_batch *batch, unsigned int offset,
			    unsigned int len)
{
	const u8 *bytes = in_one_piece(batch->skb, offset, len);
	void *to;

	if (bytes)
		return bytes;
	if (!batch->scratch && !batch->spare) {
		batch->scratch = snaptun_pool_get(batch->snap->pool_owner);
		if (!batch->scratch)
			batch->spare = kmalloc(RX_DATAGRAM_MAX,
					       GFP_ATOMIC | __GFP_NOWARN);
	}
	to = batch->scratch ? page_address(batch->scratch) : batch->spare;
	if (!to || skb_copy_bits(batch->skb, offset, to, len))
		return NULL;
	return to;
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
static unsigned int find_fault(struct rx_batch *batch, struct sk_buff *skb)
{
	skb->protocol = check_payload(skb);
	if (!skb->protocol)
		return SNAPTUN_A_COUNTERS_RX_BAD_PAYLOAD;
	if (skb->protocol != htons(SNAPTUN_ETH_P_SCION) &&
	    !source_allowed(batch->tunnel, skb, skb->protocol == htons(ETH_P_IP)))
		return SNAPTUN_A_COUNTERS_RX_NOT_ALLOWED;
	return likely(!batch->ecn) ? 0 : pass_ecn(skb, batch->ecn);
}

/* A linear packet with room for @len bytes, which are the caller's to write. */
static struct sk_buff *new_linear(struct rx_batch *batch, unsigned int len)
{
	struct sk_buff *skb;

	skb = __netdev_alloc_skb(batch->snap->dev, len, GFP_ATOMIC | __GFP_NOWARN);
	if (skb)
		skb_put(skb, len);
	return skb;
}

/* Have @len bytes of the buffer follow what is in a packet. */
static void add_buffer(struct rx_batch *batch, struct sk_buff *skb,
		       unsigned int offset, unsigned int len)
{
	struct snaptun_rx *rx = batch->rx;

	get_page(rx->page);
	skb_fill_page_desc(skb, 0, rx->page, offset, len);
	skb->len += len;
	skb->data_len += len;
	/* It is shared with others: each pays its part of what the pool's bound limits. */
	skb->truesize += rx->is_spare ? page_size(rx->page) : ALIGN(len, RX_ALIGN);
	rx->used = max(rx->used, ALIGN(offset + len, RX_ALIGN));
}

/* Make the packet that stands for packets @from to @to of a run. */
static struct sk_buff *make_packet(struct rx_batch *batch,
				   const struct snaptun_rx_run *piece,
				   unsigned int from, unsigned int to)
{
	const u8 *bytes = page_address(batch->rx->page) + piece->offset;
	const struct snaptun_run *run = &piece->run;
	unsigned int headers = 0, begin = 0, end = run->len, copied = 0;
	struct sk_buff *skb;

	if (run->count > 1) {
		headers = run->headers.len;
		begin = headers + snaptun_run_payload(run, from);
		end = headers + snaptun_run_payload(run, to);
	}
	if (headers + end - begin <= RX_COPY_MAX)
		copied = end - begin;
	skb = new_linear(batch, headers + copied);
	if (!skb)
		return NULL;
	memcpy(skb->data, bytes, headers);
	memcpy(skb->data + headers, bytes + begin, copied);
	if (!copied)
		add_buffer(batch, skb, piece->offset + begin, end - begin);
	if (run->count > 1) {
		snaptun_run_finish(run, skb, from, to);
	} else {
		/* The tag vouches for every byte; no checksum says more. */
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_level = ~0;
	}
	return skb;
}

/* Hand up packets @from to @to of a run, as one. */
static void hand_up(struct rx_batch *batch, struct snaptun_rx_run *piece,
		    unsigned int from, unsigned int to)
{
	struct net_device *dev = batch->snap->dev;
	struct sk_buff *skb = piece->skb;
	unsigned int fault, len, n = to - from;

	if (!piece->run.len) {
		snaptun_count(batch->snap, KEEPALIVES_RECEIVED);
		return;
	}
	piece->skb = NULL;
	if (!skb)
		skb = make_packet(batch, piece, from, to);
	if (!skb) {
		snaptun_drop_n(batch->snap, SNAPTUN_A_COUNTERS_RX_NO_BUFFER, n);
		return;
	}
	fault = find_fault(batch, skb);
	if (fault) {
		DEV_STATS_ADD(dev, rx_errors, n);
		snaptun_drop_n(batch->snap, fault, n);
		snaptun_free_skb(skb, fault);
		return;
	}
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb_probe_transport_header(skb);
	/* Each packet had headers of its own. */
	len = skb->len + (n - 1) * piece->run.headers.len;
	snaptun_stats_received(dev, n, len);
	napi_gro_receive(&batch->rx->napi, skb);
}

/* Hand up what of a run is fresh. */
static void hand_up_run(struct rx_batch *batch, struct snaptun_rx_run *piece,
			u64 fresh)
{
	unsigned int from = 0, to, count = piece->run.count;

	fresh >>= piece->first;
	while (from < count) {
		to = from;
		while (to < count && fresh & BIT_ULL(to))
			to++;
		if (to > from)
			hand_up(batch, piece, from, to);
		from = to + 1;
	}
}

/* What the tunnel is to know of messages that are authentic and fresh. */
static unsigned int note_messages(struct rx_batch *batch, u64 fresh)
{
	struct snaptun_device *snap = batch->snap;
	struct snaptun_tunnel *tunnel = batch->tunnel;
	struct snaptun_session *session = batch->session;
	unsigned int i, bytes = 0;
	bool is_data = false;

	switch (snaptun_tunnel_confirm(tunnel)) {
	case 0:
		break;
	case -ENOMEM:
		return SNAPTUN_A_COUNTERS_RX_NO_BUFFER;
	default:
		return SNAPTUN_A_COUNTERS_RX_WRONG_SOURCE;
	}
	for (i = 0; i < batch->rx->n; i++) {
		if (!(fresh & BIT_ULL(i)))
			continue;
		bytes += batch->rx->lens[i];
		is_data |= batch->rx->lens[i] > SNAPTUN_OVERHEAD;
	}
	if (snaptun_sessions_received_with(&tunnel->sessions, &snap->by_index,
					   session))
		snaptun_tunnel_proven(tunnel, session);
	snaptun_tunnel_received(tunnel, batch->now, hweight64(fresh), bytes,
				!is_data);
	batch->rx->one_way = READ_ONCE(tunnel->unanswered) >= SNAPTUN_ONE_WAY_MIN;
	if (unlikely(snaptun_session_wants_rekey_on_receive(session, batch->now)))
		snaptun_tunnel_want_handshake(tunnel);
	return 0;
}

/* Accept the messages that are opened, and hand up what they carried. */
static void accept(struct rx_batch *batch)
{
	struct snaptun_rx *rx = batch->rx;
	unsigned int i, replayed, fault = 0;
	u64 fresh;

	if (!rx->n)
		return;
	fresh = snaptun_replay_accept(&batch->session->replay, rx->counters, rx->n);
	replayed = rx->n - hweight64(fresh);
	if (unlikely(replayed))
		snaptun_drop_n(batch->snap, SNAPTUN_A_COUNTERS_RX_REPLAY, replayed);
	if (fresh)
		fault = note_messages(batch, fresh);
	if (unlikely(fault)) {
		snaptun_drop_n(batch->snap, fault, hweight64(fresh));
		fresh = 0;
	}
	for (i = 0; i < rx->n_runs; i++) {
		hand_up_run(batch, &rx->runs[i], fresh);
		/* What was not fresh is of no use. */
		snaptun_free_skb(rx->runs[i].skb, SNAPTUN_A_COUNTERS_RX_REPLAY);
	}
	rx->n = 0;
	rx->n_runs = 0;
	rx->end = rx->used;
}

/* Get a buffer that the opened packets of @len bytes of messages fit in. */
static void get_buffer(struct rx_batch *batch, unsigned int len)
{
	struct snaptun_rx *rx = batch->rx;

	if (rx->page && rx->used + len > SNAPTUN_BUFFER_SIZE) {
		put_page(rx->page);
		rx->page = NULL;
	}
	if (!rx->page) {
		rx->page = snaptun_pool_get(batch->snap->pool_owner);
		rx->is_spare = !rx->page;
		if (rx->is_spare)
			rx->page = snaptun_pool_allocate(len);
		rx->used = 0;
	}
	rx->end = rx->used;
	batch->in_buffer = rx->page;
}

/* Keep the buffer for datagrams to come if that is worth it, and none has all of it. */
static void leave_buffer(struct snaptun_rx *rx)
{
	if (!rx->page || (!rx->is_spare && rx->used &&
			  rx->used + RX_ROOM_MIN <= SNAPTUN_BUFFER_SIZE))
		return;
	put_page(rx->page);
	rx->page = NULL;
}

static bool decrypt(struct rx_batch *batch, u8 *to, const u8 *from,
		    unsigned int len, u64 counter)
{
	return chacha20poly1305_decrypt(to, from, len + SNAPTUN_TAG_SIZE, NULL, 0,
					counter, batch->session->receive_key);
}

static struct snaptun_rx_run *new_run(struct snaptun_rx *rx, struct sk_buff *skb,
				      unsigned int offset)
{
	struct snaptun_rx_run *piece = &rx->runs[rx->n_runs++];

	piece->skb = skb;
	piece->offset = offset;
	piece->first = rx->n;
	return piece;
}

/* Open a message of its own into a packet of its own. */
static unsigned int open_alone(struct rx_batch *batch, const u8 *from,
			       unsigned int len, u64 counter)
{
	struct sk_buff *skb = new_linear(batch, len);
	struct snaptun_rx_run *piece;

	if (!skb)
		return SNAPTUN_A_COUNTERS_RX_NO_BUFFER;
	if (!decrypt(batch, skb->data, from, len, counter)) {
		snaptun_free_skb(skb, SNAPTUN_A_COUNTERS_RX_BAD_TAG);
		return SNAPTUN_A_COUNTERS_RX_BAD_TAG;
	}
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	skb->csum_level = ~0;
	piece = new_run(batch->rx, skb, 0);
	snaptun_run_begin(&piece->run, skb->data, len, false);
	return 0;
}

/*
 * Open a message so that its payload follows that of the run before it. Its headers
 * overwrite the end of that, which is kept aside meanwhile.
 */
static unsigned int open_behind(struct rx_batch *batch,
				struct snaptun_rx_run *piece, const u8 *from,
				unsigned int len, u64 counter)
{
	u8 *first = page_address(batch->rx->page) + piece->offset;
	unsigned int headers = piece->run.headers.len;
	unsigned int end = piece->offset + piece->run.len;
	u8 *to = first + piece->run.len - headers;
	u8 aside[SNAPTUN_HEADERS_MAX];
	unsigned int fault = 0;

	memcpy(aside, to, headers);
	if (!decrypt(batch, to, from, len, counter)) {
		fault = SNAPTUN_A_COUNTERS_RX_BAD_TAG;
	} else if (!snaptun_run_append(&piece->run, first, to, len)) {
		/* Of another flow after all: it begins a run. */
		end = ALIGN(end, RX_ALIGN);
		memmove(page_address(batch->rx->page) + end, to, len);
		piece = new_run(batch->rx, NULL, end);
		snaptun_run_begin(&piece->run,
				  page_address(batch->rx->page) + end, len, true);
	}
	memcpy(to, aside, headers);
	return fault;
}

/* Open a message into the buffer, behind the run before it or as a run of its own. */
static unsigned int open_in_buffer(struct rx_batch *batch, const u8 *from,
				   unsigned int len, u64 counter)
{
	struct snaptun_rx *rx = batch->rx;
	struct snaptun_rx_run *piece = rx->n_runs ? &rx->runs[rx->n_runs - 1] : NULL;
	u8 *to = page_address(rx->page) + rx->end;
	unsigned int fault = 0;

	if (piece && snaptun_run_may_grow(&piece->run, len)) {
		fault = open_behind(batch, piece, from, len, counter);
	} else if (decrypt(batch, to, from, len, counter)) {
		piece = new_run(rx, NULL, rx->end);
		snaptun_run_begin(&piece->run, to, len, batch->may_merge);
	} else {
		fault = SNAPTUN_A_COUNTERS_RX_BAD_TAG;
	}
	if (!fault) {
		piece = &rx->runs[rx->n_runs - 1];
		rx->end = ALIGN(piece->offset + piece->run.len, RX_ALIGN);
	}
	return fault;
}

static unsigned int open_keepalive(struct rx_batch *batch, const u8 *from,
				   u64 counter)
{
	u8 nothing[1];

	if (!decrypt(batch, nothing, from, 0, counter))
		return SNAPTUN_A_COUNTERS_RX_BAD_TAG;
	snaptun_run_begin(&new_run(batch->rx, NULL, 0)->run, nothing, 0, false);
	return 0;
}

/*
 * Messages from now on are of the session that @index names. Those of another are
 * accepted first. False where there is none that may receive from here.
 */
static bool select_session(struct rx_batch *batch, __le32 index)
{
	struct snaptun_device *snap = batch->snap;
	struct snaptun_session *session = batch->session;

	if (session && session->local_index == index)
		return true;
	accept(batch);
	batch->session = NULL;
	session = snaptun_session_lookup(&snap->by_index, index);
	/* Pairs with the release in snaptun_session_begin(). */
	if (!session || !smp_load_acquire(&session->live)) {
		snaptun_drop(snap, RX_NO_SESSION);
		return false;
	}
	if (!snaptun_tunnel_is_from(session->tunnel, &batch->path)) {
		snaptun_drop(snap, RX_WRONG_SOURCE);
		return false;
	}
	if (unlikely(snaptun_tunnel_has_ended(session->tunnel, batch->now))) {
		snaptun_drop(snap, RX_UNAUTHORISED);
		return false;
	}
	batch->session = session;
	batch->tunnel = session->tunnel;
	return true;
}

/* A transport message of @len bytes at @offset of the datagram. */
static void receive_transport(struct rx_batch *batch,
			      const struct snaptun_msg_transport *header,
			      unsigned int offset, unsigned int len)
{
	unsigned int payload = len - SNAPTUN_OVERHEAD, fault;
	u64 counter = le64_to_cpu(header->counter);
	struct snaptun_rx *rx = batch->rx;
	const u8 *from;

	if (!select_session(batch, header->receiver))
		return;
	if (!snaptun_session_may_receive(batch->session, counter, batch->now)) {
		snaptun_drop(batch->snap, RX_EXPIRED);
		return;
	}
	from = contiguous(batch, offset + sizeof(*header),
			  len - sizeof(*header));
	if (!from)
		fault = SNAPTUN_A_COUNTERS_RX_NO_BUFFER;
	else if (!payload)
		fault = open_keepalive(batch, from, counter);
	else if (batch->in_buffer)
		fault = open_in_buffer(batch, from, payload, counter);
	else
		fault = open_alone(batch, from, payload, counter);
	if (fault) {
		snaptun_drop_n(batch->snap, fault, 1);
		return;
	}
	rx->counters[rx->n] = counter;
	rx->lens[rx->n] = len;
	if (++rx->n == SNAPTUN_RX_MESSAGES)
		accept(batch);
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
	if (!header || len < sizeof(buffer))
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
 * @rx: this CPU's memory for the device; its NAPI is the caller's
 * @socket: the port that it came to
 * @skb: the datagram, or several of one flow as a UDP GSO super-packet, its
 *	data the UDP payload; not changed, and still the caller's
 *
 * What goes up may wait in @rx's NAPI until that is completed.
 *
 * Context: bottom halves disabled, RCU read lock.
 *
 * Return: how many messages there were in it, at least 1.
 */
unsigned int snaptun_rx_datagram(struct snaptun_rx *rx,
				 struct snaptun_socket *socket,
				 struct sk_buff *skb)
{
	struct rx_batch batch = {
		.snap = socket->snap,
		.rx = rx,
		.skb = skb,
		.now = snaptun_now(),
		.may_merge = socket->snap->dev->features & NETIF_F_GRO,
	};
	unsigned int offset, size = skb->len, n = 0;

	if (!netif_running(batch.snap->dev)) {
		snaptun_drop(batch.snap, RX_DOWN);
		return 1;
	}
	if (!skb->len || skb->len > RX_DATAGRAM_MAX ||
	    !read_path(&batch, skb, socket)) {
		snaptun_drop(batch.snap, RX_MALFORMED);
		return 1;
	}
	if (skb_is_gso(skb) && skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4)
		size = skb_shinfo(skb)->gso_size;
	if (size < skb->len || size > RX_LINEAR_MAX)
		get_buffer(&batch, skb->len);
	for (offset = 0; offset < skb->len; offset += size, n++)
		receive_message(&batch, offset, min(size, skb->len - offset));
	accept(&batch);
	leave_buffer(rx);
	if (batch.scratch)
		put_page(batch.scratch);
	kfree(batch.spare);
	return n;
}
