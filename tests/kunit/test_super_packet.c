// SPDX-License-Identifier: GPL-2.0
/*
 * Super-packets against the stack's own segmenter: what is cut must be what GSO cuts,
 * byte by byte, and what is merged must be cut by GSO into what it was made of.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "compat.h"
#include "super_packet.h"
#include "test.h"

#define ROUNDS		60
#define PACKET_MAX	60000

/**
 * struct kind - a kind of super-packet
 * @is_v4: IPv4, or IPv6
 * @is_tcp: TCP, or UDP
 * @name: what to call it
 */
struct kind {
	bool is_v4;
	bool is_tcp;
	const char *name;
};

static const struct kind kinds[] = {
	{ true, true, "TCP over IPv4" },
	{ false, true, "TCP over IPv6" },
	{ true, false, "UDP over IPv4" },
	{ false, false, "UDP over IPv6" },
};

static void kind_name(const struct kind *kind, char *name)
{
	strscpy(name, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kind, kinds, kind_name);

/* Headers as a host sends them, but for checksums. Returns their length. */
static unsigned int write_headers(const struct kind *kind,
				  struct snaptun_random *random, u8 *to)
{
	unsigned int options = snaptun_random_below(random, 11) * 4;
	u8 protocol = kind->is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
	u8 *at = to;

	snaptun_random_bytes(random, to, SNAPTUN_HEADERS_MAX);
	if (kind->is_v4) {
		struct iphdr *ip = (struct iphdr *)at;

		ip->version = 4;
		ip->ihl = 5;
		ip->frag_off = htons(IP_DF);
		ip->protocol = protocol;
		at += sizeof(*ip);
	} else {
		struct ipv6hdr *ip = (struct ipv6hdr *)at;

		ip->version = 6;
		ip->nexthdr = protocol;
		at += sizeof(*ip);
	}
	if (kind->is_tcp) {
		struct tcphdr *tcp = (struct tcphdr *)at;

		tcp_flag_word(tcp) &= ~TCP_RESERVED_BITS;
		tcp->doff = (sizeof(*tcp) + options) / 4;
		tcp->ack = 1;
		tcp->syn = 0;
		tcp->rst = 0;
		tcp->urg = 0;
		tcp->fin = snaptun_random_below(random, 2);
		tcp->psh = snaptun_random_below(random, 2);
		return at - to + sizeof(*tcp) + options;
	}
	return at - to + sizeof(struct udphdr);
}

/* A super-packet whose payload lies in its head and in pages, as luck has it. */
static struct sk_buff *new_super_packet(struct kunit *test, const struct kind *kind,
					struct snaptun_random *random)
{
	unsigned int segment = 1 + snaptun_random_below(random, 1400);
	unsigned int count = 2 + snaptun_random_below(random, PACKET_MAX / 1400 - 2);
	unsigned int payload = segment * (count - 1) + 1 +
			       snaptun_random_below(random, segment);
	unsigned int linear = snaptun_random_below(random, min(payload, 2000U));
	unsigned int headers, transport, part, i;
	u8 bytes[SNAPTUN_HEADERS_MAX];
	struct sk_buff *skb;
	struct page *page;

	headers = write_headers(kind, random, bytes);
	skb = alloc_skb(64 + headers + linear, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 64);
	skb_put_data(skb, bytes, headers);
	snaptun_random_bytes(random, skb_put(skb, linear), linear);
	for (i = 0; linear < payload; i++) {
		part = min_t(unsigned int, payload - linear,
			     i < 16 ? 1 + snaptun_random_below(random, PAGE_SIZE) :
				      PAGE_SIZE << 4);
		page = alloc_pages(GFP_KERNEL | __GFP_COMP, get_order(part));
		KUNIT_ASSERT_NOT_NULL(test, page);
		snaptun_random_bytes(random, page_address(page), part);
		skb_add_rx_frag(skb, i, page, 0, part, part);
		linear += part;
	}
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	transport = kind->is_v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	skb_set_transport_header(skb, transport);
	skb->protocol = htons(kind->is_v4 ? ETH_P_IP : ETH_P_IPV6);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + transport;
	skb_shinfo(skb)->gso_size = segment;
	skb_shinfo(skb)->gso_segs = count;
	if (kind->is_tcp) {
		skb->csum_offset = offsetof(struct tcphdr, check);
		skb_shinfo(skb)->gso_type = kind->is_v4 ? SKB_GSO_TCPV4 :
							  SKB_GSO_TCPV6;
		if (tcp_hdr(skb)->cwr)
			skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_ECN;
		if (kind->is_v4 && snaptun_random_below(random, 2))
			skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_FIXEDID;
	} else {
		skb->csum_offset = offsetof(struct udphdr, check);
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	}
	/* The lengths of the whole and the sum of the pseudo-header, as hosts leave them. */
	if (kind->is_v4) {
		ip_hdr(skb)->tot_len = htons(skb->len);
		ip_send_check(ip_hdr(skb));
		*(__sum16 *)(skb->data + transport + skb->csum_offset) =
			~csum_tcpudp_magic(ip_hdr(skb)->saddr, ip_hdr(skb)->daddr,
					   skb->len - transport,
					   ip_hdr(skb)->protocol, 0);
	} else {
		ipv6_hdr(skb)->payload_len = htons(skb->len - transport);
		*(__sum16 *)(skb->data + transport + skb->csum_offset) =
			~csum_ipv6_magic(&ipv6_hdr(skb)->saddr,
					 &ipv6_hdr(skb)->daddr,
					 skb->len - transport,
					 ipv6_hdr(skb)->nexthdr, 0);
	}
	if (!kind->is_tcp)
		udp_hdr(skb)->len = htons(skb->len - transport);
	return skb;
}

static struct sk_buff *cut_by_the_stack(struct kunit *test, struct sk_buff *skb)
{
	struct sk_buff *segments = skb_gso_segment(skb, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, segments);
	return segments;
}

/* Change what a UDP super-packet begins with, so that its first segment's sum is zero. */
static void make_sum_zero(struct kunit *test, struct snaptun_cut *cut,
			  struct sk_buff *skb, u8 *bytes)
{
	const unsigned int at = cut->headers.len;
	struct udphdr *udp = (struct udphdr *)(bytes + cut->headers.transport);
	__sum16 word;

	snaptun_cut_segment(cut, skb, 0, bytes);
	word = csum16_add(*(__sum16 *)(bytes + at), (__force __be16)udp->check);
	KUNIT_ASSERT_EQ(test, 0, skb_store_bits(skb, at, &word, sizeof(word)));
}

static void segments_are_those_of_the_stack(struct kunit *test)
{
	struct snaptun_random random = { .state = 0x5e6 };
	u8 *bytes = kunit_kmalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	struct sk_buff *skb, *segment, *next;
	struct snaptun_cut cut;
	unsigned int i, round;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	for (round = 0; round < ROUNDS; round++) {
		skb = new_super_packet(test, test->param_value, &random);
		KUNIT_ASSERT_TRUE(test, snaptun_cut_plan(&cut, skb));
		/* That is sent as another number, as zero says that there is none. */
		if (!cut.headers.is_tcp && cut.payload >= sizeof(__sum16))
			make_sum_zero(test, &cut, skb, bytes);
		i = 0;
		skb_list_walk_safe(cut_by_the_stack(test, skb), segment, next) {
			KUNIT_ASSERT_LT(test, i, cut.count);
			KUNIT_ASSERT_EQ(test, snaptun_cut_len(&cut, i),
					segment->len);
			snaptun_cut_segment(&cut, skb, i, bytes);
			KUNIT_ASSERT_EQ(test, skb_linearize(segment), 0);
			KUNIT_ASSERT_MEMEQ(test, bytes, segment->data,
					   segment->len);
			kfree_skb(segment);
			i++;
		}
		KUNIT_EXPECT_EQ(test, i, cut.count);
		kfree_skb(skb);
	}
}

static void expect_plan(struct kunit *test, const struct sk_buff *skb, bool plan)
{
	struct snaptun_cut cut;

	KUNIT_EXPECT_EQ(test, snaptun_cut_plan(&cut, skb), plan);
}

static void what_is_not_plain_is_left_to_the_stack(struct kunit *test)
{
	struct snaptun_random random = { .state = 0x1a1 };
	const struct kind *kind = test->param_value;
	struct sk_buff *skb = new_super_packet(test, kind, &random);
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int type = shinfo->gso_type;

	expect_plan(test, skb, true);
	skb->encapsulation = 1;
	expect_plan(test, skb, false);
	skb->encapsulation = 0;
	skb->ip_summed = CHECKSUM_NONE;
	expect_plan(test, skb, false);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start += 2;
	expect_plan(test, skb, false);
	skb->csum_start -= 2;
	skb->csum_offset += 2;
	expect_plan(test, skb, false);
	skb->csum_offset -= 2;
	shinfo->gso_type |= SKB_GSO_FRAGLIST;
	expect_plan(test, skb, false);
	shinfo->gso_type ^= SKB_GSO_FRAGLIST | SKB_GSO_GRE;
	expect_plan(test, skb, false);
	shinfo->gso_type = SKB_GSO_DODGY;
	expect_plan(test, skb, false);
	shinfo->gso_type |= type;
	expect_plan(test, skb, true);
	/* A fragment; options, or extension headers; another version. */
	if (kind->is_v4) {
		ip_hdr(skb)->frag_off ^= htons(IP_MF);
		expect_plan(test, skb, false);
		ip_hdr(skb)->frag_off ^= htons(IP_MF);
		ip_hdr(skb)->ihl++;
		expect_plan(test, skb, false);
		ip_hdr(skb)->ihl--;
	} else {
		ipv6_hdr(skb)->nexthdr ^= NEXTHDR_DEST;
		expect_plan(test, skb, false);
		ipv6_hdr(skb)->nexthdr ^= NEXTHDR_DEST;
	}
	skb->data[0] ^= 0x10;
	expect_plan(test, skb, false);
	skb->data[0] ^= 0x10;
	if (kind->is_tcp) {
		tcp_hdr(skb)->doff = 4;
		expect_plan(test, skb, false);
	}
	shinfo->gso_size = 0;
	expect_plan(test, skb, false);
	kfree_skb(skb);
}

/* Segments that are merged, and of the result a piece, are cut into the same again. */
static void run_is_cut_into_what_it_was_made_of(struct kunit *test)
{
	struct snaptun_random random = { .state = 0x3a3 };
	u8 *first = kunit_kmalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	u8 *next = kunit_kmalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	const struct kind *kind = test->param_value;
	unsigned int i, round, from, to, len, at;
	struct sk_buff *skb, *merged, *segment, *following;
	struct snaptun_cut cut;
	struct snaptun_run run;

	KUNIT_ASSERT_TRUE(test, first && next);
	for (round = 0; round < ROUNDS; round++) {
		skb = new_super_packet(test, kind, &random);
		/* A packet with CWR is one that others do not follow. */
		if (kind->is_tcp)
			tcp_hdr(skb)->cwr = 0;
		KUNIT_ASSERT_TRUE(test, snaptun_cut_plan(&cut, skb));
		snaptun_cut_segment(&cut, skb, 0, first);
		snaptun_run_begin(&run, first, snaptun_cut_len(&cut, 0), true);
		/* The next one's headers would be written over the first one's. */
		if (cut.payload < cut.headers.len) {
			KUNIT_ASSERT_FALSE(test,
					   snaptun_run_may_grow(&run, snaptun_cut_len(&cut, 1)));
			kfree_skb(skb);
			continue;
		}
		for (i = 1; i < cut.count; i++) {
			len = snaptun_cut_len(&cut, i);
			snaptun_cut_segment(&cut, skb, i, next);
			KUNIT_ASSERT_TRUE(test, snaptun_run_may_grow(&run, len));
			KUNIT_ASSERT_TRUE(test, snaptun_run_append(&run, first,
								   next, len));
		}
		KUNIT_ASSERT_EQ(test, run.count, cut.count);
		KUNIT_ASSERT_EQ(test, run.len, skb->len);

		from = round % 2 ? snaptun_random_below(&random, cut.count - 1) : 0;
		to = round % 2 ? from + 1 + snaptun_random_below(&random,
						cut.count - from) : cut.count;
		at = cut.headers.len + snaptun_run_payload(&run, from);
		len = cut.headers.len + snaptun_run_payload(&run, to) - at;
		merged = alloc_skb(64 + cut.headers.len + len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, merged);
		skb_reserve(merged, 64);
		skb_put_data(merged, first, cut.headers.len);
		KUNIT_ASSERT_EQ(test, 0, skb_copy_bits(skb, at,
						       skb_put(merged, len), len));
		snaptun_run_finish(&run, merged, from, to);
		skb_reset_mac_header(merged);
		skb_reset_network_header(merged);
		merged->protocol = skb->protocol;
		if (to - from == 1) {
			KUNIT_ASSERT_FALSE(test, skb_is_gso(merged));
			KUNIT_ASSERT_EQ(test, skb_checksum_help(merged), 0);
			segment = skb_get(merged);
		} else {
			segment = cut_by_the_stack(test, merged);
		}
		i = from;
		skb_list_walk_safe(segment, segment, following) {
			KUNIT_ASSERT_LT(test, i, to);
			snaptun_cut_segment(&cut, skb, i, next);
			/* UDP has no way to say that all have the same. */
			if (kind->is_v4 && !kind->is_tcp)
				KUNIT_ASSERT_EQ(test, ntohs(ip_hdr(segment)->id),
						(u16)(cut.id + i));
			KUNIT_ASSERT_EQ(test, segment->len,
					snaptun_cut_len(&cut, i));
			KUNIT_ASSERT_MEMEQ(test, segment->data, next,
					   segment->len);
			kfree_skb(segment);
			i++;
		}
		KUNIT_EXPECT_EQ(test, i, to);
		kfree_skb(merged);
		kfree_skb(skb);
	}
}

/* Complete the checksums of a packet that a test changed. */
static void sum_up(const struct snaptun_cut *cut, u8 *packet, unsigned int len)
{
	unsigned int transport = cut->headers.transport;
	struct iphdr *ip = (struct iphdr *)packet;

	if (!cut->headers.is_v4)
		return;
	ip->tot_len = htons(len);
	ip->check = 0;
	ip->check = ip_fast_csum(ip, ip->ihl);
	/* Nobody looks at that of UDP and TCP, but for whether there is one. */
	if (!cut->headers.is_tcp)
		((struct udphdr *)(packet + transport))->check |= htons(1);
}

/* An identification that is the same, or the next, is right. */
static bool follows_id(const u8 *first, const u8 *next)
{
	u16 distance = ntohs(((const struct iphdr *)next)->id) -
		       ntohs(((const struct iphdr *)first)->id);

	return distance <= 1;
}

/*
 * Begin a run with the first segment of a super-packet of the test's kind, that others
 * may follow, and which is not the last but one.
 */
static struct sk_buff *begin_run(struct kunit *test, struct snaptun_random *random,
				 struct snaptun_cut *cut, struct snaptun_run *run, u8 *first)
{
	struct sk_buff *skb;

	do {
		skb = new_super_packet(test, test->param_value, random);
		KUNIT_ASSERT_TRUE(test, snaptun_cut_plan(cut, skb));
		if (cut->count > 2 && cut->payload >= cut->headers.len &&
		    !(cut->first_flags & TCPHDR_CWR))
			break;
		kfree_skb(skb);
	} while (true);
	snaptun_cut_segment(cut, skb, 0, first);
	snaptun_run_begin(run, first, snaptun_cut_len(cut, 0), true);
	return skb;
}

/* Each bit of the headers matters, but for those that tell one packet from the next. */
static void packet_of_another_kind_is_not_merged(struct kunit *test)
{
	struct snaptun_random random = { .state = 0xb17 };
	u8 *first = kunit_kmalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	u8 *next = kunit_kmalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	const struct kind *kind = test->param_value;
	struct snaptun_run run, fresh;
	unsigned int bit, len, check, merged = 0;
	struct snaptun_cut cut;
	struct sk_buff *skb;

	KUNIT_ASSERT_TRUE(test, first && next);
	skb = begin_run(test, &random, &cut, &fresh, first);
	len = snaptun_cut_len(&cut, 0);
	KUNIT_ASSERT_TRUE(test, snaptun_run_may_grow(&fresh, len));
	check = cut.headers.transport +
		(kind->is_tcp ? offsetof(struct tcphdr, check) :
				offsetof(struct udphdr, check));
	for (bit = 0; bit < 8 * cut.headers.len; bit++) {
		run = fresh;
		snaptun_cut_segment(&cut, skb, 1, next);
		snaptun_flip(next, bit);
		/* Except for a flip in it, the sum of the IP header is right. */
		if (bit / 8 != 2 && bit / 8 != 3 && bit / 8 != 10 && bit / 8 != 11)
			sum_up(&cut, next, len);
		if (!snaptun_run_append(&run, first, next, len)) {
			KUNIT_EXPECT_EQ(test, run.count, 1);
			KUNIT_EXPECT_EQ(test, run.len, fresh.len);
			continue;
		}
		merged++;
		if (bit / 8 == check || bit / 8 == check + 1)
			continue;
		/* FIN and PSH; the urgent pointer of what is not urgent. */
		if (kind->is_tcp && (bit / 8 == cut.headers.transport + 13 ||
				     bit / 8 == cut.headers.transport + 18 ||
				     bit / 8 == cut.headers.transport + 19))
			continue;
		if (kind->is_v4 && (bit / 8 == 4 || bit / 8 == 5) &&
		    follows_id(first, next))
			continue;
		KUNIT_FAIL(test, "bit %u does not matter", bit);
	}
	KUNIT_EXPECT_GT(test, merged, 0);
	kfree_skb(skb);
}

/* TCP's PSH and FIN are of the last segment of a super-packet. */
static void nothing_is_merged_behind_the_end_of_something(struct kunit *test)
{
	struct snaptun_random random = { .state = 0xe4d };
	u8 *first = kunit_kmalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	u8 *next = kunit_kmalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	const struct kind *kind = test->param_value;
	struct snaptun_run run;
	struct snaptun_cut cut;
	struct sk_buff *skb;
	unsigned int len;

	KUNIT_ASSERT_TRUE(test, first && next);
	skb = begin_run(test, &random, &cut, &run, first);
	len = snaptun_cut_len(&cut, 0);
	snaptun_cut_segment(&cut, skb, 1, next);
	if (kind->is_tcp) {
		next[cut.headers.transport + 13] |= TCPHDR_PSH;
		sum_up(&cut, next, len);
	}
	KUNIT_EXPECT_TRUE(test, snaptun_run_append(&run, first, next, len));
	KUNIT_EXPECT_EQ(test, snaptun_run_may_grow(&run, len), !kind->is_tcp);
	kfree_skb(skb);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(segments_are_those_of_the_stack, kind_gen_params),
	KUNIT_CASE_PARAM(what_is_not_plain_is_left_to_the_stack, kind_gen_params),
	KUNIT_CASE_PARAM(run_is_cut_into_what_it_was_made_of, kind_gen_params),
	KUNIT_CASE_PARAM(packet_of_another_kind_is_not_merged, kind_gen_params),
	KUNIT_CASE_PARAM(nothing_is_merged_behind_the_end_of_something, kind_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_super_packet",
	.test_cases = cases,
};

kunit_test_suite(suite);
