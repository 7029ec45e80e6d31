/* SPDX-License-Identifier: GPL-2.0-or-later */
/* X25519 and pre-shared keys: made, read, written, and wiped after use. */
#ifndef SNAPTUN_KEY_H
#define SNAPTUN_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/snaptun.h>

#include "command.h"

/* A key as text: base64 of 32 bytes, and the terminating zero. */
#define KEY_TEXT_LEN	44
#define KEY_TEXT_SIZE	(KEY_TEXT_LEN + 1)

/**
 * key_wipe() - forget a secret for good
 * @secret: Where it is.
 * @size: Its size in bytes.
 */
void key_wipe(void *secret, size_t size);

/**
 * key_decode() - turn text into a key
 * @text: Exactly %KEY_TEXT_LEN characters of canonical base64.
 * @key: Where the %SNAPTUN_KEY_LEN bytes go; untouched on failure.
 *
 * Return: whether @text was a key.
 */
bool key_decode(const char *text, uint8_t key[SNAPTUN_KEY_LEN]);

/**
 * key_encode() - turn a key into text
 * @key: The %SNAPTUN_KEY_LEN bytes.
 * @text: Where the base64 goes, %KEY_TEXT_SIZE bytes with its zero.
 */
void key_encode(const uint8_t key[SNAPTUN_KEY_LEN], char text[KEY_TEXT_SIZE]);

/**
 * key_hide() - what may be shown of an argument
 * @argument: What stood on the command line.
 *
 * People put a key where the name of its file belongs; reports end up in logs.
 *
 * Return: @argument, or a placeholder where it is a key.
 */
const char *key_hide(const char *argument);

/**
 * key_option() - read a public key from the command line
 * @what: The option's name, for the report.
 * @text: Its argument, NULL where the option is missing.
 * @key: Where the key goes.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status key_option(const char *what, const char *text,
		       uint8_t key[SNAPTUN_KEY_LEN]);

/**
 * key_read() - read a secret key from a file
 * @path: The file's name, or "-" for standard input.
 * @key: Where the key goes; wiped on failure.
 *
 * The file holds the key's base64 and at most white space after it. A key of
 * zeros is refused: on the wire it means that there is none.
 *
 * Return: %STATUS_OK, or %STATUS_BAD_KEY after a report.
 */
enum status key_read(const char *path, uint8_t key[SNAPTUN_KEY_LEN]);

/**
 * key_write() - write a key's base64 and a newline to standard output
 * @key: The key.
 * @secret: Warn where everybody could read the file that it goes to.
 *
 * Goes past stdio, whose buffers nobody wipes.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status key_write(const uint8_t key[SNAPTUN_KEY_LEN], bool secret);

/**
 * key_random() - make a random key, for use as a pre-shared one
 * @key: Where it goes.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status key_random(uint8_t key[SNAPTUN_KEY_LEN]);

/**
 * key_private() - make a private key, clamped as RFC 7748 section 5 says
 * @key: Where it goes.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status key_private(uint8_t key[SNAPTUN_KEY_LEN]);

/**
 * key_public() - compute a private key's public half (RFC 7748 section 6.1)
 * @private_key: The private key, clamped or not.
 * @public_key: Where the public key goes.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status key_public(const uint8_t private_key[SNAPTUN_KEY_LEN],
		       uint8_t public_key[SNAPTUN_KEY_LEN]);

#endif /* SNAPTUN_KEY_H */
