// SPDX-License-Identifier: GPL-2.0-or-later
/* IP prefixes: from text, into netlink messages. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "key.h"
#include "options.h"
#include "prefix.h"
#include "report.h"

/* Reads one; its text is cut at the slash. Returns whether it was one. */
static bool parse(char *text, struct prefix *prefix, const char **hint)
{
	char *slash = strchr(text, '/');
	uint32_t most;
	uint32_t length;

	memset(prefix, 0, sizeof(*prefix));
	prefix->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	most = prefix->family == AF_INET6 ? 128 : 32;
	length = most;
	if (slash)
		*slash = '\0';
	*hint = "";
	if (inet_pton(prefix->family, text, &prefix->ipv6) != 1)
		return false;
	*hint = most == 32 ? ": its length is 0 to 32" : ": its length is 0 to 128";
	if (slash && !options_scan(slash + 1, 10, most, &length))
		return false;
	prefix->length = (uint8_t)length;
	return true;
}

enum status prefix_option(const char *what, const char *text,
			  struct prefixes *prefixes)
{
	prefixes->count = 0;
	if (!*text || !strcmp(text, "none"))
		return STATUS_OK;
	for (;;) {
		struct prefix *prefix = &prefixes->list[prefixes->count];
		size_t length = strcspn(text, ",");
		char shown[PREFIX_TEXT_SIZE];
		char each[PREFIX_TEXT_SIZE];
		const char *hint = "";

		if (prefixes->count == SNAPTUN_PREFIXES_MAX)
			return report_usage("%s: more than %d prefixes", what,
					    SNAPTUN_PREFIXES_MAX);
		if (!length)
			return report_usage("%s: prefix %zu is empty", what,
					    prefixes->count + 1);
		snprintf(shown, sizeof(shown), "%.*s", (int)length, text);
		memcpy(each, shown, sizeof(each));
		if (length >= sizeof(each) || !parse(each, prefix, &hint))
			return report_usage("%s: \"%s\" is no %s prefix%s", what,
					    key_hide(shown),
					    strchr(shown, ':') ? "IPv6" : "IPv4",
					    hint);
		prefixes->count++;
		if (!text[length])
			return STATUS_OK;
		text += length + 1;
	}
}

const char *prefix_format(const struct prefix *prefix, char text[PREFIX_TEXT_SIZE])
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(prefix->family, &prefix->ipv6, address, sizeof(address));
	snprintf(text, PREFIX_TEXT_SIZE, "%s/%u", address, prefix->length);
	return text;
}

void prefix_put(struct netlink *netlink, int type,
		const struct prefixes *prefixes)
{
	netlink_nest_begin(netlink, type);
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->list[i];

		netlink_nest_begin(netlink, SNAPTUN_A_ALLOWED_IPS_PREFIX);
		if (prefix->family == AF_INET)
			netlink_put(netlink, SNAPTUN_A_PREFIX_IPV4, &prefix->ipv4,
				    sizeof(prefix->ipv4));
		else
			netlink_put(netlink, SNAPTUN_A_PREFIX_IPV6, &prefix->ipv6,
				    sizeof(prefix->ipv6));
		netlink_put_u8(netlink, SNAPTUN_A_PREFIX_LENGTH, prefix->length);
		netlink_nest_end(netlink);
	}
	netlink_nest_end(netlink);
}
