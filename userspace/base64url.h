/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 with the alphabet for URLs and without padding (RFC 4648 section 5). */
#ifndef SNAPTUN_BASE64URL_H
#define SNAPTUN_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many characters stand for so many bytes. */
#define BASE64URL_LENGTH(bytes)	(((bytes) * 4 + 2) / 3)

/* How much room base64url_decode() takes for a text of that length: more than comes out. */
#define BASE64URL_ROOM(length)	((length) + 4)

/**
 * base64url_decode() - turn text into bytes
 * @text: The text; something else may follow it, and then a zero.
 * @length: Its length.
 * @bytes: Where the bytes go, with room for BASE64URL_ROOM(); undefined on failure.
 * @size: Where their number goes.
 *
 * Return: whether that was base64url; false also without memory.
 */
bool base64url_decode(const char *text, size_t length, uint8_t *bytes, size_t *size);

#endif /* SNAPTUN_BASE64URL_H */
