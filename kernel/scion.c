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
	SCION_HOSTS = 12 + 2 * 8,
};

enum scion_protocols {
	SCION_UDP = 17,
	SCION_SCMP = 202,
};

enum scion_host_types {
	SCION_HOST_IPV4 = 0x0,	/* type 0, 4 bytes */
	SCION_HOST_IPV6 = 0x3,	/* type 0, 16 bytes */
};

enum scmp_types {
	SCMP_ECHO_REQUEST = 128,
	SCMP_ECHO_REPLY = 129,
	SCMP_TRACEROUTE_REQUEST = 130,
	SCMP_TRACEROUTE_REPLY = 131,
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

/*
 * The port that a packet's payload names for @side: a UDP port, or the
 * identifier of SCMP informational messages. 0 where it names none.
 */
static __be16 payload_port(struct sk_buff *skb, const struct snaptun_scion *scion,
			   enum snaptun_scion_side side)
{
	u8 buffer[8];
	const u8 *payload;
	size_t offset;

	payload = skb_header_pointer(skb, scion->header_len, sizeof(buffer),
				     buffer);
	if (!payload)
		return 0;
	switch (scion->next_header) {
	case SCION_UDP:
		offset = side == SNAPTUN_SCION_SOURCE ?
				 offsetof(struct udphdr, source) :
				 offsetof(struct udphdr, dest);
		break;
	case SCION_SCMP:
		if (payload[0] < SCMP_ECHO_REQUEST ||
		    payload[0] > SCMP_TRACEROUTE_REPLY)
			return 0;
		offset = 4;
		break;
	default:
		return 0;
	}
	return get_unaligned((const __be16 *)(payload + offset));
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
	size_t len = min_t(size_t, skb->len, sizeof(buffer));
	struct snaptun_scion scion;
	const u8 *data, *host;

	data = skb_header_pointer(skb, 0, len, buffer);
	if (!data || !snaptun_scion_parse(&scion, data, len, skb->len))
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
