/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCION packet headers, as much as a tunnel needs of them: whether they are
 * whole, and which hosts and port they name.
 */
#ifndef SNAPTUN_SCION_H
#define SNAPTUN_SCION_H

#include <linux/types.h>

struct sk_buff;
struct snaptun_address;

/* Common header, address header at its longest (16-byte hosts). */
#define SNAPTUN_SCION_HEADER_MIN	36
#define SNAPTUN_SCION_FIXED_MAX		60

/**
 * enum snaptun_scion_side - which end of a packet
 * @SNAPTUN_SCION_SOURCE: its sender
 * @SNAPTUN_SCION_DESTINATION: its receiver
 */
enum snaptun_scion_side {
	SNAPTUN_SCION_SOURCE,
	SNAPTUN_SCION_DESTINATION,
};

/**
 * struct snaptun_scion - what a SCION header says
 * @header_len: bytes before the payload
 * @payload_len: bytes of payload that the header claims
 * @next_header: protocol of the payload
 * @path_type: 0 empty, 1 SCION
 * @host_type: type and length of each side's host address (4 bits), by side
 * @host_offset: where each side's host address begins
 */
struct snaptun_scion {
	u16 header_len;
	u16 payload_len;
	u8 next_header;
	u8 path_type;
	u8 host_type[2];
	u8 host_offset[2];
};

bool snaptun_scion_parse(struct snaptun_scion *scion, const u8 *data, size_t len,
			 size_t packet_len);
bool snaptun_scion_endpoint(struct sk_buff *skb, enum snaptun_scion_side side,
			    struct snaptun_address *address);
bool snaptun_scion_wants_answer(const struct sk_buff *skb);
struct sk_buff *snaptun_scion_too_big(const struct sk_buff *skb, unsigned int mtu);

#endif
