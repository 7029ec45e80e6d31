// SPDX-License-Identifier: GPL-2.0
/*
 * Super-packets. Cutting one is what GSO does, without a packet buffer for each
 * segment: headers and payload are written to where they will be sealed, and the
 * payload is summed as it is copied. Making one is what GRO does, where the packets
 * came together and lie end to end already: only their headers are compared.
 *
 * Both know TCP and UDP behind plain IPv4 and IPv6 headers; whatever else there is
 * goes the usual ways of the stack.
 */

#include "super_packet.h"

#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "messages.h"

/* What may be said of a super-packet that is cut here. */
#define CUT_TYPES	(SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_UDP_L4 | \
			 SKB_GSO_TCP_ECN | SKB_GSO_TCP_FIXEDID | SKB_GSO_DODGY)

/* Where the flags are in a TCP header. */
#define TCP_FLAGS_OFFSET	13

static bool parse(struct snaptun_headers *headers, const u8 *bytes,
		  unsigned int len)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)bytes;
	const struct iphdr *ip = (const struct iphdr *)bytes;
	u8 protocol;

	if (len < sizeof(*ip))
		return false;
	headers->is_v4 = ip->version == 4;
	if (headers->is_v4) {
		if (ip->ihl != sizeof(*ip) / 4 ||
		    ip->frag_off & htons(IP_MF | IP_OFFSET))
			return false;
		protocol = ip->protocol;
		headers->transport = sizeof(*ip);
	} else {
		if (ip->version != 6 || len < sizeof(*ip6))
			return false;
		protocol = ip6->nexthdr;
		headers->transport = sizeof(*ip6);
	}
	len -= headers->transport;
	bytes += headers->transport;
	headers->is_tcp = protocol == IPPROTO_TCP;
	if (headers->is_tcp) {
		const struct tcphdr *tcp = (const struct tcphdr *)bytes;

		if (len < sizeof(*tcp) || tcp->doff < sizeof(*tcp) / 4 ||
		    len < tcp->doff * 4)
			return false;
		headers->len = headers->transport + tcp->doff * 4;
		return true;
	}
	headers->len = headers->transport + sizeof(struct udphdr);
	return protocol == IPPROTO_UDP && len >= sizeof(struct udphdr);
}

static unsigned int gso_type(const struct snaptun_headers *headers)
{
	if (!headers->is_tcp)
		return SKB_GSO_UDP_L4;
	return headers->is_v4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
}

static unsigned int checksum_offset(const struct snaptun_headers *headers)
{
	return headers->is_tcp ? offsetof(struct tcphdr, check) :
				 offsetof(struct udphdr, check);
}

/* The checksum over the pseudo-header and what @sum is of; @len bytes of transport. */
static __sum16 transport_sum(const struct snaptun_headers *headers,
			     const u8 *bytes, unsigned int len, __wsum sum)
{
	const struct ipv6hdr *ip6 = (const struct ipv6hdr *)bytes;
	const struct iphdr *ip = (const struct iphdr *)bytes;
	u8 protocol = headers->is_tcp ? IPPROTO_TCP : IPPROTO_UDP;

	if (headers->is_v4)
		return csum_tcpudp_magic(ip->saddr, ip->daddr, len, protocol, sum);
	return csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, protocol, sum);
}

/* Have IP and UDP headers tell of @len bytes behind the IP header. */
static void set_lengths(const struct snaptun_headers *headers, u8 *bytes,
			unsigned int len)
{
	if (headers->is_v4) {
		struct iphdr *ip = (struct iphdr *)bytes;

		ip->tot_len = htons(sizeof(*ip) + len);
		ip->check = 0;
		ip->check = ip_fast_csum(ip, ip->ihl);
	} else {
		((struct ipv6hdr *)bytes)->payload_len = htons(len);
	}
	if (!headers->is_tcp)
		((struct udphdr *)(bytes + headers->transport))->len = htons(len);
}

/**
 * snaptun_cut_plan() - see how a super-packet is cut
 * @cut: receives it
 * @skb: the super-packet, whose data begins with its IP header
 *
 * Return: false where that is not known here, and skb_gso_segment() has to do it.
 */
bool snaptun_cut_plan(struct snaptun_cut *cut, const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	unsigned int len = min_t(unsigned int, skb->len, sizeof(cut->bytes));
	const struct tcphdr *tcp;

	if (shinfo->gso_type & ~CUT_TYPES || !shinfo->gso_size ||
	    skb->encapsulation || skb->ip_summed != CHECKSUM_PARTIAL ||
	    skb_copy_bits(skb, 0, cut->bytes, len) ||
	    !parse(&cut->headers, cut->bytes, len))
		return false;
	if (!(shinfo->gso_type & gso_type(&cut->headers)) ||
	    skb_checksum_start_offset(skb) != cut->headers.transport ||
	    skb->csum_offset != checksum_offset(&cut->headers) ||
	    skb->len <= cut->headers.len ||
	    cut->headers.len + shinfo->gso_size > SNAPTUN_PAYLOAD_MAX)
		return false;
	cut->payload = shinfo->gso_size;
	cut->count = DIV_ROUND_UP(skb->len - cut->headers.len, cut->payload);
	cut->last = skb->len - cut->headers.len - (cut->count - 1) * cut->payload;
	cut->fixed_id = shinfo->gso_type & SKB_GSO_TCP_FIXEDID;
	cut->id = ntohs(((struct iphdr *)cut->bytes)->id);
	tcp = (const struct tcphdr *)(cut->bytes + cut->headers.transport);
	cut->sequence = ntohl(tcp->seq);
	cut->first_flags = ((const u8 *)tcp)[TCP_FLAGS_OFFSET];
	return true;
}

/* TCP's flags of a segment: what ends something is for the last. */
static u8 flags_of(const struct snaptun_cut *cut, unsigned int i)
{
	u8 flags = cut->first_flags;

	if (i)
		flags &= ~TCPHDR_CWR;
	if (i + 1 < cut->count)
		flags &= ~(TCPHDR_FIN | TCPHDR_PSH);
	return flags;
}

/**
 * snaptun_cut_segment() - write one segment of a super-packet
 * @cut: how it is cut, from snaptun_cut_plan()
 * @skb: the super-packet
 * @i: which segment, from 0
 * @to: receives the segment, of snaptun_cut_len() bytes, complete with its checksums
 */
void snaptun_cut_segment(struct snaptun_cut *cut, const struct sk_buff *skb,
			 unsigned int i, u8 *to)
{
	const struct snaptun_headers *headers = &cut->headers;
	unsigned int offset = headers->len + i * cut->payload;
	unsigned int len = snaptun_cut_len(cut, i) - headers->len;
	unsigned int behind_ip = headers->len - headers->transport + len;
	u8 *transport = cut->bytes + headers->transport;
	__sum16 *check = (__sum16 *)(transport + checksum_offset(headers));
	__wsum sum;

	sum = skb_copy_and_csum_bits(skb, offset, to + headers->len, len);
	if (headers->is_v4 && !cut->fixed_id)
		((struct iphdr *)cut->bytes)->id = htons(cut->id + i);
	set_lengths(headers, cut->bytes, behind_ip);
	if (headers->is_tcp) {
		((struct tcphdr *)transport)->seq =
			htonl(cut->sequence + i * cut->payload);
		transport[TCP_FLAGS_OFFSET] = flags_of(cut, i);
	}
	*check = 0;
	sum = csum_partial(transport, headers->len - headers->transport, sum);
	*check = transport_sum(headers, cut->bytes, behind_ip, sum);
	/* Zero says "no checksum" in UDP. */
	if (!headers->is_tcp && !*check)
		*check = CSUM_MANGLED_0;
	memcpy(to, cut->bytes, headers->len);
}

/* May packets with these headers be part of a super-packet? @len bytes in all. */
static bool is_plain(const struct snaptun_headers *headers, const u8 *bytes,
		     unsigned int len)
{
	const u8 *transport = bytes + headers->transport;

	if (headers->is_v4) {
		const struct iphdr *ip = (const struct iphdr *)bytes;

		if (ntohs(ip->tot_len) != len || ip_fast_csum(ip, ip->ihl))
			return false;
	} else if (ntohs(((const struct ipv6hdr *)bytes)->payload_len) !=
		   len - headers->transport) {
		return false;
	}
	if (headers->is_tcp)
		return !(transport[TCP_FLAGS_OFFSET] &
			 ~(TCPHDR_ACK | TCPHDR_PSH | TCPHDR_FIN | TCPHDR_ECE));
	/* The checksum of a UDP packet must stay where there is one, and only there. */
	return ntohs(((const struct udphdr *)transport)->len) ==
		       len - headers->transport &&
	       ((const struct udphdr *)transport)->check;
}

/**
 * snaptun_run_begin() - begin a run with a packet
 * @run: the run
 * @packet: the packet
 * @len: its bytes
 * @may_merge: others may follow, as far as the caller goes
 */
void snaptun_run_begin(struct snaptun_run *run, const u8 *packet,
		       unsigned int len, bool may_merge)
{
	u8 bytes[SNAPTUN_HEADERS_MAX] __aligned(4);
	unsigned int part = min_t(unsigned int, len, sizeof(bytes));

	memset(run, 0, sizeof(*run));
	run->count = 1;
	run->len = len;
	if (!may_merge)
		return;
	memcpy(bytes, packet, part);
	if (!parse(&run->headers, bytes, part) || len <= run->headers.len ||
	    !is_plain(&run->headers, bytes, len))
		return;
	run->payload = len - run->headers.len;
	if (run->headers.is_tcp)
		run->last_flags = bytes[run->headers.transport + TCP_FLAGS_OFFSET] &
				  (TCPHDR_FIN | TCPHDR_PSH);
	run->open = !run->last_flags;
}

/**
 * snaptun_run_may_grow() - may a packet of this length be the next of a run?
 * @run: the run
 * @len: the packet's bytes
 *
 * Those of the next packet are written over the end of the run for a moment, and must not
 * reach the first one's headers.
 *
 * Return: false where its headers need not be looked at.
 */
bool snaptun_run_may_grow(const struct snaptun_run *run, unsigned int len)
{
	return run->open && len > run->headers.len &&
	       run->len >= 2 * run->headers.len &&
	       len - run->headers.len <= run->payload && run->count < U8_MAX &&
	       run->len + len - run->headers.len <= U16_MAX;
}

static bool follows_v4(struct snaptun_run *run, const struct iphdr *first,
		       const struct iphdr *next)
{
	u16 distance = ntohs(next->id) - ntohs(first->id);

	if (first->tos != next->tos || first->ttl != next->ttl ||
	    first->frag_off != next->frag_off ||
	    first->protocol != next->protocol ||
	    first->saddr != next->saddr || first->daddr != next->daddr)
		return false;
	if (run->count == 1)
		run->id_step = distance ? 1 : 0;
	/* Where fragments are possible, each packet has an identification of its own. */
	if (!run->id_step && !(first->frag_off & htons(IP_DF)))
		return false;
	return distance == run->id_step * run->count;
}

static bool follows_v6(const struct ipv6hdr *first, const struct ipv6hdr *next)
{
	/* Version, traffic class and flow label. */
	return *(const __be32 *)first == *(const __be32 *)next &&
	       first->nexthdr == next->nexthdr &&
	       first->hop_limit == next->hop_limit &&
	       ipv6_addr_equal(&first->saddr, &next->saddr) &&
	       ipv6_addr_equal(&first->daddr, &next->daddr);
}

static bool follows_tcp(const struct snaptun_run *run,
			const struct tcphdr *first, const struct tcphdr *next)
{
	const __be32 ends = TCP_FLAG_FIN | TCP_FLAG_PSH;

	return first->source == next->source && first->dest == next->dest &&
	       ntohl(next->seq) == ntohl(first->seq) + run->count * run->payload &&
	       first->ack_seq == next->ack_seq &&
	       !((tcp_flag_word(first) ^ tcp_flag_word(next)) & ~ends) &&
	       !memcmp(first + 1, next + 1,
		       run->headers.len - run->headers.transport - sizeof(*first));
}

/**
 * snaptun_run_append() - is a packet the next of a run?
 * @run: the run; it has the packet from now on if so
 * @first: the run's first packet
 * @next: the packet
 * @len: its bytes, with which snaptun_run_may_grow()
 *
 * The rules are those of GRO: what is made of the run can be cut into the same packets.
 *
 * Return: true if it is.
 */
bool snaptun_run_append(struct snaptun_run *run, const u8 *first, const u8 *next,
			unsigned int len)
{
	unsigned int transport = run->headers.transport;
	u8 bytes[SNAPTUN_HEADERS_MAX] __aligned(4);
	struct snaptun_headers headers;

	memcpy(bytes, next, run->headers.len);
	if (!parse(&headers, bytes, run->headers.len) ||
	    memcmp(&headers, &run->headers, sizeof(headers)) ||
	    !is_plain(&headers, bytes, len))
		return false;
	if (headers.is_v4 ? !follows_v4(run, (const struct iphdr *)first,
					(const struct iphdr *)bytes) :
			    !follows_v6((const struct ipv6hdr *)first,
					(const struct ipv6hdr *)bytes))
		return false;
	if (headers.is_tcp) {
		if (!follows_tcp(run, (const struct tcphdr *)(first + transport),
				 (const struct tcphdr *)(bytes + transport)))
			return false;
		run->last_flags = bytes[transport + TCP_FLAGS_OFFSET] &
				  (TCPHDR_FIN | TCPHDR_PSH);
	} else if (memcmp(first + transport, bytes + transport, 2 * sizeof(__be16))) {
		/* The ports are others. */
		return false;
	}
	len -= headers.len;
	run->len += len;
	run->count++;
	run->open = len == run->payload && !run->last_flags;
	return true;
}

/**
 * snaptun_run_finish() - make a packet that stands for packets of a run
 * @run: the run, of several packets
 * @skb: has the headers of the first packet in its linear part, and the payload of
 *	packets @from to @to; gets the headers that belong before it
 * @from: first packet
 * @to: the packet behind the last
 *
 * Its checksum is left to whoever needs it: nobody, where it stays on this machine.
 */
void snaptun_run_finish(const struct snaptun_run *run, struct sk_buff *skb,
			unsigned int from, unsigned int to)
{
	const struct snaptun_headers *headers = &run->headers;
	unsigned int behind_ip = skb->len - headers->transport;
	u8 *transport = skb->data + headers->transport;

	if (headers->is_v4) {
		struct iphdr *ip = (struct iphdr *)skb->data;

		ip->id = htons(ntohs(ip->id) + from * run->id_step);
	}
	set_lengths(headers, skb->data, behind_ip);
	if (headers->is_tcp) {
		struct tcphdr *tcp = (struct tcphdr *)transport;

		tcp->seq = htonl(ntohl(tcp->seq) + from * run->payload);
		transport[TCP_FLAGS_OFFSET] &= ~(TCPHDR_FIN | TCPHDR_PSH);
		if (to == run->count)
			transport[TCP_FLAGS_OFFSET] |= run->last_flags;
	}
	*(__sum16 *)(transport + checksum_offset(headers)) =
		~transport_sum(headers, skb->data, behind_ip, 0);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + headers->transport;
	skb->csum_offset = checksum_offset(headers);
	if (to - from == 1)
		return;
	skb_shinfo(skb)->gso_size = run->payload;
	skb_shinfo(skb)->gso_segs = to - from;
	skb_shinfo(skb)->gso_type = gso_type(headers);
	if (headers->is_tcp && headers->is_v4 && !run->id_step)
		skb_shinfo(skb)->gso_type |= SKB_GSO_TCP_FIXEDID;
}
