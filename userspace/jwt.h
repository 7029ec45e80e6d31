/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be seen of a SNAP token, which a client otherwise passes on as it is. */
#ifndef SNAPTUN_JWT_H
#define SNAPTUN_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest token that is taken. */
#define JWT_BYTES_MAX	16384

/**
 * jwt_check() - whether that can be a token
 * @text: The text.
 * @length: Its length.
 *
 * A token is a word of letters, digits and ._~+/=-. What begins as a JSON Web Token
 * must be a whole one: three parts, the second of them an object.
 *
 * Return: NULL, or what is wrong with it, to follow its name in a report.
 */
const char *jwt_check(const char *text, size_t length);

/**
 * jwt_expiry() - when a token expires
 * @token: The token.
 * @expiry: Where the time goes, in seconds since the epoch; untouched on failure.
 *
 * Return: whether the token tells. An opaque one does not.
 */
bool jwt_expiry(const char *token, int64_t *expiry);

/**
 * jwt_is_in() - whether a text seems to have a token or an API key in it
 * @text: The text, which is meant for a log.
 */
bool jwt_is_in(const char *text);

#endif /* SNAPTUN_JWT_H */
