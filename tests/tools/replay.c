// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * replay: sends UDP datagrams of a capture (pcap, Ethernet) once more.
 *
 * "frames" sends whole frames through a device, so that they look as they did;
 * "udp" sends their payloads from a socket, so that they come from elsewhere.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PCAP_MICROSECONDS 0xa1b2c3d4u
#define PCAP_NANOSECONDS 0xa1b23c4du
#define PCAP_ETHERNET 1
#define MAX_FRAME 65600

/* Exit statuses. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

struct pcap_header {
	uint32_t magic;
	uint16_t major;
	uint16_t minor;
	uint32_t zone;
	uint32_t accuracy;
	uint32_t snap_len;
	uint32_t link_type;
};

struct pcap_record {
	uint32_t seconds;
	uint32_t fraction;
	uint32_t captured;
	uint32_t len;
};

struct options {
	const char *file;
	int type; /* of messages: their first byte; -1: all */
	int flip; /* number of a bit of the payload to change; -1: none */
	unsigned int repeat;
	unsigned int every_ms;
	int fd;
	bool frames;
	struct sockaddr_ll device;
};

static const char usage[] =
	"usage: replay frames FILE DEV [OPTION...]\n"
	"       replay udp FILE FROM-ADDR:PORT TO-ADDR:PORT [OPTION...]\n"
	"Sends the IPv4 UDP datagrams of a capture again and prints how many.\n"
	"  --type N    only those whose payload begins with byte N\n"
	"  --flip N    with bit N of the payload changed, 0 the lowest of the first byte\n"
	"  --repeat N  the whole capture N times\n"
	"  --every MS  pauses before each datagram but the first\n"
	"Exit status: 0 all were sent, 1 something went wrong, 2 wrong usage.\n";

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "replay: %s: %s\n", what, why);
	exit(STATUS_FAILED);
}

static void wrong_usage(const char *what, const char *why)
{
	fprintf(stderr, "replay: %s: %s\n%s", what, why, usage);
	exit(STATUS_USAGE);
}

static unsigned int parse_number(const char *text, unsigned long max)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number > max)
		wrong_usage(text, "not a number in range");
	return (unsigned int)number;
}

/* Reads ADDR:PORT. */
static struct sockaddr_in parse_address(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *colon = strchr(text, ':');
	char host[INET_ADDRSTRLEN];
	size_t len = colon ? (size_t)(colon - text) : 0;

	if (!len || len >= sizeof(host))
		wrong_usage(text, "not ADDR:PORT");
	memcpy(host, text, len);
	host[len] = '\0';
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		wrong_usage(text, "not ADDR:PORT");
	address.sin_port = htons((uint16_t)parse_number(colon + 1, UINT16_MAX));
	return address;
}

static void open_device(struct options *options, const char *name)
{
	options->frames = true;
	options->device.sll_family = AF_PACKET;
	options->device.sll_ifindex = (int)if_nametoindex(name);
	if (!options->device.sll_ifindex)
		fail(name, strerror(errno));
	/* Protocol 0: nothing is received. */
	options->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (options->fd < 0)
		fail("packet socket", strerror(errno));
}

static void open_udp(struct options *options, const char *from, const char *to)
{
	struct sockaddr_in local = parse_address(from);
	struct sockaddr_in remote = parse_address(to);

	options->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (options->fd < 0)
		fail("socket", strerror(errno));
	if (bind(options->fd, (struct sockaddr *)&local, sizeof(local)))
		fail(from, strerror(errno));
	if (connect(options->fd, (struct sockaddr *)&remote, sizeof(remote)))
		fail(to, strerror(errno));
}

/* Where the payload of a frame begins, or 0 where it is no whole datagram. */
static size_t find_payload(const uint8_t *frame, size_t len)
{
	struct ether_header ethernet;
	struct iphdr ip;
	size_t start = sizeof(ethernet);

	if (len < start + sizeof(ip))
		return 0;
	memcpy(&ethernet, frame, sizeof(ethernet));
	memcpy(&ip, frame + start, sizeof(ip));
	if (ethernet.ether_type != htons(ETHERTYPE_IP) || ip.version != 4 ||
	    ip.protocol != IPPROTO_UDP || (ip.frag_off & htons(IP_MF | IP_OFFMASK)))
		return 0;
	start += ip.ihl * 4UL + sizeof(struct udphdr);
	return start < len ? start : 0;
}

static void send_one(const struct options *options, uint8_t *frame, size_t len,
		     size_t payload)
{
	ssize_t sent;

	if (options->frames) {
		/* A capture on the sender's side has no checksums yet: none is valid, too. */
		memset(frame + payload - 2, 0, 2);
		sent = sendto(options->fd, frame, len, 0,
			      (const struct sockaddr *)&options->device,
			      sizeof(options->device));
	} else {
		sent = send(options->fd, frame + payload, len - payload, 0);
		/* A port that was closed when an earlier one came. */
		if (sent < 0 && errno == ECONNREFUSED)
			sent = send(options->fd, frame + payload, len - payload, 0);
	}
	if (sent < 0)
		fail("send", strerror(errno));
}

/* Sends the whole file once. Returns how many datagrams those were. */
static unsigned int replay(const struct options *options, bool pause_first)
{
	const struct timespec pause = {
		.tv_sec = options->every_ms / 1000,
		.tv_nsec = options->every_ms % 1000 * 1000000L,
	};
	FILE *file = fopen(options->file, "re");
	static uint8_t frame[MAX_FRAME];
	struct pcap_header header;
	struct pcap_record record;
	unsigned int sent = 0;

	if (!file)
		fail(options->file, strerror(errno));
	if (fread(&header, sizeof(header), 1, file) != 1 ||
	    (header.magic != PCAP_MICROSECONDS && header.magic != PCAP_NANOSECONDS) ||
	    header.link_type != PCAP_ETHERNET)
		fail(options->file, "not a capture of Ethernet in this machine's byte order");
	while (fread(&record, sizeof(record), 1, file) == 1) {
		size_t payload;

		if (record.captured > sizeof(frame) ||
		    fread(frame, 1, record.captured, file) != record.captured)
			fail(options->file, "ends in the middle of a frame");
		payload = find_payload(frame, record.captured);
		if (!payload || record.captured != record.len ||
		    (options->type >= 0 && frame[payload] != options->type))
			continue;
		if (options->flip >= 0) {
			size_t place = payload + (size_t)options->flip / 8;

			if (place >= record.captured)
				continue;
			frame[place] ^= (uint8_t)(1 << options->flip % 8);
		}
		if (options->every_ms && (pause_first || sent))
			nanosleep(&pause, NULL);
		send_one(options, frame, record.captured, payload);
		sent++;
	}
	fclose(file);
	return sent;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "type", required_argument, NULL, 't' },
		{ "flip", required_argument, NULL, 'f' },
		{ "repeat", required_argument, NULL, 'r' },
		{ "every", required_argument, NULL, 'e' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .type = -1, .flip = -1, .repeat = 1 };
	unsigned int sent = 0;
	int option;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == 't')
			options.type = (int)parse_number(optarg, UINT8_MAX);
		else if (option == 'f')
			options.flip = (int)parse_number(optarg, 8 * MAX_FRAME - 1);
		else if (option == 'r')
			options.repeat = parse_number(optarg, 1000000);
		else if (option == 'e')
			options.every_ms = parse_number(optarg, 1000000);
		else
			wrong_usage("options", "unknown or incomplete");
	}
	argc -= optind;
	argv += optind;
	if (argc == 3 && !strcmp(argv[0], "frames"))
		open_device(&options, argv[2]);
	else if (argc == 4 && !strcmp(argv[0], "udp"))
		open_udp(&options, argv[2], argv[3]);
	else
		wrong_usage("arguments", "not what is expected");
	options.file = argv[1];

	for (unsigned int i = 0; i < options.repeat; i++)
		sent += replay(&options, i > 0);
	printf("%u\n", sent);
	if (close(options.fd) || fflush(stdout))
		fail("end", strerror(errno));
	return sent ? STATUS_OK : STATUS_FAILED;
}
