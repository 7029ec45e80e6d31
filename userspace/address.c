// SPDX-License-Identifier: GPL-2.0-or-later
/* Socket addresses: from text, to text, into netlink messages. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/snaptun.h>

#include "address.h"
#include "key.h"
#include "options.h"
#include "report.h"

/* How long a look-up may be tried that fails for the moment, in seconds. */
#define LOOKUP_SECONDS	15

#define LABEL_MAX	63

/* Splits "HOST:PORT" or "[HOST]:PORT"; the port's text stays in place. */
static bool split(const char *text, char *host, size_t size, bool *brackets,
		  const char **port)
{
	const char *end;

	*brackets = *text == '[';
	if (*brackets) {
		text++;
		end = strchr(text, ']');
		if (!end || end[1] != ':')
			return false;
		*port = end + 2;
	} else {
		end = strchr(text, ':');
		if (!end)
			return false;
		*port = end + 1;
	}
	if ((size_t)(end - text) >= size)
		return false;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	return true;
}

/* Whether a label is what some take for a part of an address: 2, 0x7f. */
static bool is_number(const char *label, size_t length)
{
	return strspn(label, "0123456789") >= length ||
	       (length > 1 && label[0] == '0' && tolower(label[1]) == 'x');
}

/*
 * Whether a text may be a host's name. What the resolver would read as an address in
 * one of its old forms is none: its last label is a number.
 */
static bool is_name(const char *text)
{
	size_t length;

	for (;; text += length + 1) {
		length = strcspn(text, ".");
		if (!length || length > LABEL_MAX || *text == '-' ||
		    strspn(text, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") < length)
			return false;
		/* A dot at the end is one that ends the name. */
		if (!text[length] || !text[length + 1])
			return !is_number(text, length);
	}
}

static enum status read_scope(const char *what, const char *text,
			      struct address *address)
{
	address->scope_id = if_nametoindex(text);
	if (address->scope_id)
		return STATUS_OK;
	if (*text >= '0' && *text <= '9')
		return options_number(what, text, 1, INT32_MAX, &address->scope_id);
	return report_usage("%s: there is no interface \"%.64s\"", what,
			    key_hide(text));
}

static enum status read_ipv6(const char *what, char *host,
			     struct address *address)
{
	char *scope = strchr(host, '%');
	enum status status;

	if (scope)
		*scope++ = '\0';
	address->family = AF_INET6;
	if (inet_pton(AF_INET6, host, &address->ipv6) != 1)
		return report_usage("%s: \"%.64s\" is no IPv6 address", what,
				    key_hide(host));
	status = scope ? read_scope(what, scope, address) : STATUS_OK;
	if (status == STATUS_OK && scope && !IN6_IS_ADDR_LINKLOCAL(&address->ipv6))
		return report_usage("%s: %s is not link-local, and takes no interface",
				    what, host);
	return status;
}

static enum status read_ipv4_or_name(const char *what, const char *host,
				     struct address *address)
{
	address->family = AF_INET;
	if (inet_pton(AF_INET, host, &address->ipv4) == 1)
		return STATUS_OK;
	if (!is_name(host))
		return report_usage("%s: \"%.64s\" is neither an IPv4 address nor a name",
				    what, key_hide(host));
	snprintf(address->name, sizeof(address->name), "%s", host);
	return STATUS_OK;
}

enum status address_option(const char *what, const char *text,
			   struct address *address)
{
	char host[ADDRESS_NAME_SIZE];
	const char *port_text;
	enum status status;
	bool brackets;
	uint32_t port;

	memset(address, 0, sizeof(*address));
	if (!split(text, host, sizeof(host), &brackets, &port_text))
		return report_usage("%s: \"%.64s\" is neither HOST:PORT nor [ADDRESS]:PORT",
				    what, key_hide(text));
	if (!brackets && strchr(port_text, ':'))
		return report_usage("%s: more than one colon; an IPv6 address stands in brackets",
				    what);
	status = brackets ? read_ipv6(what, host, address) :
			    read_ipv4_or_name(what, host, address);
	if (status != STATUS_OK)
		return status;
	if (!*port_text)
		return report_usage("%s: the port is missing", what);
	status = options_number(what, port_text, 0, UINT16_MAX, &port);
	address->port = (uint16_t)port;
	return status;
}

const char *address_parse(const char *text, struct address *address)
{
	char host[ADDRESS_NAME_SIZE];
	const char *port_text;
	bool brackets;
	uint32_t port;

	memset(address, 0, sizeof(*address));
	if (!split(text, host, sizeof(host), &brackets, &port_text))
		return "it is neither HOST:PORT nor [ADDRESS]:PORT";
	if (!options_scan(port_text, 10, UINT16_MAX, &port) || !port)
		return "its port is no number from 1 to 65535";
	address->port = (uint16_t)port;
	address->family = brackets ? AF_INET6 : AF_INET;
	/* Addresses of both families have the same place. */
	if (inet_pton(address->family, host, &address->ipv6) == 1)
		return NULL;
	if (brackets || !is_name(host))
		return "its host is neither an address nor a name";
	snprintf(address->name, sizeof(address->name), "%s", host);
	return NULL;
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}

/* Asks the resolver until it has an answer, be it that there is none. */
static int look_up(const char *name, struct addrinfo **found)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM,
	};
	time_t begin = seconds();
	unsigned int pause = 1;
	int error;

	for (;;) {
		error = getaddrinfo(name, NULL, &hints, found);
		if (error != EAI_AGAIN ||
		    seconds() - begin + pause > LOOKUP_SECONDS)
			return error;
		sleep(pause);
		pause *= 2;
	}
}

enum status address_look_up(const char *what, struct address *address)
{
	struct addrinfo *found;
	int error;

	if (!*address->name)
		return STATUS_OK;
	error = look_up(address->name, &found);
	if (error)
		return report(STATUS_FAILED, "%s: no address of %s is found: %s",
			      what, address->name,
			      error == EAI_SYSTEM ? strerror(errno) :
						    gai_strerror(error));
	address->family = found->ai_family;
	if (found->ai_family == AF_INET) {
		struct sockaddr_in ipv4;

		memcpy(&ipv4, found->ai_addr, sizeof(ipv4));
		address->ipv4 = ipv4.sin_addr;
	} else {
		struct sockaddr_in6 ipv6;

		memcpy(&ipv6, found->ai_addr, sizeof(ipv6));
		address->ipv6 = ipv6.sin6_addr;
		address->scope_id = ipv6.sin6_scope_id;
	}
	address->name[0] = '\0';
	freeaddrinfo(found);
	return STATUS_OK;
}

void address_put(struct netlink *netlink, int type,
		 const struct address *address)
{
	netlink_nest_begin(netlink, type);
	if (address->family == AF_INET)
		netlink_put(netlink, SNAPTUN_A_ADDRESS_IPV4, &address->ipv4,
			    sizeof(address->ipv4));
	else
		netlink_put(netlink, SNAPTUN_A_ADDRESS_IPV6, &address->ipv6,
			    sizeof(address->ipv6));
	netlink_put_u16(netlink, SNAPTUN_A_ADDRESS_PORT, htons(address->port));
	if (address->scope_id)
		netlink_put_u32(netlink, SNAPTUN_A_ADDRESS_SCOPE_ID,
				address->scope_id);
	netlink_nest_end(netlink);
}

bool address_equals(const json_t *object, const struct address *address)
{
	const char *ipv4 = json_string_value(json_object_get(object, "ipv4"));
	const char *ipv6 = json_string_value(json_object_get(object, "ipv6"));
	struct in6_addr host6;
	struct in_addr host4;

	if (json_integer_value(json_object_get(object, "port")) != address->port)
		return false;
	if (address->family == AF_INET)
		return ipv4 && inet_pton(AF_INET, ipv4, &host4) == 1 &&
		       host4.s_addr == address->ipv4.s_addr;
	return ipv6 && inet_pton(AF_INET6, ipv6, &host6) == 1 &&
	       IN6_ARE_ADDR_EQUAL(&host6, &address->ipv6) &&
	       json_integer_value(json_object_get(object, "scope-id")) ==
		       address->scope_id;
}

/* Writes an address and a port, in between the interface where it is one of a link. */
static const char *write_address(const char *host, bool brackets, unsigned int scope_id,
				 long long port, char text[ADDRESS_TEXT_SIZE])
{
	char name[IF_NAMESIZE];

	if (!brackets)
		snprintf(text, ADDRESS_TEXT_SIZE, "%s:%lld", host, port);
	else if (!scope_id)
		snprintf(text, ADDRESS_TEXT_SIZE, "[%s]:%lld", host, port);
	else if (if_indextoname(scope_id, name))
		snprintf(text, ADDRESS_TEXT_SIZE, "[%s%%%s]:%lld", host, name, port);
	else
		snprintf(text, ADDRESS_TEXT_SIZE, "[%s%%%u]:%lld", host, scope_id, port);
	return text;
}

const char *address_format(const json_t *object, char text[ADDRESS_TEXT_SIZE])
{
	const char *ipv4 = json_string_value(json_object_get(object, "ipv4"));
	const char *ipv6 = json_string_value(json_object_get(object, "ipv6"));
	long long port = json_integer_value(json_object_get(object, "port"));
	unsigned int scope_id = (unsigned int)
		json_integer_value(json_object_get(object, "scope-id"));

	if (ipv4 || ipv6)
		return write_address(ipv4 ? ipv4 : ipv6, !ipv4, scope_id, port, text);
	snprintf(text, ADDRESS_TEXT_SIZE, "unknown");
	return text;
}

const char *address_write(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
	char host[INET6_ADDRSTRLEN] = "";

	inet_ntop(address->family, &address->ipv6, host, sizeof(host));
	return write_address(host, address->family == AF_INET6, address->scope_id,
			     address->port, text);
}

bool address_is_any(const struct address *address)
{
	return address->family == AF_INET ? address->ipv4.s_addr == htonl(INADDR_ANY) :
					    IN6_IS_ADDR_UNSPECIFIED(&address->ipv6);
}

bool address_is_loopback(const struct address *address)
{
	return address->family == AF_INET ?
		       ntohl(address->ipv4.s_addr) >> 24 == IN_LOOPBACKNET :
		       IN6_IS_ADDR_LOOPBACK(&address->ipv6);
}

socklen_t address_to_socket(const struct address *address,
			    struct sockaddr_storage *socket)
{
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)socket;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)socket;

	memset(socket, 0, sizeof(*socket));
	socket->ss_family = (sa_family_t)address->family;
	if (address->family == AF_INET) {
		ipv4->sin_port = htons(address->port);
		ipv4->sin_addr = address->ipv4;
		return sizeof(*ipv4);
	}
	ipv6->sin6_port = htons(address->port);
	ipv6->sin6_addr = address->ipv6;
	ipv6->sin6_scope_id = address->scope_id;
	return sizeof(*ipv6);
}
