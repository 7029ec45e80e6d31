// SPDX-License-Identifier: GPL-2.0
/*
 * The observed address of a handshake response, to and from its 20 bytes
 * (Documentation/protocol.rst, "Handshake response"): IP version, a zero byte, the port
 * in network order, and 16 bytes of address, of which IPv4 uses the last four.
 */

#include "address.h"

#include "compat.h"

enum observed_offsets {
	OBSERVED_VERSION = 0,
	OBSERVED_ZERO = 1,
	OBSERVED_PORT = 2,
	OBSERVED_ADDRESS = 4,
	OBSERVED_IPV4 = 16,
};

/**
 * snaptun_address_encode() - write an observed address
 * @address: the initiator's address as seen here
 * @observed: receives its 20 bytes
 */
void snaptun_address_encode(const struct snaptun_address *address,
			    u8 observed[SNAPTUN_OBSERVED_SIZE])
{
	memset(observed, 0, SNAPTUN_OBSERVED_SIZE);
	put_unaligned(address->port, (__be16 *)(observed + OBSERVED_PORT));
	if (snaptun_address_is_v4(address)) {
		observed[OBSERVED_VERSION] = 4;
		memcpy(observed + OBSERVED_IPV4, &address->ip.s6_addr32[3], 4);
	} else {
		observed[OBSERVED_VERSION] = 6;
		memcpy(observed + OBSERVED_ADDRESS, &address->ip, 16);
	}
}

/**
 * snaptun_address_decode() - read an observed address
 * @address: receives the address; unchanged where there is none
 * @observed: 20 bytes that a peer reported
 *
 * Return: false where the version is none, the second byte not zero, or the
 * port zero.
 */
bool snaptun_address_decode(struct snaptun_address *address,
			    const u8 observed[SNAPTUN_OBSERVED_SIZE])
{
	__be16 port = get_unaligned((const __be16 *)(observed + OBSERVED_PORT));
	u8 version = observed[OBSERVED_VERSION];

	if (observed[OBSERVED_ZERO] || !port || (version != 4 && version != 6))
		return false;
	memset(address, 0, sizeof(*address));
	address->port = port;
	if (version == 4) {
		__be32 ip;

		memcpy(&ip, observed + OBSERVED_IPV4, sizeof(ip));
		ipv6_addr_set_v4mapped(ip, &address->ip);
	} else {
		memcpy(&address->ip, observed + OBSERVED_ADDRESS, 16);
	}
	return true;
}
