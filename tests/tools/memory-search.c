// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memory-search: how often the 32 bytes of keys are in the machine's memory, by
 * /dev/mem. What it looks for is only ever kept masked, or it would find itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_LEN 32
#define MASK 0x5a
#define PAGE 4096
#define HOLES_AT_END 4096
#define MAX_KEYS 8
#define PAGES_AT_LEAST 65536

/* Exit statuses. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

static const char usage[] =
	"usage: memory-search --mask <KEY >MASKED\n"
	"       memory-search MASKED...\n"
	"The first masks a key that it reads as base64, the second prints how often\n"
	"each key is found in memory, one a line.\n"
	"Exit status: 0 done, 1 something went wrong, 2 wrong usage.\n";

static void fail(const char *what)
{
	fprintf(stderr, "memory-search: %s: %s\n", what, strerror(errno));
	exit(STATUS_FAILED);
}

static int value_of(int c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *place = c > 0 ? strchr(digits, c) : NULL;

	return place ? place - digits : -1;
}

/* Each byte is masked as soon as its bits are there. */
static int mask(void)
{
	unsigned int bits = 0, n_bits = 0, n = 0;
	uint8_t masked[KEY_LEN];
	int c;

	while ((c = value_of(getchar())) >= 0 && n < KEY_LEN) {
		bits = bits << 6 | c;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			masked[n++] = bits >> n_bits ^ MASK;
			bits &= (1 << n_bits) - 1;
		}
	}
	if (n != KEY_LEN) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	return fwrite(masked, KEY_LEN, 1, stdout) == 1 ? STATUS_OK : STATUS_FAILED;
}

/* The first and last byte of a private key are not kept as they were given. */
static int is_key(const uint8_t *bytes, const uint8_t masked[KEY_LEN])
{
	int i;

	for (i = 1; i < KEY_LEN - 1; i++)
		if ((bytes[i] ^ MASK) != masked[i])
			return 0;
	return 1;
}

/* A key that is looked for, and how often it was found. */
struct key {
	uint8_t masked[KEY_LEN];
	unsigned long found;
};

static void read_masked(const char *name, struct key *key)
{
	FILE *file = fopen(name, "r");

	if (!file || fread(key->masked, KEY_LEN, 1, file) != 1)
		fail(name);
	fclose(file);
}

/* Counts the keys that begin before the last KEY_LEN - 1 bytes. */
static void search_bytes(const uint8_t *bytes, size_t len, struct key *keys,
			 int n_keys)
{
	const uint8_t *last = bytes + len - KEY_LEN, *second;
	int i;

	for (i = 0; i < n_keys; i++) {
		/* What is not the key's second byte is passed over quickly. */
		second = bytes + 1;
		while (second <= last + 1 &&
		       (second = memchr(second, keys[i].masked[1] ^ MASK,
					last + 2 - second))) {
			keys[i].found += is_key(second - 1, keys[i].masked);
			second++;
		}
	}
}

/*
 * Pages that cannot be read, as those of the kernel's own code, are passed over; so
 * many in a row are the end. The last bytes of a page are looked at again with the
 * next one, since a key may lie across. What is read is wiped: the key would be in
 * our own memory else.
 */
static void search(struct key *keys, int n_keys)
{
	static uint8_t memory[KEY_LEN + PAGE];
	unsigned long pages = 0, holes = 0;
	int fd = open("/dev/mem", O_RDONLY);
	size_t kept = 0;
	off_t place;

	if (fd < 0)
		fail("/dev/mem");
	for (place = 0; holes < HOLES_AT_END; place += PAGE) {
		size_t len = kept + PAGE;

		if (pread(fd, memory + kept, PAGE, place) != PAGE) {
			holes++;
			kept = 0;
			continue;
		}
		holes = 0;
		pages++;
		search_bytes(memory, len, keys, n_keys);
		kept = KEY_LEN - 1;
		memmove(memory, memory + len - kept, kept);
		explicit_bzero(memory + kept, sizeof(memory) - kept);
	}
	explicit_bzero(memory, sizeof(memory));
	close(fd);
	if (pages < PAGES_AT_LEAST) {
		errno = ENODATA;
		fail("/dev/mem");
	}
}

int main(int argc, char **argv)
{
	static struct key keys[MAX_KEYS];
	int i, n_keys = argc - 1;

	if (n_keys < 1 || n_keys > MAX_KEYS) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	/* Nothing that was read stays in a buffer. */
	setvbuf(stdin, NULL, _IONBF, 0);
	if (!strcmp(argv[1], "--mask"))
		return mask();
	for (i = 0; i < n_keys; i++)
		read_masked(argv[i + 1], &keys[i]);
	search(keys, n_keys);
	for (i = 0; i < n_keys; i++)
		printf("%lu\n", keys[i].found);
	return STATUS_OK;
}
