// SPDX-License-Identifier: GPL-2.0-or-later
/* X25519 and pre-shared keys: made, read, written, and wiped after use. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "key.h"
#include "report.h"

/* White space that may follow a key in its file. */
#define TRAILING_BYTES	64

void key_wipe(void *secret, size_t size)
{
	OPENSSL_cleanse(secret, size);
}

bool key_decode(const char *text, uint8_t key[SNAPTUN_KEY_LEN])
{
	/* 44 characters stand for 33 bytes, the last of them padding. */
	uint8_t bytes[SNAPTUN_KEY_LEN + 1];
	char again[KEY_TEXT_SIZE];
	bool right;

	if (strnlen(text, KEY_TEXT_SIZE) != KEY_TEXT_LEN)
		return false;
	/*
	 * OpenSSL overlooks white space and stray bits at the end; what comes
	 * out the same again had neither.
	 */
	right = EVP_DecodeBlock(bytes, (const uint8_t *)text, KEY_TEXT_LEN) ==
		sizeof(bytes);
	if (right) {
		key_encode(bytes, again);
		right = !CRYPTO_memcmp(again, text, KEY_TEXT_LEN);
		key_wipe(again, sizeof(again));
	}
	if (right)
		memcpy(key, bytes, SNAPTUN_KEY_LEN);
	key_wipe(bytes, sizeof(bytes));
	return right;
}

void key_encode(const uint8_t key[SNAPTUN_KEY_LEN], char text[KEY_TEXT_SIZE])
{
	EVP_EncodeBlock((uint8_t *)text, key, SNAPTUN_KEY_LEN);
}

const char *key_hide(const char *argument)
{
	uint8_t key[SNAPTUN_KEY_LEN];
	bool hide = key_decode(argument, key);

	key_wipe(key, sizeof(key));
	return hide ? "(a key)" : argument;
}

enum status key_option(const char *what, const char *text,
		       uint8_t key[SNAPTUN_KEY_LEN])
{
	if (!text)
		return report_usage("%s is missing", what);
	if (!key_decode(text, key))
		return report_usage("%s: not a key, which is %d characters of base64",
				    what, KEY_TEXT_LEN);
	return STATUS_OK;
}

/* Reads up to size bytes; fewer mean that the file has no more. */
static ssize_t read_all(int fd, char *buffer, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, buffer + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* Says what is wrong with what a key file holds; NULL if nothing is. */
static const char *parse(char *text, size_t size, uint8_t key[SNAPTUN_KEY_LEN])
{
	static const uint8_t zeros[SNAPTUN_KEY_LEN];
	size_t end = size;

	while (end && isspace((unsigned char)text[end - 1]))
		end--;
	if (size > KEY_TEXT_LEN + TRAILING_BYTES)
		return "holds more than a key";
	if (!end)
		return "holds no key, nothing at all";
	text[end] = '\0';
	if (strlen(text) != end || !key_decode(text, key))
		return "holds something else than one key, 44 characters of base64";
	if (!CRYPTO_memcmp(key, zeros, SNAPTUN_KEY_LEN))
		return "holds a key of zeros, which stands for none";
	return NULL;
}

/* Whether that is a file whose mode lets everybody do something with it. */
static bool open_to_everybody(int fd)
{
	struct stat file;

	return !fstat(fd, &file) && S_ISREG(file.st_mode) &&
	       (file.st_mode & S_IRWXO);
}

enum status key_read(const char *path, uint8_t key[SNAPTUN_KEY_LEN])
{
	bool standard_input = !strcmp(path, "-");
	/* One byte more than may be there shows that there is too much. */
	char text[KEY_TEXT_LEN + TRAILING_BYTES + 2];
	enum status status = STATUS_OK;
	const char *wrong;
	int fd = STDIN_FILENO;
	ssize_t got;

	if (!standard_input)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	else
		path = "standard input";
	if (fd >= 0 && open_to_everybody(fd))
		report_warning("everybody may open the key file %s",
			       key_hide(path));
	got = fd < 0 ? -1 : read_all(fd, text, sizeof(text) - 1);
	if (got < 0) {
		status = report(STATUS_BAD_KEY, "key file %s: %s",
				key_hide(path), strerror(errno));
	} else {
		wrong = parse(text, (size_t)got, key);
		if (wrong)
			status = report(STATUS_BAD_KEY, "key file %s %s",
					key_hide(path), wrong);
	}
	if (status != STATUS_OK)
		key_wipe(key, SNAPTUN_KEY_LEN);
	key_wipe(text, sizeof(text));
	if (fd >= 0 && !standard_input)
		close(fd);
	return status;
}

enum status key_write(const uint8_t key[SNAPTUN_KEY_LEN], bool secret)
{
	char line[KEY_TEXT_SIZE];
	enum status status = STATUS_OK;
	size_t done = 0;

	if (secret && open_to_everybody(STDOUT_FILENO))
		report_warning("everybody may open the file that the key goes to; umask 077 prevents that");

	key_encode(key, line);
	line[KEY_TEXT_LEN] = '\n';
	while (done < sizeof(line)) {
		ssize_t n = write(STDOUT_FILENO, line + done, sizeof(line) - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			status = report(STATUS_FAILED, "standard output: %s",
					strerror(errno));
			break;
		}
		done += (size_t)n;
	}
	key_wipe(line, sizeof(line));
	return status;
}

enum status key_random(uint8_t key[SNAPTUN_KEY_LEN])
{
	if (RAND_priv_bytes(key, SNAPTUN_KEY_LEN) == 1)
		return STATUS_OK;
	return report(STATUS_FAILED, "no random numbers are to be had");
}

enum status key_private(uint8_t key[SNAPTUN_KEY_LEN])
{
	enum status status = key_random(key);

	if (status == STATUS_OK) {
		key[0] &= 0xf8;
		key[31] = (key[31] & 0x7f) | 0x40;
	}
	return status;
}

enum status key_public(const uint8_t private_key[SNAPTUN_KEY_LEN],
		       uint8_t public_key[SNAPTUN_KEY_LEN])
{
	size_t length = SNAPTUN_KEY_LEN;
	EVP_PKEY *pair;
	int done = 0;

	pair = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key,
					    SNAPTUN_KEY_LEN);
	if (pair)
		done = EVP_PKEY_get_raw_public_key(pair, public_key, &length);
	EVP_PKEY_free(pair);
	if (done == 1)
		return STATUS_OK;
	return report(STATUS_FAILED, "the cryptographic library refuses to compute the public key");
}
