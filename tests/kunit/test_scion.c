// SPDX-License-Identifier: GPL-2.0
/*
 * The SCION header parser, on good packets and on damaged ones that end where
 * nothing is mapped.
 */

#include <linux/skbuff.h>
#include <linux/string.h>

#include "address.h"
#include "compat.h"
#include "scion.h"
#include "test.h"

#define PACKET_MAX	256

enum host_types {
	HOST_IPV4 = 0x0,
	HOST_IPV6 = 0x3,
};

enum next_headers {
	NEXT_UDP = 17,
	NEXT_HOP_BY_HOP = 200,
	NEXT_END_TO_END = 201,
	NEXT_SCMP = 202,
};

/**
 * struct packet - a packet to be written
 * @destination: type and length of the destination host
 * @source: of the source host
 * @path: bytes of the path
 * @next_header: what the payload is
 * @payload: the payload
 * @payload_len: its bytes
 */
struct packet {
	u8 destination;
	u8 source;
	unsigned int path;
	u8 next_header;
	const u8 *payload;
	unsigned int payload_len;
};

static const u8 udp_payload[] = {
	0x9c, 0x40, 0xca, 0x6c, 0, 12, 0, 0, 1, 2, 3, 4,
};

static unsigned int host_len(u8 type)
{
	return 4 * ((type & 3) + 1);
}

/*
 * Written by the book, not with the parser's constants. Host bytes count up from
 * 0xd0 (destination) and 0x50 (source). Returns the packet's length.
 */
static unsigned int write_packet(u8 *to, const struct packet *packet)
{
	u8 *begin = to;
	unsigned int i, header_len;

	header_len = 12 + 16 + host_len(packet->destination) +
		     host_len(packet->source) + packet->path;
	*to++ = 0x05;			/* version 0, traffic class … */
	*to++ = 0xc1;
	*to++ = 0x23;
	*to++ = 0x45;
	*to++ = packet->next_header;
	*to++ = header_len / 4;
	*to++ = packet->payload_len >> 8;
	*to++ = packet->payload_len;
	*to++ = packet->path ? 1 : 0;
	*to++ = packet->destination << 4 | packet->source;
	*to++ = 0;
	*to++ = 0;
	for (i = 0; i < 16; i++)
		*to++ = 0xa0 + i;
	for (i = 0; i < host_len(packet->destination); i++)
		*to++ = 0xd0 + i;
	for (i = 0; i < host_len(packet->source); i++)
		*to++ = 0x50 + i;
	memset(to, 0x77, packet->path);
	to += packet->path;
	if (packet->payload)
		memcpy(to, packet->payload, packet->payload_len);
	return to + packet->payload_len - begin;
}

static const struct packet ipv4_packet = {
	.destination = HOST_IPV4,
	.source = HOST_IPV4,
	.next_header = NEXT_UDP,
	.payload = udp_payload,
	.payload_len = sizeof(udp_payload),
};

static const struct packet ipv6_packet = {
	.destination = HOST_IPV6,
	.source = HOST_IPV6,
	.path = 72,
	.next_header = NEXT_UDP,
	.payload = udp_payload,
	.payload_len = sizeof(udp_payload),
};

/* Parse @len bytes of @packet that end at the guard page. */
static bool parse(u8 *guarded, const u8 *packet, size_t len,
		  size_t packet_len, struct snaptun_scion *scion)
{
	u8 *at = guarded + PACKET_MAX - len;

	memcpy(at, packet, len);
	return snaptun_scion_parse(scion, at, len, packet_len);
}

/* A packet of the stack; goes with the test. */
static void free_skb_of(void *skb)
{
	kfree_skb(skb);
}

static struct sk_buff *new_skb(struct kunit *test, const u8 *packet,
			       unsigned int len)
{
	struct sk_buff *skb = alloc_skb(len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_put_data(skb, packet, len);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_skb_of, skb));
	return skb;
}

static void smallest_packet_is_read(struct kunit *test)
{
	u8 packet[PACKET_MAX], *guarded = snaptun_test_guarded(test, PACKET_MAX);
	unsigned int len = write_packet(packet, &ipv4_packet);
	struct snaptun_scion scion;

	KUNIT_ASSERT_TRUE(test, parse(guarded, packet, len, len, &scion));
	KUNIT_EXPECT_EQ(test, scion.header_len, 36);
	KUNIT_EXPECT_EQ(test, scion.payload_len, sizeof(udp_payload));
	KUNIT_EXPECT_EQ(test, scion.next_header, NEXT_UDP);
	KUNIT_EXPECT_EQ(test, scion.path_type, 0);
	KUNIT_EXPECT_EQ(test, scion.host_type[SNAPTUN_SCION_DESTINATION],
			HOST_IPV4);
	KUNIT_EXPECT_EQ(test, scion.host_type[SNAPTUN_SCION_SOURCE], HOST_IPV4);
	KUNIT_EXPECT_EQ(test, scion.host_offset[SNAPTUN_SCION_DESTINATION], 28);
	KUNIT_EXPECT_EQ(test, scion.host_offset[SNAPTUN_SCION_SOURCE], 32);
}

static void every_pair_of_host_types_is_read(struct kunit *test)
{
	u8 packet[PACKET_MAX], *guarded = snaptun_test_guarded(test, PACKET_MAX);
	struct snaptun_scion scion;
	struct packet p = ipv6_packet;
	unsigned int types, len;

	for (types = 0; types <= U8_MAX; types++) {
		p.destination = types >> 4;
		p.source = types & 0xf;
		len = write_packet(packet, &p);
		KUNIT_ASSERT_TRUE(test,
				  parse(guarded, packet, len, len, &scion));
		KUNIT_EXPECT_EQ(test, scion.host_type[SNAPTUN_SCION_DESTINATION],
				types >> 4);
		KUNIT_EXPECT_EQ(test, scion.host_type[SNAPTUN_SCION_SOURCE],
				types & 0xf);
		KUNIT_EXPECT_EQ(test,
				packet[scion.host_offset[SNAPTUN_SCION_DESTINATION]],
				0xd0);
		KUNIT_EXPECT_EQ(test,
				packet[scion.host_offset[SNAPTUN_SCION_SOURCE]],
				0x50);
		KUNIT_EXPECT_EQ(test, packet[scion.header_len], 0x9c);
		KUNIT_EXPECT_EQ(test, scion.path_type, 1);
	}
}

/* What is at hand of a packet need be no more than its fixed headers. */
static void path_and_payload_need_not_be_at_hand(struct kunit *test)
{
	u8 packet[PACKET_MAX], *guarded = snaptun_test_guarded(test, PACKET_MAX);
	unsigned int len = write_packet(packet, &ipv6_packet);
	struct snaptun_scion scion;

	KUNIT_EXPECT_TRUE(test, parse(guarded, packet,
				      SNAPTUN_SCION_FIXED_MAX, len, &scion));
	KUNIT_EXPECT_EQ(test, scion.header_len, 132);
}

static void payload_may_be_cut_short(struct kunit *test)
{
	u8 packet[PACKET_MAX], *guarded = snaptun_test_guarded(test, PACKET_MAX);
	struct snaptun_scion scion;

	write_packet(packet, &ipv4_packet);
	KUNIT_ASSERT_TRUE(test, parse(guarded, packet, 36, 36, &scion));
	KUNIT_EXPECT_EQ(test, scion.payload_len, sizeof(udp_payload));
}

static void every_truncated_header_is_refused(struct kunit *test)
{
	static const struct packet *const packets[] = {
		&ipv4_packet, &ipv6_packet,
	};
	u8 packet[PACKET_MAX], *guarded = snaptun_test_guarded(test, PACKET_MAX);
	struct snaptun_scion scion;
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(packets); i++) {
		write_packet(packet, packets[i]);
		for (len = 0; len < 4 * packet[5]; len++)
			KUNIT_EXPECT_FALSE_MSG(test,
					       parse(guarded, packet, len,
						     len, &scion),
					       "%u bytes", len);
		KUNIT_EXPECT_TRUE(test, parse(guarded, packet, len, len,
					      &scion));
	}
}

static void every_other_version_is_refused(struct kunit *test)
{
	u8 packet[PACKET_MAX], *guarded = snaptun_test_guarded(test, PACKET_MAX);
	unsigned int len = write_packet(packet, &ipv4_packet), version;
	struct snaptun_scion scion;

	for (version = 1; version < 16; version++) {
		packet[0] = version << 4;
		KUNIT_EXPECT_FALSE(test, parse(guarded, packet, len, len,
					       &scion));
	}
}

static void header_length_must_cover_its_parts(struct kunit *test)
{
	u8 packet[PACKET_MAX], *guarded = snaptun_test_guarded(test, PACKET_MAX);
	struct snaptun_scion scion;
	struct packet p = ipv4_packet;
	unsigned int types, len, units;

	for (types = 0; types <= U8_MAX; types++) {
		p.destination = types >> 4;
		p.source = types & 0xf;
		len = write_packet(packet, &p);
		for (units = packet[5]; packet[5]--;)
			KUNIT_EXPECT_FALSE_MSG(test,
					       parse(guarded, packet, len,
						     len, &scion),
					       "types %#x, %u of %u units",
					       types, packet[5], units);
	}
}

static void header_length_must_fit_into_the_packet(struct kunit *test)
{
	u8 packet[PACKET_MAX], *guarded = snaptun_test_guarded(test, PACKET_MAX);
	unsigned int len = write_packet(packet, &ipv4_packet), units;
	struct snaptun_scion scion;

	for (units = len / 4 + 1; units <= U8_MAX; units++) {
		packet[5] = units;
		KUNIT_EXPECT_FALSE(test, parse(guarded, packet, len, len,
					       &scion));
	}
}

/*
 * Whatever the bytes: nothing is read outside them, and what is called good
 * lies inside.
 */
static void random_bytes_are_never_read_outside(struct kunit *test)
{
	u8 packet[PACKET_MAX], *guarded = snaptun_test_guarded(test, PACKET_MAX);
	struct snaptun_random random = { .state = 11 };
	struct snaptun_scion scion;
	unsigned int i, side, good = 0;
	size_t len, packet_len;

	for (i = 0; i < 200000; i++) {
		len = snaptun_random_below(&random, 80);
		packet_len = len + snaptun_random_below(&random, 100);
		snaptun_random_bytes(&random, packet, len);
		if (i % 2) {
			/* Close to good, so that the later checks are reached. */
			packet[0] &= 0xf;
			packet[5] = 9 + snaptun_random_below(&random, 12);
		}
		if (!parse(guarded, packet, len, packet_len, &scion))
			continue;
		good++;
		KUNIT_ASSERT_LE(test, scion.header_len, packet_len);
		for (side = 0; side < 2; side++) {
			unsigned int end = scion.host_offset[side] +
					   host_len(scion.host_type[side]);

			KUNIT_ASSERT_LE(test, end, len);
			KUNIT_ASSERT_LE(test, end, scion.header_len);
		}
	}
	KUNIT_EXPECT_GT(test, good, 1000);
}

static void expect_endpoint(struct kunit *test, const struct packet *p,
			    enum snaptun_scion_side side, u16 port)
{
	u8 packet[PACKET_MAX];
	unsigned int i, len = write_packet(packet, p);
	u8 first = side == SNAPTUN_SCION_SOURCE ? 0x50 : 0xd0;
	u8 type = side == SNAPTUN_SCION_SOURCE ? p->source : p->destination;
	struct snaptun_address address, expected = {};

	if (type == HOST_IPV4)
		ipv6_addr_set_v4mapped(htonl(0x00010203 + first * 0x01010101),
				       &expected.ip);
	else
		for (i = 0; i < 16; i++)
			expected.ip.s6_addr[i] = first + i;
	expected.port = htons(port);
	memset(&address, 0xff, sizeof(address));
	KUNIT_ASSERT_TRUE(test, snaptun_scion_endpoint(new_skb(test, packet, len),
						       side, &address));
	KUNIT_EXPECT_TRUE(test, snaptun_address_equal(&address, &expected));
}

static void expect_no_endpoint(struct kunit *test, const u8 *packet,
			       unsigned int len)
{
	struct sk_buff *skb = new_skb(test, packet, len);
	struct snaptun_address address;

	KUNIT_EXPECT_FALSE_MSG(test,
			       snaptun_scion_endpoint(skb, SNAPTUN_SCION_SOURCE,
						      &address),
			       "%u bytes", len);
	KUNIT_EXPECT_FALSE_MSG(test,
			       snaptun_scion_endpoint(skb,
						      SNAPTUN_SCION_DESTINATION,
						      &address),
			       "%u bytes", len);
}

static void udp_packet_names_both_endpoints(struct kunit *test)
{
	expect_endpoint(test, &ipv4_packet, SNAPTUN_SCION_SOURCE, 40000);
	expect_endpoint(test, &ipv4_packet, SNAPTUN_SCION_DESTINATION, 51820);
	expect_endpoint(test, &ipv6_packet, SNAPTUN_SCION_SOURCE, 40000);
	expect_endpoint(test, &ipv6_packet, SNAPTUN_SCION_DESTINATION, 51820);
}

static void scmp_identifier_is_the_port(struct kunit *test)
{
	u8 payload[] = { 0, 0, 0, 0, 0xca, 0x6c, 0, 1 };
	struct packet p = ipv4_packet;
	unsigned int type;

	p.next_header = NEXT_SCMP;
	p.payload = payload;
	p.payload_len = sizeof(payload);
	for (type = 128; type <= 131; type++) {
		payload[0] = type;
		expect_endpoint(test, &p, SNAPTUN_SCION_SOURCE, 51820);
		expect_endpoint(test, &p, SNAPTUN_SCION_DESTINATION, 51820);
	}
}

static void other_payloads_name_no_port(struct kunit *test)
{
	struct packet p = ipv4_packet;
	unsigned int next, len;
	u8 packet[PACKET_MAX];

	for (next = 0; next <= U8_MAX; next++) {
		if (next == NEXT_UDP || next == NEXT_SCMP)
			continue;
		p.next_header = next;
		len = write_packet(packet, &p);
		expect_no_endpoint(test, packet, len);
	}
}

static void port_of_zero_names_nobody(struct kunit *test)
{
	static const u8 payload[8] = {};
	struct packet p = ipv4_packet;
	u8 packet[PACKET_MAX];

	p.payload = payload;
	p.payload_len = sizeof(payload);
	expect_no_endpoint(test, packet, write_packet(packet, &p));
}

static void host_that_is_no_ip_address_names_nobody(struct kunit *test)
{
	struct packet p = ipv4_packet;
	unsigned int type;
	u8 packet[PACKET_MAX];

	for (type = 0; type < 16; type++) {
		if (type == HOST_IPV4 || type == HOST_IPV6)
			continue;
		p.source = type;
		p.destination = type;
		expect_no_endpoint(test, packet, write_packet(packet, &p));
	}
}

static void every_truncated_packet_names_nobody(struct kunit *test)
{
	u8 packet[PACKET_MAX];
	unsigned int len;

	write_packet(packet, &ipv6_packet);
	for (len = 0; len < 4 * packet[5] + 8; len++)
		expect_no_endpoint(test, packet, len);
}

/*
 * Put extension headers before a payload: hop-by-hop of @hop_units 4-byte units,
 * end-to-end of @end_units, none where 0. Returns the payload's new length.
 */
static unsigned int write_extensions(struct packet *p, u8 *to,
				     unsigned int hop_units,
				     unsigned int end_units)
{
	u8 next = p->next_header;
	u8 *begin = to;

	if (hop_units) {
		p->next_header = NEXT_HOP_BY_HOP;
		memset(to, 0x99, 4 * hop_units);
		to[0] = end_units ? NEXT_END_TO_END : next;
		to[1] = hop_units - 1;
		to += 4 * hop_units;
	} else if (end_units) {
		p->next_header = NEXT_END_TO_END;
	}
	if (end_units) {
		memset(to, 0x99, 4 * end_units);
		to[0] = next;
		to[1] = end_units - 1;
		to += 4 * end_units;
	}
	memcpy(to, p->payload, p->payload_len);
	p->payload = begin;
	p->payload_len += to - begin;
	return p->payload_len;
}

static void ports_are_found_behind_extensions(struct kunit *test)
{
	static const u8 lengths[][2] = { { 1, 0 }, { 0, 1 }, { 3, 2 }, { 20, 9 } };
	u8 packet[2 * PACKET_MAX], extended[PACKET_MAX];
	unsigned int i, cut, len;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct packet p = ipv4_packet;
		struct snaptun_address address;

		write_extensions(&p, extended, lengths[i][0], lengths[i][1]);
		len = write_packet(packet, &p);
		KUNIT_ASSERT_TRUE(test, snaptun_scion_endpoint(new_skb(test, packet, len),
							       SNAPTUN_SCION_SOURCE,
							       &address));
		KUNIT_EXPECT_EQ(test, ntohs(address.port), 40000);
		/* Cut before the UDP header ends there is no port. */
		for (cut = 5; cut < p.payload_len; cut++)
			expect_no_endpoint(test, packet, len - cut);
	}
}

static void extensions_in_wrong_order_hide_the_payload(struct kunit *test)
{
	u8 packet[2 * PACKET_MAX], hop[PACKET_MAX], both[2 * PACKET_MAX];
	struct packet p = ipv4_packet;

	write_extensions(&p, hop, 1, 0);
	write_extensions(&p, both, 0, 1);
	expect_no_endpoint(test, packet, write_packet(packet, &p));
}

/* An SCMP error whose quote is @quoted, @quoted_len bytes of it. */
static unsigned int write_error(u8 *to, u8 type, const u8 *quoted,
				unsigned int quoted_len)
{
	struct packet p = ipv4_packet;
	u8 payload[PACKET_MAX] = { type };

	memcpy(payload + 8, quoted, quoted_len);
	p.next_header = NEXT_SCMP;
	p.payload = payload;
	p.payload_len = 8 + quoted_len;
	return write_packet(to, &p);
}

static void scmp_error_is_for_who_sent_what_it_quotes(struct kunit *test)
{
	u8 packet[2 * PACKET_MAX], quoted[PACKET_MAX];
	struct snaptun_address address;
	unsigned int len, quoted_len, cut;

	/* An IPv6 packet with a path is quoted, over IPv4. */
	quoted_len = write_packet(quoted, &ipv6_packet);
	len = write_error(packet, 1, quoted, quoted_len);
	KUNIT_ASSERT_TRUE(test, snaptun_scion_endpoint(new_skb(test, packet, len),
						       SNAPTUN_SCION_DESTINATION,
						       &address));
	KUNIT_EXPECT_EQ(test, ntohs(address.port), 40000);
	KUNIT_EXPECT_FALSE(test, snaptun_scion_endpoint(new_skb(test, packet, len),
							SNAPTUN_SCION_SOURCE,
							&address));
	/* The ports of the quote are whole, or there is none. */
	cut = quoted_len - sizeof(udp_payload) + 8;
	len -= quoted_len;
	KUNIT_EXPECT_TRUE(test, snaptun_scion_endpoint(new_skb(test, packet,
							       len + cut),
						       SNAPTUN_SCION_DESTINATION,
						       &address));
	while (cut--)
		expect_no_endpoint(test, packet, len + cut);
}

static void other_scmp_messages_name_no_port(struct kunit *test)
{
	u8 packet[2 * PACKET_MAX], quoted[PACKET_MAX];
	struct packet echo = ipv4_packet;
	unsigned int type, len;

	len = write_packet(quoted, &ipv4_packet);
	for (type = 132; type <= U8_MAX; type++)
		expect_no_endpoint(test, packet,
				   write_error(packet, type, quoted, len));
	/* An error about something else than SCION/UDP. */
	echo.next_header = NEXT_SCMP;
	len = write_packet(quoted, &echo);
	expect_no_endpoint(test, packet, write_error(packet, 1, quoted, len));
}

/* The sum over pseudo header and message, which comes to ffff if it is right. */
static u32 sum_of(const u8 *packet, unsigned int header_len, unsigned int len)
{
	u32 sum = len - header_len + NEXT_SCMP;
	unsigned int i;

	for (i = 12; i < len; i++)
		sum += i % 2 ? packet[i] : packet[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void expect_too_big(struct kunit *test, const struct packet *p,
			   unsigned int payload_len, unsigned int mtu)
{
	unsigned int len, host = host_len(p->source), header_len = 28 + 2 * host;
	u8 *packet = kunit_kzalloc(test, PACKET_MAX + payload_len, GFP_KERNEL);
	struct packet longer = *p;
	struct sk_buff *answer;
	const u8 *data;

	KUNIT_ASSERT_NOT_NULL(test, packet);
	longer.payload = NULL;
	longer.payload_len = payload_len;
	len = write_packet(packet, &longer);
	answer = snaptun_scion_too_big(new_skb(test, packet, len), mtu);
	KUNIT_ASSERT_NOT_NULL(test, answer);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_skb_of, answer));
	data = answer->data;
	KUNIT_ASSERT_EQ(test, answer->len, min(1232U, header_len + 8 + len));
	KUNIT_EXPECT_EQ(test, data[0] >> 4, 0);
	KUNIT_EXPECT_EQ(test, data[4], NEXT_SCMP);
	KUNIT_EXPECT_EQ(test, data[5] * 4, header_len);
	KUNIT_EXPECT_EQ(test, data[6] << 8 | data[7], answer->len - header_len);
	KUNIT_EXPECT_EQ(test, data[8], 0);
	KUNIT_EXPECT_EQ(test, data[9], p->source << 4 | p->source);
	/* From and to the sender's ISD-AS and host. */
	KUNIT_EXPECT_MEMEQ(test, data + 12, packet + 20, 8);
	KUNIT_EXPECT_MEMEQ(test, data + 20, packet + 20, 8);
	KUNIT_EXPECT_EQ(test, data[28], 0x50);
	KUNIT_EXPECT_MEMEQ(test, data + 28 + host, data + 28, host);
	KUNIT_EXPECT_EQ(test, data[header_len], 2);
	KUNIT_EXPECT_EQ(test, data[header_len + 1], 0);
	KUNIT_EXPECT_EQ(test, data[header_len + 6] << 8 | data[header_len + 7],
			min(mtu, 0xffffU));
	KUNIT_EXPECT_MEMEQ(test, data + header_len + 8, packet,
			   answer->len - header_len - 8);
	KUNIT_EXPECT_EQ(test, sum_of(data, header_len, answer->len), 0xffff);
}

static void packet_too_big_is_answered(struct kunit *test)
{
	expect_too_big(test, &ipv4_packet, 100, 90);
	expect_too_big(test, &ipv4_packet, 1301, 1240);
	expect_too_big(test, &ipv6_packet, 1300, 1220);
	expect_too_big(test, &ipv6_packet, 40000, 66000);
}

static void errors_are_not_answered(struct kunit *test)
{
	u8 packet[2 * PACKET_MAX], quoted[PACKET_MAX];
	unsigned int type, len;

	len = write_packet(quoted, &ipv4_packet);
	for (type = 0; type <= U8_MAX; type++) {
		struct sk_buff *skb = new_skb(test, packet,
					      write_error(packet, type, quoted, len));

		KUNIT_EXPECT_EQ_MSG(test, snaptun_scion_wants_answer(skb),
				    type >= 128, "type %u", type);
	}
	/* Nor is what may be one, or what is no packet at all. */
	len = write_error(packet, 1, quoted, 0) - 8;
	KUNIT_EXPECT_FALSE(test, snaptun_scion_wants_answer(new_skb(test, packet, len)));
	KUNIT_EXPECT_FALSE(test, snaptun_scion_wants_answer(new_skb(test, packet, 35)));
	KUNIT_EXPECT_NULL(test, snaptun_scion_too_big(new_skb(test, packet, 35), 100));
}

static void errors_behind_extensions_are_not_answered(struct kunit *test)
{
	u8 packet[2 * PACKET_MAX], extended[PACKET_MAX], type;
	struct packet p = ipv4_packet;
	unsigned int len;

	for (type = 127; type <= 128; type++) {
		p = ipv4_packet;
		p.next_header = NEXT_SCMP;
		p.payload = &type;
		p.payload_len = 1;
		write_extensions(&p, extended, 2, 1);
		len = write_packet(packet, &p);
		KUNIT_EXPECT_EQ(test, type == 128,
				snaptun_scion_wants_answer(new_skb(test, packet, len)));
	}
	/* An extension that is cut off may hide one. */
	KUNIT_EXPECT_FALSE(test, snaptun_scion_wants_answer(new_skb(test, packet,
								    len - 12)));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(smallest_packet_is_read),
	KUNIT_CASE(every_pair_of_host_types_is_read),
	KUNIT_CASE(path_and_payload_need_not_be_at_hand),
	KUNIT_CASE(payload_may_be_cut_short),
	KUNIT_CASE(every_truncated_header_is_refused),
	KUNIT_CASE(every_other_version_is_refused),
	KUNIT_CASE(header_length_must_cover_its_parts),
	KUNIT_CASE(header_length_must_fit_into_the_packet),
	KUNIT_CASE(random_bytes_are_never_read_outside),
	KUNIT_CASE(udp_packet_names_both_endpoints),
	KUNIT_CASE(scmp_identifier_is_the_port),
	KUNIT_CASE(other_payloads_name_no_port),
	KUNIT_CASE(port_of_zero_names_nobody),
	KUNIT_CASE(host_that_is_no_ip_address_names_nobody),
	KUNIT_CASE(every_truncated_packet_names_nobody),
	KUNIT_CASE(ports_are_found_behind_extensions),
	KUNIT_CASE(extensions_in_wrong_order_hide_the_payload),
	KUNIT_CASE(scmp_error_is_for_who_sent_what_it_quotes),
	KUNIT_CASE(other_scmp_messages_name_no_port),
	KUNIT_CASE(packet_too_big_is_answered),
	KUNIT_CASE(errors_are_not_answered),
	KUNIT_CASE(errors_behind_extensions_are_not_answered),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_scion",
	.test_cases = cases,
};

kunit_test_suite(suite);
