// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scion-echo: SCION packets through a network device, by packet socket.
 *
 * "serve" sends each packet back to where it came from; "send" sends packets
 * and checks that each comes back as it was, once. Nothing is sent again, and
 * what is for another address or port, such as another sender's, is left alone.
 * With a path it is an application behind a SCION network that echoes: it makes
 * packets of its own, of which all but path and flow id must be as it was.
 * "too-big" sends a packet until an SCMP message says how long one may be.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* What packet sockets see as the protocol of a SCION packet. */
#define ETH_P_SCION 0x88B5

#define MAX_PACKET 65535
#define MAX_SIZES 65535
#define MAX_WINDOW 256
#define MAX_NUMBER 0xfffff /* flow ids have 20 bits */
#define SOCKET_BUFFER (8 * 1024 * 1024)

#define PROTO_UDP 17
#define PROTO_SCMP 202
#define PROTO_EXPERIMENT 253 /* "experimentation and testing": has no ports */
#define HOST_IPV4 0x0 /* type 0, length 0 */
#define HOST_IPV6 0x3 /* type 0, length 3 */
#define ISD_AS_SRC 0x0001ff0000000110ULL /* 1-ff00:0:110 */
#define ISD_AS_DST 0x0001ff0000000111ULL /* 1-ff00:0:111 */
#define PATH_EMPTY 0
#define PATH_SCION 1
#define MAX_PATH 984 /* the longest header less the rest of it */
#define UDP_HEADER 8
#define SCMP_HEADER 8
#define SCMP_PACKET_TOO_BIG 2
#define SCMP_PACKET_MAX 1232

/* Exit statuses. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

/* The SCION common header and the fixed part of the address header. */
struct scion_header {
	uint32_t version_class_flow;
	uint8_t next_header;
	uint8_t header_len; /* in units of 4 bytes */
	uint16_t payload_len;
	uint8_t path_type;
	uint8_t host_types; /* destination, source: 4 bits each */
	uint16_t reserved;
	uint64_t dst_isd_as;
	uint64_t src_isd_as;
	uint8_t hosts[]; /* destination, source */
} __attribute__((packed));

/* An ISD-AS, an IPv4 or IPv6 address and a port, as a SCION packet has them. */
struct endpoint {
	uint64_t isd_as; /* network order */
	uint8_t host_type;
	uint8_t host_len;
	uint8_t host[16];
	uint16_t port; /* network order */
};

struct options {
	struct endpoint src;
	struct endpoint dst;
	bool has_src;
	bool has_dst;
	uint8_t path[MAX_PATH];
	unsigned int path_len; /* 0: the empty path */
	unsigned int sizes[MAX_SIZES];
	unsigned int n_sizes;
	unsigned int count;
	unsigned int window;
	unsigned int rate;
	unsigned int every;
	unsigned int seconds;
	unsigned int timeout;
};

/* A packet that has not come back yet; unused when its length is 0. */
struct under_way {
	unsigned int number;
	size_t len;
	uint8_t *packet;
};

struct sender {
	int fd;
	const struct options *options;
	struct under_way slots[MAX_WINDOW];
	unsigned int n_under_way;
	unsigned int sent;
	unsigned int received;
	unsigned int unexpected;
};

static volatile sig_atomic_t terminated;

static const char usage[] =
	"usage: scion-echo serve DEV [--seconds N]\n"
	"       scion-echo send DEV --src HOST --dst HOST [--path HEX]\n"
	"                  [--sizes N,N,... | --min N --max N]\n"
	"                  [--count N] [--window N] [--rate N] [--timeout SECONDS]\n"
	"                  [--every SECONDS --seconds SECONDS]\n"
	"       scion-echo too-big DEV --src HOST --dst HOST [--path HEX] --sizes N\n"
	"                  [--count N]\n"
	"serve    echoes until SIGTERM or for --seconds.\n"
	"send     sends --count packets, at most --window under way and --rate a\n"
	"         second, and checks that each comes back; or with --every one at a\n"
	"         time for --seconds.\n"
	"too-big  sends a packet up to --count times, 300 ms apart, until an SCMP\n"
	"         message quotes it as too big; prints the MTU that it tells.\n"
	"HOST is [ISD-AS,]ADDR:PORT, in 1-ff00:0:110 to 1-ff00:0:111 unless it says.\n"
	"Exit status: 0 all came back, 1 something went wrong, 2 wrong usage.\n";

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "scion-echo: %s: %s\n", what, why);
	exit(STATUS_FAILED);
}

static void wrong_usage(const char *what, const char *why)
{
	fprintf(stderr, "scion-echo: %s: %s\n%s", what, why, usage);
	exit(STATUS_USAGE);
}

static void terminate(int signal)
{
	(void)signal;
	terminated = 1;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Reads ISD-AS, as in 1-ff00:0:110. */
static uint64_t parse_isd_as(const char *text)
{
	unsigned int isd, as[3];
	int end = 0;

	if (sscanf(text, "%5u-%4x:%4x:%4x%n", &isd, &as[0], &as[1], &as[2], &end) != 4 ||
	    text[end] || isd > UINT16_MAX)
		wrong_usage(text, "not an ISD-AS");
	return htobe64((uint64_t)isd << 48 | (uint64_t)as[0] << 32 | as[1] << 16 | as[2]);
}

/* Reads [ISD-AS,]ADDR:PORT or [ISD-AS,][ADDR]:PORT; @text is cut up. */
static struct endpoint parse_endpoint(char *text, uint64_t isd_as)
{
	struct endpoint endpoint = { .isd_as = htobe64(isd_as) };
	char *comma = strchr(text, ',');
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	unsigned long port;
	size_t len;
	char *end;

	if (comma) {
		*comma = 0;
		endpoint.isd_as = parse_isd_as(text);
		text = comma + 1;
	}
	len = colon > text ? (size_t)(colon - text) : 0;
	if (!len || len >= sizeof(host))
		wrong_usage(text, "not ADDR:PORT");
	memcpy(host, text, len);
	host[len] = 0;
	port = strtoul(colon + 1, &end, 10);
	if (*end || end == colon + 1 || port > 65535)
		wrong_usage(text, "no such port");
	endpoint.port = htons(port);

	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = 0;
		memmove(host, host + 1, len - 1);
	}
	if (inet_pton(AF_INET, host, endpoint.host) == 1) {
		endpoint.host_type = HOST_IPV4;
		endpoint.host_len = 4;
	} else if (inet_pton(AF_INET6, host, endpoint.host) == 1) {
		endpoint.host_type = HOST_IPV6;
		endpoint.host_len = 16;
	} else {
		wrong_usage(text, "not an IP address and a port");
	}
	return endpoint;
}

/* Adds @len bytes to a ones' complement sum; odd bytes only at the end. */
static uint32_t sum(uint32_t acc, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		acc += i % 2 ? bytes[i] : bytes[i] << 8;
	return acc;
}

/*
 * The checksum of SCION's upper layers, over a pseudo header of both ISD-ASes and
 * hosts, the length and the protocol, and over the payload.
 */
static uint16_t checksum(const struct scion_header *header, size_t hosts_len,
			 unsigned int protocol, const uint8_t *payload, size_t len)
{
	uint32_t acc = len + protocol;

	acc = sum(acc, (const uint8_t *)&header->dst_isd_as, 16);
	acc = sum(acc, header->hosts, hosts_len);
	acc = sum(acc, payload, len);
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return acc == 0xffff ? 0xffff : ~acc;
}

/* Bytes that differ from packet to packet and from place to place. */
static void fill_pattern(uint8_t *to, size_t len, unsigned int number)
{
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = number * 31 ^ i * 7 ^ i >> 8;
}

static size_t header_size(const struct options *options)
{
	return sizeof(struct scion_header) + options->dst.host_len +
	       options->src.host_len + options->path_len;
}

/*
 * Makes a packet of @size bytes: SCION/UDP where a UDP header fits, else one that
 * has no ports. The flow id carries @number, since the shortest packet has no other
 * room; with a path the payload does, since the flow id is not what comes back.
 */
static void make_packet(uint8_t *packet, size_t size, unsigned int number,
			const struct options *options)
{
	const struct endpoint *src = &options->src, *dst = &options->dst;
	struct scion_header *header = (struct scion_header *)packet;
	size_t header_len = header_size(options);
	size_t payload_len = size - header_len;
	uint8_t *payload = packet + header_len;
	uint8_t *hosts_end = header->hosts + dst->host_len + src->host_len;

	memset(header, 0, sizeof(*header));
	header->version_class_flow = htonl(number);
	header->next_header = payload_len < UDP_HEADER ? PROTO_EXPERIMENT : PROTO_UDP;
	header->header_len = header_len / 4;
	header->payload_len = htons(payload_len);
	header->path_type = options->path_len ? PATH_SCION : PATH_EMPTY;
	header->host_types = dst->host_type << 4 | src->host_type;
	header->dst_isd_as = dst->isd_as;
	header->src_isd_as = src->isd_as;
	memcpy(header->hosts, dst->host, dst->host_len);
	memcpy(header->hosts + dst->host_len, src->host, src->host_len);
	memcpy(hosts_end, options->path, options->path_len);

	if (header->next_header == PROTO_UDP) {
		uint16_t udp[4] = { src->port, dst->port, htons(payload_len), 0 };
		uint32_t wire_number = htonl(number);

		memcpy(payload, udp, sizeof(udp));
		fill_pattern(payload + UDP_HEADER, payload_len - UDP_HEADER, number);
		if (options->path_len)
			memcpy(payload + UDP_HEADER, &wire_number, sizeof(wire_number));
		udp[3] = htons(checksum(header, dst->host_len + src->host_len,
					PROTO_UDP, payload, payload_len));
		memcpy(payload, udp, sizeof(udp));
	} else {
		fill_pattern(payload, payload_len, number);
	}
}

/* The number of a packet that came back; above MAX_NUMBER when it has none. */
static uint32_t number_of(const uint8_t *packet, size_t len,
			  const struct options *options)
{
	size_t at = options->path_len ? header_size(options) + UDP_HEADER : 0;
	uint32_t number;

	if (len < at + sizeof(number))
		return UINT32_MAX;
	memcpy(&number, packet + at, sizeof(number));
	number = ntohl(number);
	return options->path_len ? number : number & MAX_NUMBER;
}

/*
 * Whether a packet that was turned around is one that was sent. An application
 * chooses the flow id and how it writes a checksum of zero, and the network rewrites
 * the path.
 */
static bool is_same(uint8_t *packet, const uint8_t *sent, size_t len,
		    const struct options *options)
{
	size_t payload = header_size(options);
	size_t path = payload - options->path_len;
	size_t start = offsetof(struct scion_header, next_header);
	uint8_t *check = packet + payload + UDP_HEADER - 2;

	if (!options->path_len)
		return !memcmp(packet, sent, len);
	if (!check[0] && !check[1])
		check[0] = check[1] = 0xff;
	return !memcmp(packet + start, sent + start, path - start) &&
	       !memcmp(packet + payload, sent + payload, len - payload);
}

static void swap(uint8_t *a, uint8_t *b, size_t len)
{
	uint8_t keep[16];

	memcpy(keep, a, len);
	memcpy(a, b, len);
	memcpy(b, keep, len);
}

/*
 * Addresses a packet back to where it came from, all else as it was, which
 * leaves the checksum right. Returns why not, or NULL.
 */
static const char *turn_around(uint8_t *packet, size_t len)
{
	struct scion_header *header = (struct scion_header *)packet;
	size_t host_len, header_len;

	if (len < sizeof(*header) || ntohl(header->version_class_flow) >> 28)
		return "no SCION packet";
	host_len = 4 * ((header->host_types & 3) + 1);
	header_len = 4 * header->header_len;
	if (header->host_types >> 4 != (header->host_types & 0xf))
		return "hosts of different kinds";
	if (header_len < sizeof(*header) + 2 * host_len ||
	    header_len + ntohs(header->payload_len) != len)
		return "the lengths disagree";

	swap(packet + offsetof(struct scion_header, dst_isd_as),
	     packet + offsetof(struct scion_header, src_isd_as), 8);
	swap(header->hosts, header->hosts + host_len, host_len);
	if (header->next_header == PROTO_UDP) {
		if (len < header_len + UDP_HEADER)
			return "no ports";
		swap(packet + header_len, packet + header_len + 2, 2);
	}
	return NULL;
}

/* Whether a packet that was turned around came for @src. */
static bool came_for(const uint8_t *packet, const struct endpoint *src)
{
	const struct scion_header *header = (const struct scion_header *)packet;
	size_t header_len = 4 * header->header_len;

	return (header->host_types & 0xf) == src->host_type &&
	       !memcmp(header->hosts + src->host_len, src->host, src->host_len) &&
	       (header->next_header != PROTO_UDP ||
		!memcmp(packet + header_len, &src->port, sizeof(src->port)));
}

static int open_device(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_SCION),
		.sll_ifindex = if_nametoindex(name),
	};
	int size = SOCKET_BUFFER;
	int fd;

	if (!address.sll_ifindex)
		fail(name, strerror(errno));
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fail("packet socket", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		fail(name, strerror(errno));
	return fd;
}

/* Sends through the device that the socket is bound to. */
static int send_packet(int fd, const uint8_t *packet, size_t len)
{
	return send(fd, packet, len, 0) == (ssize_t)len ? 0 : -errno;
}

/*
 * Waits until @end (as of now_ms) for a packet. Returns its length, 0 for none,
 * -errno when the device is gone.
 */
static ssize_t receive_packet(int fd, uint8_t *packet, int64_t end)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t left = end - now_ms();
	ssize_t len;

	if (poll(&wait, 1, left > 0 ? (int)left : 0) <= 0)
		return 0;
	len = recv(fd, packet, MAX_PACKET, MSG_TRUNC);
	if (len < 0)
		return errno == EINTR ? 0 : -errno;
	return len;
}

static int serve(int fd, const struct options *options)
{
	static uint8_t packet[MAX_PACKET];
	int64_t end = options->seconds ? now_ms() + options->seconds * 1000LL :
					 INT64_MAX;
	unsigned long echoed = 0;

	/* Whoever waits for this line loses no packet. */
	printf("serving\n");
	while (!terminated && now_ms() < end) {
		/* A signal may come just before the wait: keep it short. */
		int64_t next = now_ms() + 500;
		ssize_t len = receive_packet(fd, packet, next < end ? next : end);
		const char *why;
		int error;

		if (len < 0)
			fail("receive", strerror(-len));
		if (!len)
			continue;
		why = turn_around(packet, len);
		if (why) {
			printf("rejected %zd bytes: %s\n", len, why);
			continue;
		}
		error = send_packet(fd, packet, len);
		if (error)
			printf("not echoed, %zd bytes: %s\n", len, strerror(-error));
		else
			echoed++;
	}
	printf("echoed %lu\n", echoed);
	return STATUS_OK;
}

/* Sends the next packet. One that the device refuses counts as lost. */
static unsigned int send_next(struct sender *sender)
{
	const struct options *options = sender->options;
	unsigned int number = sender->sent++;
	size_t len = options->sizes[number % options->n_sizes];
	struct under_way *slot = sender->slots;
	int error;

	while (slot->len)
		slot++;
	slot->number = number;
	slot->len = len;
	slot->packet = malloc(len);
	if (!slot->packet)
		fail("memory", strerror(errno));
	make_packet(slot->packet, len, number, options);
	sender->n_under_way++;
	error = send_packet(sender->fd, slot->packet, len);
	if (error)
		printf("packet %u not sent, %zu bytes: %s\n", number, len,
		       strerror(-error));
	return number;
}

static void forget(struct sender *sender, struct under_way *slot)
{
	free(slot->packet);
	slot->packet = NULL;
	slot->len = 0;
	sender->n_under_way--;
}

/*
 * Waits until @end for a packet. Returns false when there was none; else
 * *@number is the one that it is the true echo of, or -1.
 */
static bool take_echo(struct sender *sender, int64_t end, int64_t *number)
{
	static uint8_t packet[MAX_PACKET];
	ssize_t len = receive_packet(sender->fd, packet, end);
	struct under_way *slot = sender->slots;
	const char *fault;
	uint32_t found;

	*number = -1;
	if (len < 0) {
		printf("receive: %s\n", strerror(-len));
		return true;
	}
	if (!len)
		return false;
	found = number_of(packet, len, sender->options);
	fault = turn_around(packet, len);
	if (!fault && !came_for(packet, &sender->options->src))
		return true;

	while (slot < sender->slots + MAX_WINDOW && !(slot->len && slot->number == found))
		slot++;
	if (!fault && slot == sender->slots + MAX_WINDOW)
		fault = "not expected";
	else if (!fault && ((size_t)len != slot->len ||
			    !is_same(packet, slot->packet, len, sender->options)))
		fault = "came back changed";
	if (!fault) {
		forget(sender, slot);
		sender->received++;
		*number = found;
		return true;
	}
	printf("packet %u, %zd bytes: %s\n", found, len, fault);
	sender->unexpected++;
	return true;
}

/*
 * Keeps a few packets under way until all are back or nothing comes. What is late
 * for its rate is sent at once.
 */
static void send_in_window(struct sender *sender)
{
	const struct options *options = sender->options;
	int64_t start = now_ms();
	int64_t number;

	while (sender->sent < options->count || sender->n_under_way) {
		bool may_send = sender->sent < options->count &&
				sender->n_under_way < options->window;
		int64_t due = options->rate ?
				      start + sender->sent * 1000LL / options->rate : start;

		if (may_send && due <= now_ms())
			send_next(sender);
		else if (may_send)
			take_echo(sender, due, &number);
		else if (!take_echo(sender, now_ms() + options->timeout * 1000LL, &number))
			break;
	}
	if (options->rate)
		printf("in %lld ms\n", (long long)(now_ms() - start));
}

/* Sends one packet after each pause and tells of each how it fared. */
static void send_at_times(struct sender *sender)
{
	const struct options *options = sender->options;
	int64_t start = now_ms();
	unsigned int i;

	for (i = 0; i < options->count && !terminated; i++) {
		int64_t next = start + (i + 1) * options->every * 1000LL;
		unsigned int number;
		int64_t echo = -1;

		/* Waited for in vain all this time: no longer. */
		if (sender->n_under_way == MAX_WINDOW)
			break;
		number = send_next(sender);
		while (echo != number && take_echo(sender, next, &echo))
			if (echo >= 0 && echo != number)
				printf("packet %lld late\n", (long long)echo);
		printf("%us packet %u %s\n", i * options->every, number,
		       echo == number ? "back" : "lost");
		while (now_ms() < next && !terminated)
			poll(NULL, 0, (int)(next - now_ms()));
	}
}

static int send_and_check(int fd, const struct options *options)
{
	struct sender sender = { .fd = fd, .options = options };
	unsigned int i;

	if (options->every)
		send_at_times(&sender);
	else
		send_in_window(&sender);

	for (i = 0; i < MAX_WINDOW; i++) {
		if (!sender.slots[i].len)
			continue;
		printf("lost packet %u, %zu bytes\n", sender.slots[i].number,
		       sender.slots[i].len);
		forget(&sender, &sender.slots[i]);
	}
	printf("sent %u received %u\n", sender.sent, sender.received);
	return sender.sent != sender.received || sender.unexpected ? STATUS_FAILED :
								     STATUS_OK;
}

/*
 * What is wrong with an answer to a packet, or NULL; *@mtu is what it tells. It must
 * come to the sender over an empty path, with a right checksum, and quote as much
 * of the packet as may be.
 */
static const char *read_too_big(const uint8_t *answer, size_t len,
				const uint8_t *packet, size_t packet_len,
				const struct endpoint *src, unsigned int *mtu)
{
	const struct scion_header *header = (const struct scion_header *)answer;
	size_t header_len = sizeof(*header) + 2 * src->host_len;
	const uint8_t *scmp = answer + header_len;
	size_t quote = SCMP_PACKET_MAX - header_len - SCMP_HEADER;

	if (quote > packet_len)
		quote = packet_len;
	if (len != header_len + SCMP_HEADER + quote ||
	    header->header_len * 4u != header_len ||
	    ntohs(header->payload_len) != SCMP_HEADER + quote)
		return "wrong lengths";
	if (header->path_type || header->dst_isd_as != src->isd_as ||
	    header->src_isd_as != src->isd_as ||
	    header->host_types != (src->host_type << 4 | src->host_type) ||
	    memcmp(header->hosts, src->host, src->host_len))
		return "not addressed to the sender";
	if (scmp[0] != SCMP_PACKET_TOO_BIG || scmp[1])
		return "another SCMP message";
	/* With a right checksum in it the sum comes to nothing. */
	if (checksum(header, 2 * src->host_len, PROTO_SCMP, scmp,
		     SCMP_HEADER + quote) != 0xffff)
		return "wrong checksum";
	if (memcmp(scmp + SCMP_HEADER, packet, quote))
		return "quotes something else";
	*mtu = scmp[6] << 8 | scmp[7];
	return NULL;
}

static int find_mtu(int fd, const struct options *options)
{
	static uint8_t packet[MAX_PACKET], answer[MAX_PACKET];
	size_t len = options->sizes[0];
	unsigned int i, mtu;

	make_packet(packet, len, 0, options);
	for (i = 0; i < options->count; i++) {
		const struct scion_header *header = (const void *)answer;
		int64_t end = now_ms() + 300;
		const char *fault;
		ssize_t got;

		send_packet(fd, packet, len);
		while ((got = receive_packet(fd, answer, end)) > 0) {
			if ((size_t)got < sizeof(*header) ||
			    header->next_header != PROTO_SCMP)
				continue;
			fault = read_too_big(answer, got, packet, len,
					     &options->src, &mtu);
			if (fault)
				fail("SCMP", fault);
			printf("%u\n", mtu);
			return STATUS_OK;
		}
	}
	printf("no SCMP message came\n");
	return STATUS_FAILED;
}

static unsigned int parse_number(const char *text, unsigned int min,
				 unsigned int max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value < min || value > max)
		wrong_usage(text, "no number, or out of range");
	return value;
}

static void parse_path(struct options *options, const char *hex)
{
	size_t len = strlen(hex) / 2;
	int used = 0;
	size_t i;

	if (!len || len % 4 || len > MAX_PATH || hex[2 * len])
		wrong_usage(hex, "no path of that length");
	for (i = 0; i < len; i++, hex += 2)
		if (sscanf(hex, "%2hhx%n", &options->path[i], &used) != 1 || used != 2)
			wrong_usage(hex, "not hex");
	options->path_len = len;
}

static void parse_sizes(struct options *options, char *list)
{
	char *rest = NULL;
	char *size;

	options->n_sizes = 0;
	for (size = strtok_r(list, ",", &rest); size; size = strtok_r(NULL, ",", &rest)) {
		if (options->n_sizes == MAX_SIZES)
			wrong_usage("--sizes", "too many");
		options->sizes[options->n_sizes++] = parse_number(size, 1, MAX_PACKET);
	}
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "src", required_argument, NULL, 's' },
		{ "dst", required_argument, NULL, 'd' },
		{ "path", required_argument, NULL, 'p' },
		{ "sizes", required_argument, NULL, 'z' },
		{ "min", required_argument, NULL, 'm' },
		{ "max", required_argument, NULL, 'M' },
		{ "count", required_argument, NULL, 'c' },
		{ "window", required_argument, NULL, 'w' },
		{ "rate", required_argument, NULL, 'r' },
		{ "every", required_argument, NULL, 'e' },
		{ "seconds", required_argument, NULL, 'S' },
		{ "timeout", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned int min = 100, max = 0, size;
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (option) {
		case 's':
			options->src = parse_endpoint(optarg, ISD_AS_SRC);
			options->has_src = true;
			break;
		case 'd':
			options->dst = parse_endpoint(optarg, ISD_AS_DST);
			options->has_dst = true;
			break;
		case 'p':
			parse_path(options, optarg);
			break;
		case 'z':
			parse_sizes(options, optarg);
			break;
		case 'm':
			min = parse_number(optarg, 1, MAX_PACKET);
			break;
		case 'M':
			max = parse_number(optarg, 1, MAX_PACKET);
			break;
		case 'c':
			options->count = parse_number(optarg, 1, MAX_NUMBER);
			break;
		case 'w':
			options->window = parse_number(optarg, 1, MAX_WINDOW);
			break;
		case 'r':
			options->rate = parse_number(optarg, 1, 1000000);
			break;
		case 'e':
			options->every = parse_number(optarg, 1, 3600);
			break;
		case 'S':
			options->seconds = parse_number(optarg, 1, 86400);
			break;
		case 't':
			options->timeout = parse_number(optarg, 1, 3600);
			break;
		default:
			wrong_usage(argv[optind - 1], "not understood");
		}
	}
	if (optind != argc)
		wrong_usage(argv[optind], "one too many");
	if (!options->n_sizes)
		for (size = min; size <= (max ? max : min); size++)
			options->sizes[options->n_sizes++] = size;
	if (options->every)
		options->count = (options->seconds + options->every - 1) / options->every;
}

/* Checks what only "send" needs. */
static void check_send_options(const struct options *options)
{
	size_t least = header_size(options);
	unsigned int i;

	if (options->path_len)
		least += UDP_HEADER + sizeof(uint32_t);
	if (!options->has_src || !options->has_dst)
		wrong_usage("send", "--src and --dst are needed");
	if (options->src.host_type != options->dst.host_type)
		wrong_usage("send", "--src and --dst are of different kinds");
	if (header_size(options) > UINT8_MAX * 4)
		wrong_usage("send", "the path is too long");
	if (options->every && !options->seconds)
		wrong_usage("send", "--every needs --seconds");
	if (!options->n_sizes)
		wrong_usage("send", "no sizes");
	for (i = 0; i < options->n_sizes; i++)
		if (options->sizes[i] < least)
			wrong_usage("send", "a size is too short for what is sent");
}

int main(int argc, char **argv)
{
	static struct options options; /* large */
	struct sigaction on_term = { .sa_handler = terminate };
	int fd, status;

	/* What follows is read while this runs. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 3)
		wrong_usage("arguments", "too few");
	options.count = 1;
	options.window = 16;
	options.timeout = 10;
	parse_options(&options, argc - 2, argv + 2);
	sigaction(SIGTERM, &on_term, NULL);

	if (!strcmp(argv[1], "serve")) {
		fd = open_device(argv[2]);
		status = serve(fd, &options);
	} else if (!strcmp(argv[1], "send")) {
		check_send_options(&options);
		fd = open_device(argv[2]);
		status = send_and_check(fd, &options);
	} else if (!strcmp(argv[1], "too-big")) {
		check_send_options(&options);
		fd = open_device(argv[2]);
		status = find_mtu(fd, &options);
	} else {
		wrong_usage(argv[1], "no such command");
	}
	close(fd);
	return status;
}
