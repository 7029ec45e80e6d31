/* SPDX-License-Identifier: GPL-2.0-or-later */
/* URLs of control planes: read, written in one form, and where secrets may go. */
#ifndef SNAPTUN_URL_H
#define SNAPTUN_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"

/* The longest URL, and the terminating zero. */
#define URL_TEXT_SIZE		2049

/* "https://", a host's name of 253 characters, ":65535", and the zero. */
#define URL_ORIGIN_SIZE		(8 + 253 + 6 + 1)

/* How many origins there may be that get a token. */
#define URL_ORIGINS		64

/**
 * struct url - a URL of a control plane or of another service
 * @text: The URL in its one form: lower case, the port always there, a path of at
 *	least "/".
 * @origin_length: How much of @text is its origin: scheme, host and port.
 * @https: Its scheme is https, not http.
 * @loopback: Its host is this machine: 127.0.0.0/8, ::1 or localhost.
 */
struct url {
	char text[URL_TEXT_SIZE];
	size_t origin_length;
	bool https;
	bool loopback;
};

/**
 * struct url_origins - the origins that may get a token
 * @count: Their number.
 * @origins: Each as text, as a URL begins with.
 */
struct url_origins {
	size_t count;
	char origins[URL_ORIGINS][URL_ORIGIN_SIZE];
};

/**
 * url_parse() - read a URL that did not come from the command line
 * @text: http or https, host, and perhaps port and path; nothing else.
 * @url: Where it goes; undefined on failure.
 *
 * Return: NULL, or what is wrong with it: "it is no URL…".
 */
const char *url_parse(const char *text, struct url *url);

/**
 * url_parse_control() - read the control address of a data plane
 * @text: A URL, or ADDRESS:PORT, which means http (see GetSnapDataPlaneAddress).
 * @url: Where it goes; undefined on failure.
 *
 * Return: NULL, or what is wrong with it.
 */
const char *url_parse_control(const char *text, struct url *url);

/**
 * url_option() - read a URL from the command line
 * @what: The option's name, for the report.
 * @text: Its argument, which the report does not show: it may have a secret in it.
 * @url: Where it goes.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status url_option(const char *what, const char *text, struct url *url);

/**
 * url_below_origin() - the URL of a call whose path stands on its own
 * @url: The service; its own path does not count.
 * @path: The call's path, without a slash at its beginning.
 * @text: Where the URL goes.
 *
 * Return: whether it is short enough.
 */
bool url_below_origin(const struct url *url, const char *path,
		      char text[URL_TEXT_SIZE]);

/**
 * url_relative() - the URL of a call whose path is relative (RFC 3986 section 5.2)
 * @url: The service; its path counts up to its last slash.
 * @path: The call's path, without a slash at its beginning.
 * @text: Where the URL goes.
 *
 * Return: whether it is short enough.
 */
bool url_relative(const struct url *url, const char *path,
		  char text[URL_TEXT_SIZE]);

/**
 * url_may_lead() - may what one URL answered make us use the other?
 * @from: The URL that was asked.
 * @to: The URL that it named.
 * @insecure: http is right whatever named it.
 *
 * https, and what this machine serves, lead to http on this machine only: whoever listens
 * in between could otherwise have the token that was kept from them. One that is asked over
 * http elsewhere has it sent in the clear already.
 */
bool url_may_lead(const struct url *from, const struct url *to, bool insecure);

/**
 * url_origins_add() - let an origin have the token
 * @set: Those that may have it.
 * @url: A URL of that origin.
 *
 * Return: whether it is in @set now; false where that is full.
 */
bool url_origins_add(struct url_origins *set, const struct url *url);

/**
 * url_origins_have() - may an origin have the token?
 * @set: Those that may have it.
 * @url: A URL of that origin.
 */
bool url_origins_have(const struct url_origins *set, const struct url *url);

#endif /* SNAPTUN_URL_H */
