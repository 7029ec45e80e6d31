// SPDX-License-Identifier: GPL-2.0
/*
 * SCION packet headers. Common header, 12 bytes: version, traffic class and
 * flow id, next header, header length in 4-byte units, payload length, path type,
 * host address types. Address header: both ISD-ASes (8 bytes each), then the
 * hosts, destination first. The path and the payload follow.
 */

#include "scion.h"

#include <linux/skbuff.h>
#include <linux/udp.h>

#include "address.h"
#include "compat.h"

enum scion_offsets {
	SCION_NEXT_HEADER = 4,
	SCION_HEADER_LEN = 5,
	SCION_PAYLOAD_LEN = 6,
	SCION_PATH_TYPE = 8,
	SCION_HOST_TYPES = 9,
	SCION_DESTINATION_AS = 12,
	SCION_SOURCE_AS = 20,
	SCION_HOSTS = 28,
	SCION_AS_LEN = 8,
};

enum scion_protocols {
	SCION_UDP = 17,
	SCION_HOP_BY_HOP = 200,		/* extension headers */
	SCION_END_TO_END = 201,
	SCION_SCMP = 202,
};

enum scion_host_types {
	SCION_HOST_IPV4 = 0x0,	/* type 0, 4 bytes */
	SCION_HOST_IPV6 = 0x3,	/* type 0, 16 bytes */
};

enum scmp_types {
	SCMP_PACKET_TOO_BIG = 2,
	SCMP_INFORMATIONAL = 128,	/* errors are below */
	SCMP_ECHO_REQUEST = 128,
	SCMP_ECHO_REPLY = 129,
	SCMP_TRACEROUTE_REQUEST = 130,
	SCMP_TRACEROUTE_REPLY = 131,
};

enum scion_sizes {
	EXTENSION_MIN = 2,	/* next header, length in 4-byte units less one */
	SCMP_HEADER_LEN = 8,	/* type, code, checksum, four bytes by type */
	SCMP_PACKET_MAX = 1232,	/* of an error, with all that it quotes */
};

/* The low two bits of a host type count 4-byte units, less one. */
static u8 host_len(u8 type)
{
	return 4 * ((type & 3) + 1);
}

/**
 * snaptun_scion_parse() - read the common and address header
 * @scion: receives what they say
 * @data: the packet's beginning
 * @len: bytes of it at @data; SNAPTUN_SCION_FIXED_MAX are enough
 * @packet_len: bytes of the whole packet
 *
 * A payload may be cut short; the header may not.
 *
 * Return: false where the headers are damaged or cut off.
 */
bool snaptun_scion_parse(struct snaptun_scion *scion, const u8 *data, size_t len,
			 size_t packet_len)
{
	u8 types, destination_len, source_len;

	if (len < SNAPTUN_SCION_HEADER_MIN || data[0] >> 4)
		return false;
	types = data[SCION_HOST_TYPES];
	scion->next_header = data[SCION_NEXT_HEADER];
	scion->header_len = 4 * data[SCION_HEADER_LEN];
	scion->payload_len = get_unaligned_be16(data + SCION_PAYLOAD_LEN);
	scion->path_type = data[SCION_PATH_TYPE];
	scion->host_type[SNAPTUN_SCION_DESTINATION] = types >> 4;
	scion->host_type[SNAPTUN_SCION_SOURCE] = types & 0xf;

	destination_len = host_len(types >> 4);
	source_len = host_len(types & 0xf);
	scion->host_offset[SNAPTUN_SCION_DESTINATION] = SCION_HOSTS;
	scion->host_offset[SNAPTUN_SCION_SOURCE] = SCION_HOSTS + destination_len;

	return scion->header_len >= SCION_HOSTS + destination_len + source_len &&
	       SCION_HOSTS + destination_len + source_len <= len &&
	       scion->header_len <= packet_len;
}

/* The beginning of a packet at @offset; @buffer has room for its longest header. */
static bool parse_at(const struct sk_buff *skb, unsigned int offset, u8 *buffer,
		     struct snaptun_scion *scion, const u8 **data)
{
	size_t len;

	if (offset >= skb->len)
		return false;
	len = min_t(size_t, skb->len - offset, SNAPTUN_SCION_FIXED_MAX);
	*data = skb_header_pointer(skb, offset, len, buffer);
	return *data &&
	       snaptun_scion_parse(scion, *data, len, skb->len - offset);
}

/*
 * What the payload of the packet at @offset is and where, behind its extension
 * headers, of which there is one of each kind at most.
 */
static bool find_payload(const struct sk_buff *skb,
			 const struct snaptun_scion *scion, unsigned int *offset,
			 u8 *protocol)
{
	static const u8 kinds[] = { SCION_HOP_BY_HOP, SCION_END_TO_END };
	const u8 *extension;
	u8 buffer[EXTENSION_MIN];
	unsigned int i;

	*protocol = scion->next_header;
	*offset += scion->header_len;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (*protocol != kinds[i])
			continue;
		extension = skb_header_pointer(skb, *offset, sizeof(buffer),
					       buffer);
		if (!extension)
			return false;
		*protocol = extension[0];
		*offset += 4 * (extension[1] + 1);
	}
	return true;
}

/* The UDP port of one side of the payload at @offset, 0 where it is cut off. */
static __be16 udp_port(const struct sk_buff *skb, unsigned int offset,
		       enum snaptun_scion_side side)
{
	const struct udphdr *udp;
	struct udphdr buffer;

	udp = skb_header_pointer(skb, offset, sizeof(buffer), &buffer);
	if (!udp)
		return 0;
	return side == SNAPTUN_SCION_SOURCE ? udp->source : udp->dest;
}

/*
 * The port of an SCMP message at @offset: the identifier of an echo or traceroute;
 * of an error, for its destination, the port that sent the packet it quotes.
 */
static __be16 scmp_port(const struct sk_buff *skb, unsigned int offset,
			enum snaptun_scion_side side)
{
	u8 buffer[SCMP_HEADER_LEN], quoted[SNAPTUN_SCION_FIXED_MAX];
	struct snaptun_scion scion;
	const u8 *scmp, *data;
	u8 protocol;

	scmp = skb_header_pointer(skb, offset, sizeof(buffer), buffer);
	if (!scmp)
		return 0;
	if (scmp[0] >= SCMP_ECHO_REQUEST && scmp[0] <= SCMP_TRACEROUTE_REPLY)
		return get_unaligned((const __be16 *)(scmp + 4));
	offset += SCMP_HEADER_LEN;
	if (scmp[0] >= SCMP_INFORMATIONAL ||
	    side != SNAPTUN_SCION_DESTINATION ||
	    !parse_at(skb, offset, quoted, &scion, &data) ||
	    !find_payload(skb, &scion, &offset, &protocol) ||
	    protocol != SCION_UDP)
		return 0;
	return udp_port(skb, offset, SNAPTUN_SCION_SOURCE);
}

/* The port that a packet's payload names for @side, 0 where it names none. */
static __be16 payload_port(const struct sk_buff *skb,
			   const struct snaptun_scion *scion,
			   enum snaptun_scion_side side)
{
	unsigned int offset = 0;
	u8 protocol;

	if (!find_payload(skb, scion, &offset, &protocol))
		return 0;
	switch (protocol) {
	case SCION_UDP:
		return udp_port(skb, offset, side);
	case SCION_SCMP:
		return scmp_port(skb, offset, side);
	default:
		return 0;
	}
}

/**
 * snaptun_scion_endpoint() - the socket address of one side of a packet
 * @skb: a packet whose data begins with the SCION header
 * @side: which side
 * @address: receives its host address and port
 *
 * Context: any.
 *
 * Return: false where the packet is damaged, or names no IP host or no port.
 */
bool snaptun_scion_endpoint(struct sk_buff *skb, enum snaptun_scion_side side,
			    struct snaptun_address *address)
{
	u8 buffer[SNAPTUN_SCION_FIXED_MAX];
	struct snaptun_scion scion;
	const u8 *data, *host;

	if (!parse_at(skb, 0, buffer, &scion, &data))
		return false;
	memset(address, 0, sizeof(*address));
	host = data + scion.host_offset[side];
	switch (scion.host_type[side]) {
	case SCION_HOST_IPV4:
		ipv6_addr_set_v4mapped(get_unaligned((const __be32 *)host),
				       &address->ip);
		break;
	case SCION_HOST_IPV6:
		memcpy(&address->ip, host, sizeof(address->ip));
		break;
	default:
		return false;
	}
	address->port = payload_port(skb, &scion, side);
	return address->port;
}

/*
 * The checksum of SCMP: over a pseudo header of both addresses, the message's
 * length and its protocol, and then the message.
 */
static __sum16 scmp_checksum(const u8 *addresses, unsigned int addresses_len,
			     const u8 *scmp, unsigned int len)
{
	__be32 pseudo[2] = { cpu_to_be32(len), cpu_to_be32(SCION_SCMP) };
	__wsum sum;

	sum = csum_partial(addresses, addresses_len, 0);
	sum = csum_partial(pseudo, sizeof(pseudo), sum);
	return csum_fold(csum_partial(scmp, len, sum));
}

/**
 * snaptun_scion_wants_answer() - may an error be sent in answer to a packet?
 * @skb: the packet; its data begins with the SCION header
 *
 * Context: any.
 *
 * Return: false where it is damaged, or an error itself.
 */
bool snaptun_scion_wants_answer(const struct sk_buff *skb)
{
	u8 buffer[SNAPTUN_SCION_FIXED_MAX], protocol, type;
	struct snaptun_scion scion;
	unsigned int offset = 0;
	const u8 *data;

	if (!parse_at(skb, 0, buffer, &scion, &data) ||
	    !find_payload(skb, &scion, &offset, &protocol))
		return false;
	return protocol != SCION_SCMP ||
	       (!skb_copy_bits(skb, offset, &type, sizeof(type)) &&
		type >= SCMP_INFORMATIONAL);
}

/**
 * snaptun_scion_too_big() - make the answer to a packet that is too big
 * @skb: a packet that wants one; its data begins with the SCION header
 * @mtu: the most bytes that a packet may have
 *
 * The answer is an SCMP "packet too big" to the packet's sender, in the sender's
 * own name and over an empty path, since it comes from the sender's own host. It
 * quotes as much of the packet as fits into 1232 bytes.
 *
 * Context: any.
 *
 * Return: the answer, its data beginning with the SCION header, or NULL where @skb
 * is damaged, or where there is no memory.
 */
struct sk_buff *snaptun_scion_too_big(const struct sk_buff *skb, unsigned int mtu)
{
	unsigned int host, addresses_len, header_len, quote;
	u8 buffer[SNAPTUN_SCION_FIXED_MAX], type;
	struct snaptun_scion scion;
	struct sk_buff *answer;
	u8 *header, *scmp;
	const u8 *data;

	if (!parse_at(skb, 0, buffer, &scion, &data))
		return NULL;
	host = host_len(scion.host_type[SNAPTUN_SCION_SOURCE]);
	addresses_len = 2 * SCION_AS_LEN + 2 * host;
	header_len = SCION_DESTINATION_AS + addresses_len;
	quote = min_t(unsigned int, skb->len,
		      SCMP_PACKET_MAX - header_len - SCMP_HEADER_LEN);

	answer = alloc_skb(NET_SKB_PAD + header_len + SCMP_HEADER_LEN + quote,
			   GFP_ATOMIC | __GFP_NOWARN);
	if (!answer)
		return NULL;
	skb_reserve(answer, NET_SKB_PAD);
	header = skb_put_zero(answer, header_len);
	header[SCION_NEXT_HEADER] = SCION_SCMP;
	header[SCION_HEADER_LEN] = header_len / 4;
	put_unaligned_be16(SCMP_HEADER_LEN + quote, header + SCION_PAYLOAD_LEN);
	type = scion.host_type[SNAPTUN_SCION_SOURCE];
	header[SCION_HOST_TYPES] = type << 4 | type;
	memcpy(header + SCION_DESTINATION_AS, data + SCION_SOURCE_AS,
	       SCION_AS_LEN);
	memcpy(header + SCION_SOURCE_AS, data + SCION_SOURCE_AS, SCION_AS_LEN);
	data += scion.host_offset[SNAPTUN_SCION_SOURCE];
	memcpy(header + SCION_HOSTS, data, host);
	memcpy(header + SCION_HOSTS + host, data, host);

	scmp = skb_put_zero(answer, SCMP_HEADER_LEN + quote);
	scmp[0] = SCMP_PACKET_TOO_BIG;
	put_unaligned_be16(min_t(unsigned int, mtu, U16_MAX), scmp + 6);
	skb_copy_bits(skb, 0, scmp + SCMP_HEADER_LEN, quote);
	put_unaligned((__force u16)
		      scmp_checksum(header + SCION_DESTINATION_AS, addresses_len,
				    scmp, SCMP_HEADER_LEN + quote),
		      (u16 *)(scmp + 2));
	skb_reset_mac_header(answer);
	skb_reset_network_header(answer);
	return answer;
}
