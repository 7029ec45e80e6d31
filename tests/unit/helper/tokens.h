/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes tokens for the tests: JSON Web Tokens with any payload, and no signature. */
#ifndef TEST_TOKENS_H
#define TEST_TOKENS_H

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#define TOKEN_SIZE	1024

/* As long as that of a real one. */
#define TOKEN_SIGNATURE							\
	"c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmUtc2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU"

static inline void base64url(const char *bytes, char *text)
{
	int length = EVP_EncodeBlock((unsigned char *)text,
				     (const unsigned char *)bytes, (int)strlen(bytes));

	while (length && text[length - 1] == '=')
		text[--length] = '\0';
	for (char *c = text; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
}

/* A token with this payload, in a buffer of TOKEN_SIZE. */
static inline char *token_of(const char *payload, char *token)
{
	char header[64];
	char claims[TOKEN_SIZE / 2];

	base64url("{\"alg\":\"EdDSA\"}", header);
	base64url(payload, claims);
	snprintf(token, TOKEN_SIZE, "%s.%s.%s", header, claims, TOKEN_SIGNATURE);
	return token;
}

/* A token that expires at this time; its name makes it another one than others. */
static inline char *token_until(long long expiry, const char *name, char *token)
{
	char payload[256];

	snprintf(payload, sizeof(payload), "{\"exp\":%lld,\"jti\":\"%s\"}", expiry, name);
	return token_of(payload, token);
}

#endif /* TEST_TOKENS_H */
