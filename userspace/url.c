// SPDX-License-Identifier: GPL-2.0-or-later
/* URLs of control planes: read, written in one form, and where secrets may go. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "address.h"
#include "report.h"
#include "url.h"

/* What a reason says where libcurl's own words would tell no more. */
#define NO_URL	"it is no URL that begins with http:// or https://"

/* A host's address in its one form; false where it is a name. */
static bool write_address(char *host, size_t size, bool *loopback)
{
	struct in6_addr ipv6;
	struct in_addr ipv4;
	size_t length = strlen(host);

	if (inet_pton(AF_INET, host, &ipv4) == 1) {
		*loopback = ntohl(ipv4.s_addr) >> 24 == IN_LOOPBACKNET;
		return true;
	}
	if (host[0] != '[' || host[length - 1] != ']')
		return false;
	host[length - 1] = '\0';
	if (inet_pton(AF_INET6, host + 1, &ipv6) != 1 ||
	    !inet_ntop(AF_INET6, &ipv6, host + 1, (socklen_t)(size - 2)))
		return false;
	length = strlen(host);
	host[length] = ']';
	host[length + 1] = '\0';
	*loopback = IN6_IS_ADDR_LOOPBACK(&ipv6);
	return true;
}

/* Brings a host into its one form. */
static const char *write_host(char *host, size_t size, bool *loopback)
{
	if (write_address(host, size, loopback))
		return NULL;
	for (char *c = host; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.")])
		return "its host is neither an address nor a name";
	*loopback = !strcmp(host, "localhost");
	return NULL;
}

/* Copies a part of a URL, "" where there is none. */
static const char *part(CURLU *handle, CURLUPart which, unsigned int flags,
			char *text, size_t size)
{
	char *found = NULL;
	const char *wrong = NULL;

	*text = '\0';
	if (!curl_url_get(handle, which, &found, flags) &&
	    snprintf(text, size, "%s", found) >= (int)size)
		wrong = "it is too long";
	curl_free(found);
	return wrong;
}

static const char *write_url(CURLU *handle, struct url *url)
{
	/* The address of an IPv4-mapped one may grow by being brought into its form. */
	char host[ADDRESS_NAME_SIZE + INET6_ADDRSTRLEN];
	char zone[ADDRESS_NAME_SIZE], port[sizeof("65535")], path[URL_TEXT_SIZE];
	const char *scheme = url->https ? "https" : "http";
	const char *wrong;
	int length;

	wrong = part(handle, CURLUPART_HOST, 0, host, ADDRESS_NAME_SIZE);
	if (!wrong)
		wrong = part(handle, CURLUPART_ZONEID, 0, zone, sizeof(zone));
	if (!wrong)
		wrong = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT, port,
			     sizeof(port));
	if (!wrong)
		wrong = part(handle, CURLUPART_PATH, 0, path, sizeof(path));
	if (wrong)
		return wrong;
	if (*zone)
		return "its address is one of a link";
	if (!strcmp(port, "0"))
		return "its port is 0";
	wrong = write_host(host, sizeof(host), &url->loopback);
	if (wrong)
		return wrong;
	length = snprintf(url->text, sizeof(url->text), "%s://%s:%s", scheme,
			  host, port);
	url->origin_length = (size_t)length;
	length += snprintf(url->text + length, sizeof(url->text) - (size_t)length,
			   "%s", path);
	return length >= URL_TEXT_SIZE ? "it is too long" : NULL;
}

const char *url_parse(const char *text, struct url *url)
{
	const char *wrong = NULL;
	CURLUcode code;
	CURLU *handle;
	bool http;

	memset(url, 0, sizeof(*url));
	if (strnlen(text, URL_TEXT_SIZE) == URL_TEXT_SIZE)
		return "it is too long";
	/* libcurl takes any number of slashes up to three. */
	url->https = strncasecmp(text, "https://", 8) == 0;
	http = strncasecmp(text, "http://", 7) == 0;
	if ((!url->https && !http) || text[url->https ? 8 : 7] == '/')
		return NO_URL;
	if (strpbrk(text, "?#"))
		return "it has a query or a fragment";
	handle = curl_url();
	if (!handle)
		return "there is no memory for it";
	code = curl_url_set(handle, CURLUPART_URL, text, CURLU_DISALLOW_USER);
	if (code == CURLUE_USER_NOT_ALLOWED)
		wrong = "it has a user in it";
	else if (code)
		wrong = curl_url_strerror(code);
	else
		wrong = write_url(handle, url);
	curl_url_cleanup(handle);
	return wrong;
}

const char *url_parse_control(const char *text, struct url *url)
{
	char http[ADDRESS_TEXT_SIZE + sizeof("http://")];
	struct address address;

	if (strstr(text, "://"))
		return url_parse(text, url);
	if (address_parse(text, &address) || *address.name)
		return "it is neither a URL nor ADDRESS:PORT";
	/* An address with its port is shorter than that; zeros may precede a port. */
	if (snprintf(http, sizeof(http), "http://%s", text) >= (int)sizeof(http))
		return "it is too long";
	return url_parse(http, url);
}

enum status url_option(const char *what, const char *text, struct url *url)
{
	const char *wrong = url_parse(text, url);

	return wrong ? report_usage("%s: %s", what, wrong) : STATUS_OK;
}

bool url_below_origin(const struct url *url, const char *path,
		      char text[URL_TEXT_SIZE])
{
	return snprintf(text, URL_TEXT_SIZE, "%.*s/%s", (int)url->origin_length,
			url->text, path) < URL_TEXT_SIZE;
}

bool url_relative(const struct url *url, const char *path,
		  char text[URL_TEXT_SIZE])
{
	const char *last = strrchr(url->text, '/');

	return snprintf(text, URL_TEXT_SIZE, "%.*s/%s", (int)(last - url->text),
			url->text, path) < URL_TEXT_SIZE;
}

bool url_may_lead(const struct url *from, const struct url *to, bool insecure)
{
	return to->https || to->loopback || insecure ||
	       (!from->https && !from->loopback);
}

/* Whether that is the origin of the URL. */
static bool is_origin(const char *origin, const struct url *url)
{
	return strlen(origin) == url->origin_length &&
	       !memcmp(origin, url->text, url->origin_length);
}

bool url_origins_have(const struct url_origins *set, const struct url *url)
{
	for (size_t i = 0; i < set->count; i++)
		if (is_origin(set->origins[i], url))
			return true;
	return false;
}

bool url_origins_add(struct url_origins *set, const struct url *url)
{
	if (url_origins_have(set, url))
		return true;
	if (set->count == URL_ORIGINS || url->origin_length >= URL_ORIGIN_SIZE)
		return false;
	memcpy(set->origins[set->count], url->text, url->origin_length);
	set->origins[set->count++][url->origin_length] = '\0';
	return true;
}
