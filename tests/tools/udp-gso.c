// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * udp-gso: numbered UDP datagrams, sent alone or as super-datagrams that the
 * kernel cuts (UDP_SEGMENT), and a receiver that checks every byte.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MAX_DATAGRAM 65507
#define MAX_SEGMENTS 64
#define MAX_COUNT 1000000
#define SOCKET_BUFFER (16 * 1024 * 1024)

/* Exit statuses. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

struct options {
	unsigned int count;
	unsigned int size;
	unsigned int segments;
	unsigned int every_us;
	unsigned int timeout;
};

static const char usage[] =
	"usage: udp-gso send ADDR PORT [OPTION...]\n"
	"       udp-gso receive ADDR PORT [OPTION...]\n"
	"  --count N     datagrams (default 100)\n"
	"  --size N      bytes of each, at least 4 (default 1000)\n"
	"  --segments N  send so many at once, cut by the kernel (default 1: alone)\n"
	"  --every US    pause after each send, microseconds (default 0)\n"
	"  --timeout S   receive: stop when nothing came for so long (default 5)\n"
	"The receiver prints what it got. Exit status: 0 every one was sent, or came\n"
	"in order and whole; 1 not so; 2 wrong usage.\n";

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "udp-gso: %s: %s\n", what, why);
	exit(STATUS_FAILED);
}

static void wrong_usage(const char *what, const char *why)
{
	fprintf(stderr, "udp-gso: %s: %s\n%s", what, why, usage);
	exit(STATUS_USAGE);
}

static unsigned int parse_number(const char *text, unsigned long min,
				 unsigned long max)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number < min || number > max)
		wrong_usage(text, "not a number in range");
	return (unsigned int)number;
}

static socklen_t parse_address(const char *host, const char *port,
			       struct sockaddr_storage *address)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;
	uint16_t number = htons((uint16_t)parse_number(port, 1, UINT16_MAX));

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = number;
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		wrong_usage(host, "not an address");
	v6->sin6_family = AF_INET6;
	v6->sin6_port = number;
	return sizeof(*v6);
}

/* Datagram n: its number, then bytes that follow from number and place. */
static void fill(uint8_t *datagram, uint32_t number, size_t size)
{
	uint32_t first = htonl(number);

	for (size_t i = 0; i < size; i++)
		datagram[i] = (uint8_t)(number * 31 + i * 7 + (i >> 8));
	memcpy(datagram, &first, sizeof(first));
}

static int open_socket(const struct sockaddr_storage *address, socklen_t len,
		       bool receive)
{
	int fd = socket(address->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int size = SOCKET_BUFFER;

	if (fd < 0)
		fail("socket", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, receive ? SO_RCVBUFFORCE : SO_SNDBUFFORCE,
		       &size, sizeof(size)))
		fail("socket buffer", strerror(errno));
	if (receive ? bind(fd, (const struct sockaddr *)address, len) :
		      connect(fd, (const struct sockaddr *)address, len))
		fail("address", strerror(errno));
	return fd;
}

static int send_all(int fd, const struct options *options)
{
	const struct timespec pause = {
		.tv_sec = options->every_us / 1000000,
		.tv_nsec = options->every_us % 1000000 * 1000L,
	};
	static uint8_t buffer[MAX_DATAGRAM];
	int size = (int)options->size;

	if (options->segments > 1 &&
	    setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)))
		fail("UDP_SEGMENT", strerror(errno));
	for (uint32_t number = 0; number < options->count;) {
		size_t len = 0;

		for (unsigned int i = 0;
		     i < options->segments && number < options->count; i++) {
			fill(buffer + len, number++, options->size);
			len += options->size;
		}
		if (send(fd, buffer, len, 0) != (ssize_t)len)
			fail("send", strerror(errno));
		if (options->every_us)
			nanosleep(&pause, NULL);
	}
	return STATUS_OK;
}

static int receive_all(int fd, const struct options *options)
{
	const struct timeval timeout = { .tv_sec = options->timeout };
	static uint8_t got[MAX_DATAGRAM], wanted[MAX_DATAGRAM];
	unsigned int received = 0, damaged = 0, disorder = 0;
	uint32_t number, first = 0, next = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		fail("SO_RCVTIMEO", strerror(errno));
	while (received < options->count) {
		ssize_t len = recv(fd, got, sizeof(got), 0);

		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0)
			fail("receive", strerror(errno));
		memcpy(&number, got, sizeof(number));
		number = ntohl(number);
		fill(wanted, number, options->size);
		if ((size_t)len != options->size || memcmp(got, wanted, options->size)) {
			damaged++;
			continue;
		}
		if (!received++)
			first = number;
		else if (number < next)
			disorder++;
		next = number + 1;
	}
	printf("received %u, first %u, last %u, out of order %u, damaged %u\n",
	       received, first, received ? next - 1 : 0, disorder, damaged);
	return received == options->count && !damaged && !disorder ? STATUS_OK :
								     STATUS_FAILED;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "size", required_argument, NULL, 's' },
		{ "segments", required_argument, NULL, 'g' },
		{ "every", required_argument, NULL, 'e' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.count = 100, .size = 1000, .segments = 1, .timeout = 5,
	};
	struct sockaddr_storage address;
	int option, fd, status;
	socklen_t len;
	bool receive;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == 'c')
			options.count = parse_number(optarg, 1, MAX_COUNT);
		else if (option == 's')
			options.size = parse_number(optarg, 4, MAX_DATAGRAM);
		else if (option == 'g')
			options.segments = parse_number(optarg, 1, MAX_SEGMENTS);
		else if (option == 'e')
			options.every_us = parse_number(optarg, 0, 10000000);
		else if (option == 't')
			options.timeout = parse_number(optarg, 1, 10000);
		else
			wrong_usage("options", "unknown or incomplete");
	}
	argc -= optind;
	argv += optind;
	if (argc != 3 || (strcmp(argv[0], "send") && strcmp(argv[0], "receive")))
		wrong_usage("arguments", "not what is expected");
	if (options.segments * options.size > MAX_DATAGRAM)
		wrong_usage("--segments", "more than a datagram may have in all");
	receive = argv[0][0] == 'r';
	len = parse_address(argv[1], argv[2], &address);
	fd = open_socket(&address, len, receive);
	status = receive ? receive_all(fd, &options) : send_all(fd, &options);
	if (close(fd) || fflush(stdout))
		fail("end", strerror(errno));
	return status;
}
