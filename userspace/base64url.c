// SPDX-License-Identifier: GPL-2.0-or-later
/* Base64 with the alphabet for URLs, by way of the usual one. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base64url.h"
#include "key.h"

#define CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* Four characters stand for three bytes. */
#define GROUP	4

bool base64url_decode(const char *text, size_t length, uint8_t *bytes, size_t *size)
{
	size_t padding = (GROUP - length % GROUP) % GROUP;
	char *base64;
	bool right;

	if (padding == GROUP - 1 || length > INT_MAX - GROUP ||
	    strspn(text, CHARACTERS) < length)
		return false;
	base64 = malloc(length + padding + 1);
	if (!base64)
		return false;
	memcpy(base64, text, length);
	/* Two characters differ. */
	for (size_t i = 0; i < length; i++) {
		if (base64[i] == '-')
			base64[i] = '+';
		else if (base64[i] == '_')
			base64[i] = '/';
	}
	memset(base64 + length, '=', padding);
	base64[length + padding] = '\0';
	right = EVP_DecodeBlock(bytes, (const uint8_t *)base64,
				(int)(length + padding)) >= 0;
	key_wipe(base64, length + padding);
	free(base64);
	*size = (length + padding) / GROUP * 3 - padding;
	return right;
}
