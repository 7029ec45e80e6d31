// SPDX-License-Identifier: GPL-2.0
/*
 * Transport messages: another implementation's, received by a device and sent
 * by one, and packets of every kind of buffer in both directions.
 */

#include <crypto/chacha20poly1305.h>
#include <linux/completion.h>
#include <linux/ip.h>
#include <linux/string.h>
#include <linux/tcp.h>

#include "compat.h"
#include "fixture.h"
#include "pool.h"
#include "tx.h"
#include "vectors.h"

/* The greatest message that tests send. */
#define MESSAGE_MAX	SNAPTUN_MESSAGE_MAX

/* Give the device's tunnel a session with the keys of a vector. */
static struct snaptun_session *
begin_session(struct kunit *test, const struct snaptun_handshake_vector *v,
	      bool initiator)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_session *session;
	struct snaptun_noise_keys keys;

	memcpy(keys.initiator_to_responder, v->initiator_to_responder,
	       SNAPTUN_KEY_SIZE);
	memcpy(keys.responder_to_initiator, v->responder_to_initiator,
	       SNAPTUN_KEY_SIZE);
	snaptun_fixture_connect(test);
	snaptun_fixture_freeze(f);
	session = snaptun_session_new(&f->snap->by_index, f->tunnel);
	KUNIT_ASSERT_NOT_NULL(test, session);
	session->path = f->tunnel->path;
	snaptun_session_begin(session, initiator,
			      initiator ? SNAPTUN_VECTOR_RESPONDER_INDEX :
					  SNAPTUN_VECTOR_INITIATOR_INDEX,
			      &keys, snaptun_now());
	snaptun_sessions_add(&f->tunnel->sessions, &f->snap->by_index, session);
	local_bh_disable();
	snaptun_sessions_received_with(&f->tunnel->sessions, &f->snap->by_index,
				       session);
	local_bh_enable();
	return session;
}

static u8 *new_buffer(struct kunit *test, size_t len)
{
	u8 *buffer = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	return buffer;
}

static void count_up(u8 *to, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = i;
}

/* A packet of the stack goes into the device. */
static void transmit(struct kunit *test, const u8 *packet, size_t len)
{
	struct snaptun_fixture *f = test->priv;
	struct sk_buff *skb = alloc_skb(len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, packet, len);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->dev = f->snap->dev;
	skb->protocol = htons(SNAPTUN_ETH_P_SCION);
	KUNIT_ASSERT_EQ(test, dev_queue_xmit(skb), 0);
}

static void describe(const struct snaptun_handshake_vector *v, char *to)
{
	strscpy(to, v->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(vector, snaptun_handshake_vectors, describe);

/* @message of the vectors with the index that the device gave the session. */
static void expect_opened(struct kunit *test, struct snaptun_session *session,
			  const u8 *message, size_t len)
{
	struct snaptun_fixture *f = test->priv;
	size_t payload_len = len - SNAPTUN_OVERHEAD;
	u64 packets = atomic64_read(&f->tunnel->rx_packets);
	u8 *ours = new_buffer(test, len), *payload = new_buffer(test, len);
	u8 *expected = new_buffer(test, len);

	count_up(expected, payload_len);
	memcpy(ours, message, len);
	memcpy(ours + offsetof(struct snaptun_msg_transport, receiver),
	       &session->local_index, sizeof(session->local_index));

	snaptun_flip(ours, 8 * len - 1);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, ours, len),
			COUNTED(RX_BAD_TAG));
	snaptun_flip(ours, 8 * len - 1);
	/* Opened; but counting bytes are no packet that the stack could take. */
	KUNIT_EXPECT_EQ(test, snaptun_fixture_outcome(test, ours, len),
			payload_len ? COUNTED(RX_BAD_PAYLOAD) :
				      COUNTED(KEEPALIVES_RECEIVED));
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_packets), packets + 1);

	KUNIT_ASSERT_TRUE(test,
			  chacha20poly1305_decrypt(payload, ours + 16, len - 16,
						   NULL, 0,
						   get_unaligned_le64(ours + 8),
						   session->receive_key));
	KUNIT_EXPECT_MEMEQ(test, payload, expected, payload_len);
}

static void responder_opens_the_vectors(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;
	struct snaptun_session *session = begin_session(test, v, false);
	const u8 *message = v->to_responder;
	unsigned int i;

	expect_opened(test, session, v->keepalive, sizeof(v->keepalive));
	for (i = 0; i < SNAPTUN_VECTOR_MESSAGES; i++) {
		expect_opened(test, session, message, snaptun_vector_lens[i]);
		message += snaptun_vector_lens[i];
	}
}

static void initiator_opens_the_vectors(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;
	struct snaptun_session *session = begin_session(test, v, true);
	const u8 *message = v->to_initiator;
	unsigned int i;

	for (i = 0; i < SNAPTUN_VECTOR_MESSAGES; i++) {
		expect_opened(test, session, message, snaptun_vector_lens[i]);
		message += snaptun_vector_lens[i];
	}
}

static void keepalive_is_the_vectors(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;
	struct snaptun_fixture *f = test->priv;
	u8 message[64];

	begin_session(test, v, true);
	snaptun_tx_keepalive(f->tunnel);
	KUNIT_ASSERT_EQ(test,
			snaptun_fixture_receive(f, message, sizeof(message)),
			(int)sizeof(v->keepalive));
	KUNIT_EXPECT_MEMEQ(test, message, v->keepalive, sizeof(v->keepalive));
}

/* Those that are long enough for a packet that a device takes. */
static void expect_sealed(struct kunit *test, struct snaptun_session *session,
			  const u8 *messages)
{
	u8 *message = new_buffer(test, MESSAGE_MAX);
	u8 *packet = new_buffer(test, MESSAGE_MAX);
	struct snaptun_fixture *f = test->priv;
	unsigned int i, sent = 0;

	count_up(packet, MESSAGE_MAX);
	for (i = 0; i < SNAPTUN_VECTOR_MESSAGES; i++) {
		unsigned int len = snaptun_vector_lens[i];

		if (len >= 36 + SNAPTUN_OVERHEAD) {
			atomic64_set(&session->send_counter,
				     get_unaligned_le64(messages + 8));
			transmit(test, packet, len - SNAPTUN_OVERHEAD);
			KUNIT_ASSERT_EQ(test,
					snaptun_fixture_receive(f, message,
								MESSAGE_MAX),
					(int)len);
			KUNIT_EXPECT_MEMEQ(test, message, messages, len);
			sent++;
		}
		messages += len;
	}
	KUNIT_EXPECT_EQ(test, sent, 2);
}

static void initiators_messages_are_the_vectors(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;

	expect_sealed(test, begin_session(test, v, true), v->to_responder);
}

static void responders_messages_are_the_vectors(struct kunit *test)
{
	const struct snaptun_handshake_vector *v = test->param_value;

	expect_sealed(test, begin_session(test, v, false), v->to_initiator);
}

/*
 * A SCION packet of @len bytes: an empty path, IPv4 hosts, no payload protocol
 * that anybody knows.
 */
static void write_packet(u8 *to, size_t len)
{
	static const u8 header[12] = { [4] = 253, [5] = 9 };

	count_up(to, len);
	memcpy(to, header, sizeof(header));
	put_unaligned_be16(len - 36, to + 6);
}

/* Sizes around every change of buffer, up to the greatest that fits. */
static const size_t sizes[] = {
	36, 37, 1420, 2015, 2016, 2017, 2048, 2049, 4096, 9000, 32768, 65475,
};

static void packet_of_any_size_is_sealed_whole(struct kunit *test)
{
	u8 *message = new_buffer(test, MESSAGE_MAX);
	u8 *opened = new_buffer(test, MESSAGE_MAX);
	u8 *packet = new_buffer(test, MESSAGE_MAX);
	struct snaptun_fixture *f = test->priv;
	unsigned int i;
	int len;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	len = snaptun_fixture_seal(f, message, 0, NULL, 0);
	KUNIT_ASSERT_EQ(test, snaptun_fixture_outcome(test, message, len),
			COUNTED(KEEPALIVES_RECEIVED));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		write_packet(packet, sizes[i]);
		transmit(test, packet, sizes[i]);
		len = snaptun_fixture_receive(f, message, MESSAGE_MAX);
		KUNIT_ASSERT_EQ(test, len, (int)(sizes[i] + SNAPTUN_OVERHEAD));
		KUNIT_EXPECT_EQ(test, get_unaligned_le64(message + 8), i);
		KUNIT_ASSERT_TRUE(test,
				  snaptun_fixture_open(f, opened, message, len));
		KUNIT_EXPECT_MEMEQ(test, opened, packet, sizes[i]);
	}
}

/* Have the device send @len bytes of @packet, as the stack does: what it answers. */
static int sent(struct kunit *test, const u8 *packet, unsigned int len)
{
	struct snaptun_fixture *f = test->priv;
	struct sk_buff *skb = alloc_skb(len, GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, packet, len);
	snaptun_fixture_mark(f);
	rcu_read_lock_bh();
	err = snaptun_tx(skb, f->snap->dev);
	rcu_read_unlock_bh();
	return err;
}

/* What was counted since snaptun_fixture_mark(). */
static u64 counted(struct snaptun_fixture *f, unsigned int counter)
{
	return snaptun_stats_read(f->snap->stats, counter) - f->counts[counter];
}

static void packet_that_no_tunnel_can_carry_is_refused(struct kunit *test)
{
	u8 *packet = new_buffer(test, MESSAGE_MAX);
	struct snaptun_fixture *f = test->priv;
	unsigned int version;

	snaptun_fixture_connect(test);
	for (version = 1; version < 16; version++) {
		if (version == 4 || version == 6)
			continue;
		packet[0] = version << 4;
		KUNIT_EXPECT_EQ(test, sent(test, packet, 100), -EPROTONOSUPPORT);
		KUNIT_EXPECT_EQ(test, counted(f, COUNTED(TX_MALFORMED)), 1);
	}
	/* Too short for their kind. */
	packet[0] = 0x40;
	KUNIT_EXPECT_EQ(test, sent(test, packet, 19), -EPROTONOSUPPORT);
	packet[0] = 0x60;
	KUNIT_EXPECT_EQ(test, sent(test, packet, 39), -EPROTONOSUPPORT);
	packet[0] = 0;
	KUNIT_EXPECT_EQ(test, sent(test, packet, 35), -EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, sent(test, packet, 0), -EPROTONOSUPPORT);
	KUNIT_EXPECT_EQ(test, counted(f, COUNTED(TX_MALFORMED)), 1);
	/* One byte more than a message carries. */
	KUNIT_EXPECT_EQ(test, sent(test, packet, SNAPTUN_PAYLOAD_MAX + 1),
			-EMSGSIZE);
	KUNIT_EXPECT_EQ(test, counted(f, COUNTED(TX_TOO_BIG)), 1);
}

/**
 * struct tap - sees what a device hands to the stack
 * @type: the handler; bound to the device
 * @packet: the last packet
 * @len: its bytes
 * @count: packets so far
 * @seen: a packet came
 */
struct tap {
	struct packet_type type;
	u8 *packet;
	unsigned int len;
	unsigned int count;
	struct completion seen;
};

static int see(struct sk_buff *skb, struct net_device *dev,
	       struct packet_type *type, struct net_device *orig_dev)
{
	struct tap *tap = container_of(type, struct tap, type);

	tap->len = min_t(unsigned int, skb->len, MESSAGE_MAX);
	if (skb_copy_bits(skb, 0, tap->packet, tap->len))
		tap->len = 0;
	tap->count++;
	complete(&tap->seen);
	kfree_skb(skb);
	return NET_RX_SUCCESS;
}

static void remove_tap(void *tap)
{
	dev_remove_pack(&((struct tap *)tap)->type);
}

static struct tap *new_tap(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct tap *tap = kunit_kzalloc(test, sizeof(*tap), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tap);
	tap->packet = new_buffer(test, MESSAGE_MAX);
	init_completion(&tap->seen);
	tap->type.type = htons(SNAPTUN_ETH_P_SCION);
	tap->type.dev = f->snap->dev;
	tap->type.func = see;
	dev_add_pack(&tap->type);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, remove_tap, tap));
	return tap;
}

static void packet_of_any_size_is_handed_up_whole(struct kunit *test)
{
	u8 *message = new_buffer(test, MESSAGE_MAX);
	u8 *packet = new_buffer(test, MESSAGE_MAX);
	struct snaptun_fixture *f = test->priv;
	unsigned int i, fragmented;
	struct tap *tap;
	size_t len;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	tap = new_tap(test);
	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i / 2];

		/* A datagram in pieces has no more of them than fit an skb. */
		fragmented = i % 2 && size < 10000;
		write_packet(packet, size);
		len = snaptun_fixture_seal(f, message, i, packet, size);
		snaptun_fixture_deliver(test, f->peer_port, message, len,
					fragmented ? len : 0);
		KUNIT_ASSERT_NE(test,
				wait_for_completion_timeout(&tap->seen, 20 * HZ),
				0);
		KUNIT_ASSERT_EQ(test, tap->len, size);
		KUNIT_EXPECT_MEMEQ(test, tap->packet, packet, size);
	}
	KUNIT_EXPECT_EQ(test, tap->count, i);
}

static void super_packet_is_opened_message_by_message(struct kunit *test)
{
	const unsigned int n = 12, size = 700, last = 300;
	struct snaptun_fixture *f = test->priv;
	u8 *datagrams = new_buffer(test, n * (size + SNAPTUN_OVERHEAD));
	u8 *packet = new_buffer(test, size);
	u8 *at = datagrams;
	unsigned int i;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	for (i = 0; i < n; i++) {
		size_t len = i < n - 1 ? size : last;

		write_packet(packet, len);
		at += snaptun_fixture_seal(f, at, i, packet, len);
	}
	/* One is damaged; the others do not suffer. */
	snaptun_flip(datagrams + 4 * (size + SNAPTUN_OVERHEAD), 8 * 100);
	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, f->peer_port, datagrams, at - datagrams,
				size + SNAPTUN_OVERHEAD);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f), COUNTED(RX_BAD_TAG));
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_packets), n - 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_bytes),
			(n - 2) * (size + SNAPTUN_OVERHEAD) + last +
				SNAPTUN_OVERHEAD);
}

/* Segments of TCP that tests merge. */
#define SEGMENTS	12
#define SEGMENT		700
#define SEGMENT_LEN	(sizeof(struct iphdr) + sizeof(struct tcphdr) + SEGMENT)

/**
 * struct stream - sees segments of TCP that a device hands to the stack
 * @type: the handler; bound to the device
 * @packets: how many came
 * @bytes: their payload
 * @wrong: bytes of it that should be others
 * @next: sequence number behind the last
 * @came: a bit for each segment that came
 */
struct stream {
	struct packet_type type;
	unsigned int packets;
	unsigned int bytes;
	unsigned int wrong;
	u32 next;
	u32 came;
};

/* What is at a place of the stream. */
static u8 stream_byte(u32 at)
{
	return at * 7 + (at >> 8);
}

static int see_stream(struct sk_buff *skb, struct net_device *dev,
		      struct packet_type *type, struct net_device *orig_dev)
{
	struct stream *stream = container_of(type, struct stream, type);
	const unsigned int headers = SEGMENT_LEN - SEGMENT;
	struct tcphdr buffer, *tcp;
	unsigned int i;
	u8 byte;

	tcp = skb_header_pointer(skb, sizeof(struct iphdr), sizeof(buffer), &buffer);
	if (tcp) {
		stream->packets++;
		stream->bytes += skb->len - headers;
		for (i = headers; i < skb->len; i++) {
			skb_copy_bits(skb, i, &byte, 1);
			stream->wrong += byte !=
				stream_byte(ntohl(tcp->seq) + i - headers);
		}
		stream->next = ntohl(tcp->seq) + skb->len - headers;
		for (i = 0; i < skb->len - headers; i += SEGMENT)
			stream->came |= BIT((ntohl(tcp->seq) + i) / SEGMENT);
	}
	kfree_skb(skb);
	return NET_RX_SUCCESS;
}

static void remove_stream(void *stream)
{
	dev_remove_pack(&((struct stream *)stream)->type);
}

static struct stream *new_stream(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct stream *stream = kunit_kzalloc(test, sizeof(*stream), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, stream);
	stream->type.type = htons(ETH_P_IP);
	stream->type.dev = f->snap->dev;
	stream->type.func = see_stream;
	dev_add_pack(&stream->type);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, remove_stream, stream));
	return stream;
}

/* Segment @i of the stream, sealed with that counter. Returns the message's bytes. */
static size_t seal_segment(struct kunit *test, u8 *message, unsigned int i, u16 port)
{
	u8 *packet = new_buffer(test, SEGMENT_LEN);
	struct iphdr *ip = (struct iphdr *)packet;
	struct tcphdr *tcp = (struct tcphdr *)(ip + 1);
	unsigned int at;

	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(SEGMENT_LEN);
	ip->id = htons(i);
	ip->frag_off = htons(IP_DF);
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	ip->saddr = htonl(0x0a070002);
	ip->daddr = htonl(0x0a070001);
	ip->check = ip_fast_csum(ip, ip->ihl);
	tcp->source = htons(port);
	tcp->dest = htons(port);
	tcp->seq = htonl(i * SEGMENT);
	tcp->doff = 5;
	tcp->ack = 1;
	for (at = 0; at < SEGMENT; at++)
		((u8 *)(tcp + 1))[at] = stream_byte(i * SEGMENT + at);
	return snaptun_fixture_seal(test->priv, message, i, packet, SEGMENT_LEN);
}

/* Deliver all segments in one super-packet; that of number @other is of another flow. */
static void deliver_segments(struct kunit *test, unsigned int other)
{
	u8 *messages = new_buffer(test, SEGMENTS * (SEGMENT_LEN + SNAPTUN_OVERHEAD));
	struct snaptun_fixture *f = test->priv;
	u8 *at = messages;
	unsigned int i;

	for (i = 0; i < SEGMENTS; i++)
		at += seal_segment(test, at, i, i == other ? 2000 : 1000);
	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, f->peer_port, messages, at - messages,
				SEGMENT_LEN + SNAPTUN_OVERHEAD);
}

static void segments_of_a_flow_go_up_as_one(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct rtnl_link_stats64 stats;
	struct stream *stream;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	stream = new_stream(test);
	deliver_segments(test, SEGMENTS);
	KUNIT_EXPECT_EQ(test, stream->packets, 1);
	KUNIT_EXPECT_EQ(test, stream->bytes, SEGMENTS * SEGMENT);
	KUNIT_EXPECT_EQ(test, stream->wrong, 0);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f), COUNTED_NOTHING);
	/* To whoever counts they are what the other side sent. */
	dev_get_stats(f->snap->dev, &stats);
	KUNIT_EXPECT_EQ(test, stats.rx_packets, SEGMENTS);
	KUNIT_EXPECT_EQ(test, stats.rx_bytes, SEGMENTS * SEGMENT_LEN);
}

/*
 * Deliver a segment, and then all in one super-packet; the others go up, in so many
 * packets. That of number @other is of another flow.
 */
static void expect_gap(struct kunit *test, unsigned int other, unsigned int packets)
{
	const unsigned int replayed = 4;
	u8 *message = new_buffer(test, SEGMENT_LEN + SNAPTUN_OVERHEAD);
	struct snaptun_fixture *f = test->priv;
	struct stream *stream;
	size_t len;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	len = seal_segment(test, message, replayed, 1000);
	snaptun_fixture_deliver(test, f->peer_port, message, len, 0);
	stream = new_stream(test);
	deliver_segments(test, other);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f), COUNTED(RX_REPLAY));
	KUNIT_EXPECT_EQ(test, stream->packets, packets);
	KUNIT_EXPECT_EQ(test, stream->bytes, (SEGMENTS - 1) * SEGMENT);
	KUNIT_EXPECT_EQ(test, stream->wrong, 0);
	KUNIT_EXPECT_EQ(test, stream->next, SEGMENTS * SEGMENT);
	KUNIT_EXPECT_EQ(test, stream->came, GENMASK(SEGMENTS - 1, 0) & ~BIT(replayed));
}

static void replayed_segment_leaves_a_gap(struct kunit *test)
{
	expect_gap(test, SEGMENTS, 2);
}

static void replayed_segment_of_a_later_run_leaves_a_gap(struct kunit *test)
{
	expect_gap(test, 2, 4);
}

static void packet_of_another_flow_is_not_merged(struct kunit *test)
{
	struct stream *stream;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	stream = new_stream(test);
	deliver_segments(test, 5);
	/* What came before it, what came after, and itself. */
	KUNIT_EXPECT_EQ(test, stream->packets, 3);
	KUNIT_EXPECT_EQ(test, stream->bytes, SEGMENTS * SEGMENT);
	KUNIT_EXPECT_EQ(test, stream->wrong, 0);
}

static void nothing_is_merged_where_gro_is_off(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct stream *stream;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	rtnl_lock();
	f->snap->dev->wanted_features &= ~NETIF_F_GRO;
	netdev_update_features(f->snap->dev);
	rtnl_unlock();
	stream = new_stream(test);
	deliver_segments(test, SEGMENTS);
	KUNIT_EXPECT_EQ(test, stream->packets, SEGMENTS);
	KUNIT_EXPECT_EQ(test, stream->bytes, SEGMENTS * SEGMENT);
	KUNIT_EXPECT_EQ(test, stream->wrong, 0);
}

/* What UDP fragmentation offload leaves to be cut is one datagram to a socket. */
static void datagram_that_is_to_be_fragmented_is_one_message(struct kunit *test)
{
	const unsigned int size = 2000, fragment = 700;
	struct snaptun_fixture *f = test->priv;
	u8 *message = new_buffer(test, size + SNAPTUN_OVERHEAD);
	u8 *packet = new_buffer(test, size);
	size_t len;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	write_packet(packet, size);
	len = snaptun_fixture_seal(f, message, 0, packet, size);
	f->uncut = true;
	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, f->peer_port, message, len, fragment);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f), COUNTED_NOTHING);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_packets), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_bytes), len);
}

/* As jumbograms may be: no buffer holds what would come out. */
static void super_packet_longer_than_a_buffer_is_malformed(struct kunit *test)
{
	const unsigned int n = 50, size = 1400, len = size - SNAPTUN_OVERHEAD;
	struct snaptun_fixture *f = test->priv;
	u8 *messages = new_buffer(test, n * size);
	u8 *packet = new_buffer(test, len);
	unsigned int i;

	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	write_packet(packet, len);
	for (i = 0; i < n; i++)
		snaptun_fixture_seal(f, messages + i * size, i, packet, len);
	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, f->peer_port, messages, n * size, size);
	KUNIT_EXPECT_EQ(test, snaptun_fixture_counted(f), COUNTED(RX_MALFORMED));
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_packets), 0);
}

/* Buffers of the pool that opening a super-packet takes, each message in one piece. */
static u64 buffers_taken(struct kunit *test, bool ours)
{
	const unsigned int n = 4, size = 100 - SNAPTUN_OVERHEAD;
	struct snaptun_fixture *f = test->priv;
	struct snaptun_pool_stats before, after;
	u64 packets = atomic64_read(&f->tunnel->rx_packets);
	u8 *datagrams = new_buffer(test, n * 100);
	u8 *packet = new_buffer(test, size);
	unsigned int i;

	write_packet(packet, size);
	for (i = 0; i < n; i++)
		snaptun_fixture_seal(f, datagrams + i * 100, packets + i, packet, size);
	f->ours = ours;
	snaptun_pool_read_stats(&before);
	snaptun_fixture_deliver(test, f->peer_port, datagrams, n * 100, 100);
	snaptun_pool_read_stats(&after);
	KUNIT_EXPECT_EQ(test, atomic64_read(&f->tunnel->rx_packets), packets + n);
	return after.recycled - before.recycled;
}

static void message_that_a_program_could_change_is_copied_first(struct kunit *test)
{
	snaptun_fixture_listen(test);
	snaptun_fixture_establish(test);
	KUNIT_EXPECT_EQ(test, buffers_taken(test, true), 1);
	KUNIT_EXPECT_EQ(test, buffers_taken(test, false), 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(responder_opens_the_vectors, vector_gen_params),
	KUNIT_CASE_PARAM(initiator_opens_the_vectors, vector_gen_params),
	KUNIT_CASE_PARAM(keepalive_is_the_vectors, vector_gen_params),
	KUNIT_CASE_PARAM(initiators_messages_are_the_vectors, vector_gen_params),
	KUNIT_CASE_PARAM(responders_messages_are_the_vectors, vector_gen_params),
	KUNIT_CASE(packet_of_any_size_is_sealed_whole),
	KUNIT_CASE(packet_that_no_tunnel_can_carry_is_refused),
	KUNIT_CASE(packet_of_any_size_is_handed_up_whole),
	KUNIT_CASE(super_packet_is_opened_message_by_message),
	KUNIT_CASE(datagram_that_is_to_be_fragmented_is_one_message),
	KUNIT_CASE(super_packet_longer_than_a_buffer_is_malformed),
	KUNIT_CASE(message_that_a_program_could_change_is_copied_first),
	KUNIT_CASE(segments_of_a_flow_go_up_as_one),
	KUNIT_CASE(replayed_segment_leaves_a_gap),
	KUNIT_CASE(replayed_segment_of_a_later_run_leaves_a_gap),
	KUNIT_CASE(packet_of_another_flow_is_not_merged),
	KUNIT_CASE(nothing_is_merged_where_gro_is_off),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_transport",
	.init = snaptun_fixture_init,
	.test_cases = cases,
};

kunit_test_suite(suite);
