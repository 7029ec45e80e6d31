// SPDX-License-Identifier: GPL-2.0-or-later
/* UDP socket addresses: from text, to text, into netlink messages. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <linux/snaptun.h>

#include "address.h"
#include "key.h"
#include "options.h"
#include "report.h"

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

/* What people may have meant that looks like no address. */
static const char *hint(const char *text, bool brackets)
{
	if (brackets)
		return "";
	if (strchr(strchr(text, ':') + 1, ':'))
		return "; one of IPv6 stands in brackets";
	return text[strspn(text, "0123456789.:")] ?
		       "; names are not looked up" : "";
}

enum status address_option(const char *what, const char *text,
			   struct address *address)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	uint32_t port;
	const char *port_text;
	enum status status;
	bool brackets;
	char *scope;

	memset(address, 0, sizeof(*address));
	if (!split(text, host, sizeof(host), &brackets, &port_text))
		return report_usage("%s: \"%.64s\" is neither ADDRESS:PORT nor [ADDRESS]:PORT",
				    what, key_hide(text));
	scope = brackets ? strchr(host, '%') : NULL;
	if (scope)
		*scope++ = '\0';
	address->family = brackets ? AF_INET6 : AF_INET;
	if (inet_pton(address->family, host, &address->ipv6) != 1)
		return report_usage("%s: \"%.64s\" is no %s address%s", what,
				    key_hide(host), brackets ? "IPv6" : "IPv4",
				    hint(text, brackets));
	if (scope) {
		address->scope_id = if_nametoindex(scope);
		if (!address->scope_id) {
			status = *scope >= '0' && *scope <= '9' ?
				 options_number(what, scope, 1, INT32_MAX,
						&address->scope_id) :
				 report_usage("%s: there is no interface \"%.64s\"",
					      what, key_hide(scope));
			if (status != STATUS_OK)
				return status;
		}
	}
	if (scope && !IN6_IS_ADDR_LINKLOCAL(&address->ipv6))
		return report_usage("%s: %s is not link-local, and takes no interface",
				    what, host);
	if (!*port_text)
		return report_usage("%s: the port is missing", what);
	status = options_number(what, port_text, 0, UINT16_MAX, &port);
	address->port = (uint16_t)port;
	return status;
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

const char *address_format(const json_t *object, char text[ADDRESS_TEXT_SIZE])
{
	const char *ipv4 = json_string_value(json_object_get(object, "ipv4"));
	const char *ipv6 = json_string_value(json_object_get(object, "ipv6"));
	long long port = json_integer_value(json_object_get(object, "port"));
	unsigned int scope_id = (unsigned int)
		json_integer_value(json_object_get(object, "scope-id"));
	char name[IF_NAMESIZE];

	if (ipv4)
		snprintf(text, ADDRESS_TEXT_SIZE, "%s:%lld", ipv4, port);
	else if (ipv6 && !scope_id)
		snprintf(text, ADDRESS_TEXT_SIZE, "[%s]:%lld", ipv6, port);
	else if (ipv6 && if_indextoname(scope_id, name))
		snprintf(text, ADDRESS_TEXT_SIZE, "[%s%%%s]:%lld", ipv6, name, port);
	else if (ipv6)
		snprintf(text, ADDRESS_TEXT_SIZE, "[%s%%%u]:%lld", ipv6, scope_id, port);
	else
		snprintf(text, ADDRESS_TEXT_SIZE, "unknown");
	return text;
}
