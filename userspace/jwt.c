// SPDX-License-Identifier: GPL-2.0-or-later
/* What can be seen of a SNAP token, which a client otherwise passes on as it is. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base64url.h"
#include "jwt.h"
#include "key.h"

#define LETTERS		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS		"0123456789"
#define TOKEN_CHARACTERS LETTERS DIGITS "._~+/=-"

/* Base64 of the two characters that the header, an object, begins with. */
#define JWT_BEGIN	"eyJ"

/* Finds the payload of what has three parts, none of them empty. */
static const char *find_payload(const char *token, size_t *length)
{
	const char *payload = strchr(token, '.');
	const char *signature = payload ? strchr(payload + 1, '.') : NULL;

	if (!signature || strchr(signature + 1, '.') || payload == token ||
	    signature == payload + 1 || !signature[1])
		return NULL;
	*length = (size_t)(signature - payload) - 1;
	return payload + 1;
}

/* The claims of a token; NULL where there are none. */
static json_t *read_payload(const char *token)
{
	json_t *claims = NULL;
	const char *payload;
	uint8_t *bytes;
	size_t length;
	size_t size;

	payload = find_payload(token, &length);
	if (!payload || length > JWT_BYTES_MAX)
		return NULL;
	bytes = calloc(1, BASE64URL_ROOM(length));
	if (!bytes)
		return NULL;
	if (base64url_decode(payload, length, bytes, &size))
		claims = json_loadb((const char *)bytes, size, 0, NULL);
	key_wipe(bytes, BASE64URL_ROOM(length));
	free(bytes);
	if (json_is_object(claims))
		return claims;
	json_decref(claims);
	return NULL;
}

const char *jwt_check(const char *text, size_t length)
{
	json_t *claims;

	if (!length)
		return "holds no token, nothing at all";
	if (length > JWT_BYTES_MAX)
		return "holds more than a token";
	if (strspn(text, TOKEN_CHARACTERS) != length)
		return "holds something else than one token, a word of letters, digits and ._~+/=-";
	if (strncmp(text, JWT_BEGIN, strlen(JWT_BEGIN)) != 0)
		return NULL;
	claims = read_payload(text);
	if (!claims)
		return "holds a token that is not whole";
	json_decref(claims);
	return NULL;
}

bool jwt_expiry(const char *token, int64_t *expiry)
{
	json_t *claims = read_payload(token);
	const json_t *exp = json_object_get(claims, "exp");
	bool tells = json_is_integer(exp) && json_integer_value(exp) >= 0;

	if (tells)
		*expiry = json_integer_value(exp);
	json_decref(claims);
	return tells;
}

bool jwt_is_in(const char *text)
{
	return strstr(text, JWT_BEGIN) || strstr(text, "aakey_");
}
