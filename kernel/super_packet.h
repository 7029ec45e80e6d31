/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Super-packets: one packet of the stack that stands for many of a flow, cut into
 * those on the way out, and made of those on the way in.
 */
#ifndef SNAPTUN_SUPER_PACKET_H
#define SNAPTUN_SUPER_PACKET_H

#include <linux/ipv6.h>
#include <linux/skbuff.h>

/* IPv6, and TCP with all options that it has room for. */
#define SNAPTUN_HEADERS_MAX	(sizeof(struct ipv6hdr) + 60)

/**
 * struct snaptun_headers - what the headers of a packet of TCP or UDP are
 * @is_v4: it is IPv4, without options; otherwise IPv6 without extension headers
 * @is_tcp: it is TCP; otherwise UDP
 * @transport: where the transport header begins
 * @len: bytes of all headers
 */
struct snaptun_headers {
	bool is_v4;
	bool is_tcp;
	u8 transport;
	u8 len;
};

/**
 * struct snaptun_cut - how a super-packet is cut into segments
 * @headers: what its headers are
 * @payload: payload of each segment but the last, which may have less; bytes
 * @count: how many segments
 * @last: payload of that
 * @fixed_id: all have the IPv4 identification of the super-packet
 * @bytes: its headers; changed from segment to segment
 * @id: its IPv4 identification
 * @sequence: its TCP sequence number
 * @first_flags: its TCP flags; FIN and PSH are for the last segment, CWR for the first
 */
struct snaptun_cut {
	struct snaptun_headers headers;
	unsigned int payload;
	unsigned int count;
	unsigned int last;
	bool fixed_id;
	u8 bytes[SNAPTUN_HEADERS_MAX] __aligned(4);
	u16 id;
	u32 sequence;
	u8 first_flags;
};

/**
 * struct snaptun_run - packets of one flow whose payloads lie end to end
 * @headers: what the headers of each are
 * @open: another packet may follow
 * @id_step: by how much the IPv4 identification of each is above that of the one before
 * @last_flags: TCP flags FIN and PSH of the last
 * @count: how many packets
 * @payload: payload of each but the last, which may have less; bytes
 * @len: bytes of all, with the headers of the first alone
 */
struct snaptun_run {
	struct snaptun_headers headers;
	bool open;
	u8 id_step;
	u8 last_flags;
	u8 count;
	u16 payload;
	u32 len;
};

bool snaptun_cut_plan(struct snaptun_cut *cut, const struct sk_buff *skb);
void snaptun_cut_segment(struct snaptun_cut *cut, const struct sk_buff *skb,
			 unsigned int i, u8 *to);

void snaptun_run_begin(struct snaptun_run *run, const u8 *packet,
		       unsigned int len, bool may_merge);
bool snaptun_run_may_grow(const struct snaptun_run *run, unsigned int len);
bool snaptun_run_append(struct snaptun_run *run, const u8 *first, const u8 *next,
			unsigned int len);
void snaptun_run_finish(const struct snaptun_run *run, struct sk_buff *skb,
			unsigned int from, unsigned int to);

/* Bytes of segment @i. */
static inline unsigned int snaptun_cut_len(const struct snaptun_cut *cut,
					   unsigned int i)
{
	return cut->headers.len +
	       (i + 1 < cut->count ? cut->payload : cut->last);
}

/* Bytes of payload of the packets before packet @i of a run. */
static inline unsigned int snaptun_run_payload(const struct snaptun_run *run,
					       unsigned int i)
{
	return i < run->count ? i * run->payload : run->len - run->headers.len;
}

#endif
