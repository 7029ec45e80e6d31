/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An HTTP/1.1 server in the event loop, by libmicrohttpd: small requests, each answered at
 * once by one function.
 */
#ifndef SNAPTUN_HTTP_SERVER_H
#define SNAPTUN_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "command.h"
#include "loop.h"

/* The most bytes that a request and an answer may carry. */
#define HTTP_BODY_MAX		4096U
#define HTTP_ANSWER_MAX		4096U

/* How many connections there may be, and how many of one address unless it is our own. */
#define HTTP_CONNECTIONS	512U
#define HTTP_CONNECTIONS_OF_ONE	64U

/* How long a request may take, from the connection or the last answer on, in ms. */
#define HTTP_TIMEOUT		30000U

/**
 * struct http_request - a request that has come
 * @method: "POST", and so on.
 * @path: The path of its URL, decoded, without the query.
 * @content_type: Of that header; NULL without one.
 * @authorization: Likewise.
 * @body: What it carries.
 * @size: How many bytes.
 * @is_too_long: They are more than %HTTP_BODY_MAX, and not in @body.
 */
struct http_request {
	const char *method;
	const char *path;
	const char *content_type;
	const char *authorization;
	const uint8_t *body;
	size_t size;
	bool is_too_long;
};

/**
 * struct http_answer - what is to be answered
 * @status: The status.
 * @content_type: What @body is.
 * @header: Name of another header; NULL for none.
 * @value: Its value.
 * @size: How many bytes @body has.
 * @body: They.
 */
struct http_answer {
	unsigned int status;
	const char *content_type;
	const char *header;
	const char *value;
	size_t size;
	uint8_t body[HTTP_ANSWER_MAX];
};

struct http_server;

/**
 * struct http_server_settings - a server that is to be
 * @listen: Where it listens. IPv6's address for all is IPv4's, too.
 * @certificate: Certificates in PEM; NULL for plain http.
 * @key: Private key of the first, in PEM.
 * @answer: Answers a request; @data is for its use. All of the answer is zero before.
 * @data: See @answer.
 */
struct http_server_settings {
	const struct address *listen;
	const char *certificate;
	const char *key;
	void (*answer)(void *data, const struct http_request *request,
		       struct http_answer *answer);
	void *data;
};

/**
 * http_server_begin() - serve from now on
 * @loop: The loop.
 * @settings: What and where; not needed any more afterwards.
 * @old: A server that may listen at the same address, and whose place this one takes;
 *	the caller ends it then. NULL for none.
 * @server: Where the server goes; http_server_end() ends it. NULL on failure.
 *
 * Return: %STATUS_OK, or after a report %STATUS_DENIED where the address is not ours to
 * take, or %STATUS_FAILED.
 */
enum status http_server_begin(struct loop *loop,
			      const struct http_server_settings *settings,
			      const struct http_server *old,
			      struct http_server **server);

/**
 * http_server_end() - end a server, and its connections at once
 * @server: The server; may be NULL. Does not run in @answer.
 */
void http_server_end(struct http_server *server);

#endif /* SNAPTUN_HTTP_SERVER_H */
