// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors of calls: Connect's codes, and what bodies of all kinds say about them. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "rpc.h"

/* How much of a secret may show by chance: "eyJhbGci" begins every token. */
#define SECRET_PART	8

static const char *const names[] = {
	[RPC_CANCELED] = "canceled",
	[RPC_UNKNOWN] = "unknown",
	[RPC_INVALID_ARGUMENT] = "invalid_argument",
	[RPC_DEADLINE_EXCEEDED] = "deadline_exceeded",
	[RPC_NOT_FOUND] = "not_found",
	[RPC_ALREADY_EXISTS] = "already_exists",
	[RPC_PERMISSION_DENIED] = "permission_denied",
	[RPC_RESOURCE_EXHAUSTED] = "resource_exhausted",
	[RPC_FAILED_PRECONDITION] = "failed_precondition",
	[RPC_ABORTED] = "aborted",
	[RPC_OUT_OF_RANGE] = "out_of_range",
	[RPC_UNIMPLEMENTED] = "unimplemented",
	[RPC_INTERNAL] = "internal",
	[RPC_UNAVAILABLE] = "unavailable",
	[RPC_DATA_LOSS] = "data_loss",
	[RPC_UNAUTHENTICATED] = "unauthenticated",
};

#define NAMES	(sizeof(names) / sizeof(names[0]))

const char *rpc_code_name(enum rpc_code code)
{
	return code >= RPC_CANCELED && code < NAMES ? names[code] : "unknown";
}

bool rpc_code_is_permanent(enum rpc_code code)
{
	switch (code) {
	case RPC_INVALID_ARGUMENT:
	case RPC_UNAUTHENTICATED:
	case RPC_PERMISSION_DENIED:
	case RPC_UNIMPLEMENTED:
	case RPC_FAILED_PRECONDITION:
	case RPC_OUT_OF_RANGE:
		return true;
	default:
		return false;
	}
}

/* The code that goes with a status which comes without one. */
static enum rpc_code code_of_status(int status)
{
	switch (status) {
	case 400:
		return RPC_INVALID_ARGUMENT;
	case 401:
		return RPC_UNAUTHENTICATED;
	case 403:
		return RPC_PERMISSION_DENIED;
	case 404:
		return RPC_NOT_FOUND;
	case 429:
	case 502:
	case 503:
	case 504:
		return RPC_UNAVAILABLE;
	case 500:
		return RPC_INTERNAL;
	default:
		return RPC_UNKNOWN;
	}
}

/* False where there is no such code. */
static bool code_of_name(const char *name, enum rpc_code *code)
{
	for (size_t i = RPC_CANCELED; name && i < NAMES; i++)
		if (!strcmp(names[i], name)) {
			*code = (enum rpc_code)i;
			return true;
		}
	return false;
}

/* Makes one printable line of a text: servers are not to draw on terminals. */
static void flatten(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		unsigned char byte = (unsigned char)*from;

		if (byte >= 0x7f)
			*to++ = '?';
		else if (byte > ' ')
			*to++ = *from;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	}
	while (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

void rpc_error_set(struct rpc_error *error, enum rpc_code code,
		   const char *format, ...)
{
	va_list arguments;

	error->code = code;
	va_start(arguments, format);
	vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	flatten(error->message);
}

/* Copies text that people are to read: without what HTML puts between < and >. */
static void copy_text(const char *body, size_t size, char *text, size_t room)
{
	size_t from = 0, to = 0;
	bool html, inside = false;

	while (from < size && isspace((unsigned char)body[from]))
		from++;
	html = from < size && body[from] == '<';
	for (; from < size && to < room - 1; from++) {
		char c = body[from];

		if (!c)
			c = ' ';
		if (html && (c == '<' || (inside && c == '>'))) {
			inside = c == '<';
			c = ' ';
		}
		/* What separates words must not fill the room. */
		if (!inside && !(isspace((unsigned char)c) && to &&
				 isspace((unsigned char)text[to - 1])))
			text[to++] = c;
	}
	text[to] = '\0';
}

/* Takes code and message from Connect's JSON; whether that is what it was. */
static bool read_json(struct rpc_error *error, const char *body, size_t size)
{
	json_t *object = json_loadb(body, size, 0, NULL);
	const char *name = json_string_value(json_object_get(object, "code"));
	const char *message = json_string_value(json_object_get(object, "message"));
	enum rpc_code code = code_of_status(error->http_status);
	bool is_error = name;

	if (is_error && !code_of_name(name, &code))
		name = rpc_code_name(code);
	if (is_error)
		rpc_error_set(error, code, "the server answers %s (status %d)%s%s",
			      name, error->http_status,
			      message && *message ? ": " : "",
			      message ? message : "");
	json_decref(object);
	return is_error;
}

void rpc_error_read(struct rpc_error *error, const char *body, size_t size)
{
	char text[RPC_MESSAGE_SIZE];

	if (read_json(error, body, size))
		return;
	copy_text(body, size, text, sizeof(text));
	flatten(text);
	rpc_error_set(error, code_of_status(error->http_status),
		      "the server answers with status %d%s%s", error->http_status,
		      *text ? ": " : "", text);
}

/* How many characters at the beginning of a text stand anywhere in the secret. */
static size_t common(const char *text, const char *secret)
{
	size_t longest = 0;

	for (; *secret; secret++) {
		size_t length = 0;

		while (text[length] && text[length] == secret[length])
			length++;
		if (length > longest)
			longest = length;
	}
	return longest;
}

void rpc_error_hide(struct rpc_error *error, const char *secret)
{
	size_t length = secret ? strlen(secret) : 0;
	size_t least = length < SECRET_PART ? length : SECRET_PART;
	char *to = error->message;
	const char *from = to;

	if (!least)
		return;
	while (*from) {
		size_t part = common(from, secret);

		if (part < least) {
			*to++ = *from++;
			continue;
		}
		/* Eight characters give way to three, fewer to one. */
		from += part;
		if (part >= SECRET_PART) {
			*to++ = '.';
			*to++ = '.';
		}
		*to++ = '.';
	}
	*to = '\0';
}
