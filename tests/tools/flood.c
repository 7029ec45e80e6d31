// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flood: sends datagrams for a time, as fast as a loop of send() does or at a rate,
 * and counts what arrives: UDP datagrams, alone or as super-datagrams that the kernel
 * cuts (UDP_SEGMENT) and the receiver takes whole (UDP_GRO), or SCION packets by
 * packet sockets. tests/bench measures with it; udp-gso is the one that checks bytes.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* What packet sockets see as the protocol of a SCION packet. */
#define ETH_P_SCION 0x88B5

#define MAX_DATAGRAM 65507
#define MAX_SEGMENTS 64
#define SOCKET_BUFFER (16 * 1024 * 1024)
#define SECOND 1000000000ULL
#define PROTO_UDP 17
#define ISD_AS 0x0001ff0000000110ULL /* 1-ff00:0:110 */

/* Exit statuses. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

/* A SCION header with IPv4 hosts and the empty path, and that of UDP behind it. */
struct scion_udp {
	uint32_t version_class_flow;
	uint8_t next_header;
	uint8_t header_len; /* in units of 4 bytes */
	uint16_t payload_len;
	uint8_t path_type;
	uint8_t host_types;
	uint16_t reserved;
	uint64_t dst_isd_as;
	uint64_t src_isd_as;
	uint32_t dst;
	uint32_t src;
	uint16_t src_port;
	uint16_t dst_port;
	uint16_t len;
	uint16_t checksum;
} __attribute__((packed));

#define SCION_HEADER (sizeof(struct scion_udp) - 8)

struct options {
	unsigned int size;
	unsigned int segments;
	unsigned int seconds;
	unsigned int rate; /* datagrams a second, 0: as fast as it goes */
	unsigned int tell; /* datagrams, 0: never */
	bool gro;
	struct sockaddr_in src;
	struct sockaddr_in dst;
};

static volatile sig_atomic_t over;

static const char usage[] =
	"usage: flood send ADDR:PORT [--size N] [--segments N] [--rate N] [--seconds S]\n"
	"       flood receive ADDR:PORT [--gro] [--tell N]\n"
	"       flood send-scion DEV --src ADDR:PORT --dst ADDR:PORT [--size N] [--rate N]\n"
	"                        [--seconds S]\n"
	"       flood receive-scion DEV [--tell N]\n"
	"  --size N      bytes of payload in each datagram (default 1350)\n"
	"  --segments N  send so many at once, cut by the kernel (default 1: alone)\n"
	"  --rate N      datagrams per second (default 0: as fast as it goes)\n"
	"  --seconds S   how long (default 2)\n"
	"  --gro         take merged datagrams whole\n"
	"  --tell N      say when so many have come, and go on\n"
	"A sender, whose time is over with SIGTERM, too, prints how many datagrams it sent in\n"
	"how many seconds; one that the kernel had no room for is not counted. A receiver says\n"
	"when it is ready, counts until SIGTERM, and prints how many datagrams came, how many\n"
	"bytes, in how many calls.\n"
	"Exit status: 0 all went well, whatever arrived; 1 something went wrong; 2 wrong\n"
	"usage.\n";

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "flood: %s: %s\n", what, why);
	exit(STATUS_FAILED);
}

static void wrong_usage(const char *what, const char *why)
{
	fprintf(stderr, "flood: %s: %s\n%s", what, why, usage);
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

/* ADDR:PORT, of IPv4. */
static struct sockaddr_in parse_address(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN] = "";

	if (!colon || (size_t)(colon - text) >= sizeof(host))
		wrong_usage(text, "not an address with a port");
	memcpy(host, text, (size_t)(colon - text));
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		wrong_usage(text, "not an IPv4 address with a port");
	address.sin_port = htons((uint16_t)parse_number(colon + 1, 1, UINT16_MAX));
	return address;
}

static uint64_t now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_MONOTONIC, &time))
		fail("clock_gettime", strerror(errno));
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static void sleep_until(uint64_t when)
{
	struct timespec time = {
		.tv_sec = (time_t)(when / SECOND),
		.tv_nsec = (long)(when % SECOND),
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
		;
}

static int open_socket(int family, int type, int protocol, int buffer)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);
	int size = SOCKET_BUFFER;

	if (fd < 0)
		fail("socket", strerror(errno));
	if (buffer && setsockopt(fd, SOL_SOCKET, buffer, &size, sizeof(size)))
		fail("socket buffer", strerror(errno));
	return fd;
}

static struct sockaddr_ll link_address(const char *device)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_SCION),
		.sll_ifindex = (int)if_nametoindex(device),
	};

	if (!address.sll_ifindex)
		fail(device, strerror(errno));
	return address;
}

/*
 * Sends the @len bytes at @data, which are @segments datagrams, until the time is over or
 * SIGTERM comes.
 */
static void send_all(int fd, const void *data, size_t len,
		     const struct options *options)
{
	uint64_t start = now(), end = start + options->seconds * SECOND;
	uint64_t sent = 0, time = start;

	for (uint64_t turn = 1; time < end && !over; turn++) {
		/* The default buffer of a socket holds back who is too fast. */
		if (send(fd, data, len, 0) == (ssize_t)len)
			sent += options->segments;
		else if (errno != ENOBUFS && errno != ECONNREFUSED)
			fail("send", strerror(errno));
		if (options->rate) {
			uint64_t next = start + turn * options->segments * SECOND /
						options->rate;

			if (next > now())
				sleep_until(next);
			time = now();
		} else if (turn % 16 == 0) {
			/* A system call is not for nothing everywhere. */
			time = now();
		}
	}
	printf("sent %llu seconds %.3f\n", (unsigned long long)sent,
	       (double)(time - start) / (double)SECOND);
}

static void send_udp(const char *to, const struct options *options)
{
	int fd = open_socket(AF_INET, SOCK_DGRAM, 0, 0), size = (int)options->size;
	struct sockaddr_in address = parse_address(to);
	static uint8_t data[MAX_DATAGRAM];

	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		fail(to, strerror(errno));
	if (options->segments > 1 &&
	    setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)))
		fail("UDP_SEGMENT", strerror(errno));
	send_all(fd, data, (size_t)options->size * options->segments, options);
	close(fd);
}

static void send_scion(const char *device, const struct options *options)
{
	struct sockaddr_ll address = link_address(device);
	uint16_t len = (uint16_t)(options->size + 8);
	struct scion_udp header = {
		.version_class_flow = htonl(1),
		.next_header = PROTO_UDP,
		.header_len = SCION_HEADER / 4,
		.payload_len = htons(len),
		.dst_isd_as = htobe64(ISD_AS),
		.src_isd_as = htobe64(ISD_AS),
		.dst = options->dst.sin_addr.s_addr,
		.src = options->src.sin_addr.s_addr,
		.src_port = options->src.sin_port,
		.dst_port = options->dst.sin_port,
		.len = htons(len),
	};
	static uint8_t packet[MAX_DATAGRAM + sizeof(header)];
	int fd = open_socket(AF_PACKET, SOCK_DGRAM, 0, 0);

	memcpy(packet, &header, sizeof(header));
	/* For send() a packet socket takes protocol and device from where it is bound. */
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		fail(device, strerror(errno));
	send_all(fd, packet, sizeof(header) + options->size, options);
	close(fd);
}

/* How many datagrams there are in what was received at once. */
static uint64_t datagrams(struct msghdr *message, size_t len)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		int size;

		if (c->cmsg_level != SOL_UDP || c->cmsg_type != UDP_GRO)
			continue;
		memcpy(&size, CMSG_DATA(c), sizeof(size));
		if (size > 0)
			return (len + (size_t)size - 1) / (size_t)size;
	}
	return 1;
}

static void receive_all(int fd, const struct options *options)
{
	const struct timeval timeout = { .tv_usec = 100000 };
	uint64_t tell_at = options->tell ? options->tell : UINT64_MAX;
	uint64_t received = 0, bytes = 0, calls = 0;
	static uint8_t data[1 << 16];
	uint8_t control[256];

	/* So that SIGTERM is seen, too, when it comes just before recv(). */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		fail("SO_RCVTIMEO", strerror(errno));
	printf("ready\n");
	fflush(stdout);
	while (!over) {
		struct iovec part = { .iov_base = data, .iov_len = sizeof(data) };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t len;

		if (options->gro) {
			message.msg_control = control;
			message.msg_controllen = sizeof(control);
			len = recvmsg(fd, &message, 0);
		} else {
			len = recv(fd, data, sizeof(data), 0);
		}
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (len < 0)
			fail("receive", strerror(errno));
		received += options->gro ? datagrams(&message, (size_t)len) : 1;
		bytes += (uint64_t)len;
		calls++;
		if (received >= tell_at) {
			printf("%u came\n", options->tell);
			fflush(stdout);
			tell_at = UINT64_MAX;
		}
	}
	printf("received %llu bytes %llu calls %llu\n", (unsigned long long)received,
	       (unsigned long long)bytes, (unsigned long long)calls);
	close(fd);
}

static void receive_udp(const char *at, const struct options *options)
{
	int fd = open_socket(AF_INET, SOCK_DGRAM, 0, SO_RCVBUFFORCE), on = 1;
	struct sockaddr_in address = parse_address(at);

	if (options->gro && setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on)))
		fail("UDP_GRO", strerror(errno));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		fail(at, strerror(errno));
	receive_all(fd, options);
}

static void receive_scion(const char *device, const struct options *options)
{
	struct sockaddr_ll address = link_address(device);
	int fd = open_socket(AF_PACKET, SOCK_DGRAM, 0, SO_RCVBUFFORCE);

	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		fail(device, strerror(errno));
	receive_all(fd, options);
}

static void end(int signal)
{
	(void)signal;
	over = 1;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "size", required_argument, NULL, 's' },
		{ "segments", required_argument, NULL, 'g' },
		{ "rate", required_argument, NULL, 'r' },
		{ "seconds", required_argument, NULL, 't' },
		{ "tell", required_argument, NULL, 'n' },
		{ "gro", no_argument, NULL, 'm' },
		{ "src", required_argument, NULL, 'f' },
		{ "dst", required_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .size = 1350, .segments = 1, .seconds = 2 };
	const struct sigaction action = { .sa_handler = end };
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == 's')
			options.size = parse_number(optarg, 1, MAX_DATAGRAM);
		else if (option == 'g')
			options.segments = parse_number(optarg, 1, MAX_SEGMENTS);
		else if (option == 'r')
			options.rate = parse_number(optarg, 0, 100000000);
		else if (option == 't')
			options.seconds = parse_number(optarg, 1, 10000);
		else if (option == 'n')
			options.tell = parse_number(optarg, 1, 1000000000);
		else if (option == 'm')
			options.gro = true;
		else if (option == 'f')
			options.src = parse_address(optarg);
		else if (option == 'd')
			options.dst = parse_address(optarg);
		else
			wrong_usage("options", "unknown or incomplete");
	}
	argc -= optind;
	argv += optind;
	if (argc != 2)
		wrong_usage("arguments", "not what is expected");
	if (options.segments * options.size > MAX_DATAGRAM)
		wrong_usage("--segments", "more than a datagram may have in all");
	if (sigaction(SIGTERM, &action, NULL))
		fail("sigaction", strerror(errno));
	if (!strcmp(argv[0], "send"))
		send_udp(argv[1], &options);
	else if (!strcmp(argv[0], "receive"))
		receive_udp(argv[1], &options);
	else if (!strcmp(argv[0], "receive-scion"))
		receive_scion(argv[1], &options);
	else if (!strcmp(argv[0], "send-scion") && options.src.sin_port && options.dst.sin_port)
		send_scion(argv[1], &options);
	else
		wrong_usage("arguments", "not what is expected");
	if (fflush(stdout))
		fail("end", strerror(errno));
	return STATUS_OK;
}
