/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket addresses: from text, to text, into netlink messages. */
#ifndef SNAPTUN_ADDRESS_H
#define SNAPTUN_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <jansson.h>
#include <net/if.h>

#include "command.h"
#include "netlink.h"

/* An address as text: brackets, an IPv6 address with its scope, a port. */
#define ADDRESS_TEXT_SIZE	(INET6_ADDRSTRLEN + IF_NAMESIZE + sizeof("[%]:65535"))

/* A host's name, 253 characters at most, and the terminating zero. */
#define ADDRESS_NAME_SIZE	254

/**
 * struct address - a socket address
 * @family: %AF_INET or %AF_INET6; tells which of @ipv4 and @ipv6 counts.
 * @port: UDP or TCP port, host byte order.
 * @ipv4: IPv4 address.
 * @ipv6: IPv6 address.
 * @scope_id: Index of the interface that a link-local IPv6 address belongs to;
 *	0 for none.
 * @name: Name of the host until address_look_up() has found its address; empty
 *	where it was given as an address.
 */
struct address {
	int family;
	uint16_t port;
	union {
		struct in_addr ipv4;
		struct in6_addr ipv6;
	};
	uint32_t scope_id;
	char name[ADDRESS_NAME_SIZE];
};

/**
 * address_option() - read HOST:PORT or [ADDR%SCOPE]:PORT
 * @what: The option's name, for the report.
 * @text: Its argument. HOST is an IPv4 address or a name; a scope may also be an
 *	interface's name.
 * @address: Where the address goes. A name is not looked up yet.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status address_option(const char *what, const char *text,
			   struct address *address);

/**
 * address_parse() - read HOST:PORT or [ADDRESS]:PORT that somebody else wrote
 * @text: The text. HOST is an IPv4 address or a name; there is no scope.
 * @address: Where the address goes; undefined on failure. Its port is not 0.
 *
 * Return: NULL, or what is wrong with it: "it is neither…".
 */
const char *address_parse(const char *text, struct address *address);

/**
 * address_look_up() - find the address of a host that was given by its name
 * @what: The option's name, for the report.
 * @address: What address_option() read; has an address on success. One that has it
 *	already causes no look-up.
 *
 * Takes the resolver's first answer, whatever its family. A failure that may pass
 * is tried again for some seconds.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status address_look_up(const char *what, struct address *address);

/**
 * address_put() - add an address to a request
 * @netlink: The connection, whose request was begun.
 * @type: Type of the attribute that holds the address's own attributes.
 * @address: The address, which is no name.
 */
void address_put(struct netlink *netlink, int type,
		 const struct address *address);

/**
 * address_equals() - is that the same socket address?
 * @object: The address as schema_decode() made it; NULL for none.
 * @address: The address, which is no name.
 */
bool address_equals(const json_t *object, const struct address *address);

/**
 * address_format() - write an address the way address_option() reads it
 * @object: The address as schema_decode() made it.
 * @text: Where the text goes.
 *
 * Return: @text.
 */
const char *address_format(const json_t *object, char text[ADDRESS_TEXT_SIZE]);

/**
 * address_write() - the same of an address of our own
 * @address: The address, which is no name.
 * @text: Where the text goes.
 *
 * Return: @text.
 */
const char *address_write(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

/**
 * address_is_any() - does it stand for all addresses of this machine?
 * @address: The address, which is no name.
 */
bool address_is_any(const struct address *address);

/**
 * address_is_loopback() - can this machine alone reach it?
 * @address: The address, which is no name.
 */
bool address_is_loopback(const struct address *address);

/**
 * address_to_socket() - have an address as system calls take it
 * @address: The address, which is no name.
 * @socket: Where it goes.
 *
 * Return: its length.
 */
socklen_t address_to_socket(const struct address *address,
			    struct sockaddr_storage *socket);

#endif /* SNAPTUN_ADDRESS_H */
