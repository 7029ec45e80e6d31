// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * garbage: sends UDP datagrams that mean nothing: every length, every first byte,
 * message types with right and wrong lengths, all filled by a generator that is
 * the same in every run.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_LENGTH 600
#define MAX_DATAGRAM 65507

/* Exit statuses. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

static const char usage[] =
	"usage: garbage FROM-ADDR FROM-PORT TO-ADDR TO-PORT\n"
	"Sends some thousand IPv4 datagrams of random bytes and prints how many.\n"
	"Exit status: 0 all were sent, 1 something went wrong, 2 wrong usage.\n";

static uint64_t random_state = 0x736e617074756e21;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "garbage: %s: %s\n", what, why);
	exit(STATUS_FAILED);
}

/* xorshift64*: enough to look like nothing. */
static uint8_t random_byte(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint8_t)((random_state * 0x2545f4914f6cdd1dULL) >> 56);
}

static void send_random(int fd, int type, size_t len)
{
	static uint8_t datagram[MAX_DATAGRAM];

	for (size_t i = 0; i < len; i++)
		datagram[i] = random_byte();
	if (type >= 0 && len >= 4) {
		datagram[0] = (uint8_t)type;
		memset(datagram + 1, 0, 3);
	}
	/* The first error may be one that an earlier datagram caused. */
	if (send(fd, datagram, len, 0) < 0 &&
	    (errno != ECONNREFUSED || send(fd, datagram, len, 0) < 0))
		fail("send", strerror(errno));
}

static struct sockaddr_in parse_address(const char *host, const char *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	char *end;
	unsigned long number = strtoul(port, &end, 10);

	if (inet_pton(AF_INET, host, &address.sin_addr) != 1 || *end || !number ||
	    number > UINT16_MAX) {
		fputs(usage, stderr);
		exit(STATUS_USAGE);
	}
	address.sin_port = htons((uint16_t)number);
	return address;
}

int main(int argc, char **argv)
{
	static const size_t lengths[] = { 0, 1, 3, 4, 15, 16, 31, 32, 33, 63, 64, 65,
					  111, 112, 113, 147, 148, 149, 1452, 9000,
					  MAX_DATAGRAM };
	struct sockaddr_in from, to;
	unsigned int sent = 0;
	int fd;

	if (argc != 5) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	from = parse_address(argv[1], argv[2]);
	to = parse_address(argv[3], argv[4]);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("socket", strerror(errno));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)))
		fail(argv[1], strerror(errno));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		fail(argv[3], strerror(errno));

	for (size_t len = 0; len <= MAX_LENGTH; len++, sent++)
		send_random(fd, -1, len);
	for (int type = 0; type <= UINT8_MAX; type++)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]) - 2; i++, sent++)
			send_random(fd, type, lengths[i]);
	for (int type = 0; type <= 5; type++)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++, sent++)
			send_random(fd, type, lengths[i]);
	printf("%u\n", sent);
	if (close(fd) || fflush(stdout))
		fail("end", strerror(errno));
	return STATUS_OK;
}
