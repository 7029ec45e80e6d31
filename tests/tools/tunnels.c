// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tunnels: makes many tunnels of a device, changes their keepalives or counts them, over
 * one netlink socket: a process for each would take far longer than the tunnels do.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/snaptun.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Exit statuses. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

static const char usage[] =
	"usage: tunnels new DEV COUNT KEY IPV4 PORT KEEPALIVE [ANSWER]\n"
	"       tunnels set DEV COUNT KEEPALIVE [ANSWER]\n"
	"       tunnels count DEV\n"
	"       tunnels dump DEV\n"
	"\n"
	"new makes COUNT tunnels to the server with that key (hexadecimal). Not many shake\n"
	"hands at once: it waits while 48 are not established, but not for ever, so that the\n"
	"server drops none. Without KEEPALIVE (0) they rest, and nothing waits for them.\n"
	"set changes tunnels 1 to COUNT. KEEPALIVE is in seconds; ANSWER 0 or 1 says whether\n"
	"keepalives are answered. count says how many are established, and how many there are.\n"
	"dump has the kernel write down all of them, and says how many it wrote.\n"
	"Exit status: 0 done, 1 something went wrong, 2 wrong usage.\n";

#define KEY_BYTES	32
#define AT_ONCE		48
/* How long it waits for all of those to be established, in milliseconds. */
#define PATIENCE	2000

static struct {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	uint8_t attributes[1024];
} request;

static union {
	struct nlmsghdr header;
	uint8_t bytes[65536];
} answer;

static int fd;
static uint16_t family;
static uint32_t ifindex;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "tunnels: %s: %s\n", what, why);
	exit(STATUS_FAILED);
}

static void begin(uint16_t type, uint8_t command)
{
	memset(&request, 0, sizeof(request));
	request.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	request.header.nlmsg_type = type;
	request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	request.genl.cmd = command;
	request.genl.version = 1;
}

static struct nlattr *put(uint16_t type, const void *value, size_t len)
{
	struct nlattr *attribute = (void *)((uint8_t *)&request + request.header.nlmsg_len);

	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((uint8_t *)attribute + NLA_HDRLEN, value, len);
	request.header.nlmsg_len += NLA_ALIGN(attribute->nla_len);
	return attribute;
}

static void put_u32(uint16_t type, uint32_t value)
{
	put(type, &value, sizeof(value));
}

/* The attribute of the answer, or NULL. */
static const void *find(uint16_t type)
{
	size_t at = NLMSG_LENGTH(GENL_HDRLEN);

	while (at + NLA_HDRLEN <= answer.header.nlmsg_len) {
		const struct nlattr *attribute = (void *)(answer.bytes + at);

		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return answer.bytes + at + NLA_HDRLEN;
		at += NLA_ALIGN(attribute->nla_len);
	}
	return NULL;
}

/* Sends the request, and calls take for the message that answers it. */
static void call(const char *what, void (*take)(void))
{
	const struct nlmsgerr *error = NLMSG_DATA(&answer.header);

	if (send(fd, &request, request.header.nlmsg_len, 0) < 0)
		fail("netlink", strerror(errno));
	for (;;) {
		if (recv(fd, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_HDRLEN)
			fail("netlink", strerror(errno));
		if (answer.header.nlmsg_type == NLMSG_ERROR) {
			if (error->error)
				fail(what, strerror(-error->error));
			return;
		}
		if (take)
			take();
	}
}

static void take_family(void)
{
	memcpy(&family, find(CTRL_ATTR_FAMILY_ID), sizeof(family));
}

static void open_netlink(void)
{
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		fail("netlink", strerror(errno));
	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	put(CTRL_ATTR_FAMILY_NAME, SNAPTUN_FAMILY_NAME, sizeof(SNAPTUN_FAMILY_NAME));
	call("family", take_family);
}

static uint32_t established, present;

static void take_counts(void)
{
	memcpy(&established, find(SNAPTUN_A_DEVICE_ESTABLISHED), sizeof(established));
	memcpy(&present, find(SNAPTUN_A_DEVICE_TUNNELS), sizeof(present));
}

static void count_tunnels(void)
{
	begin(family, SNAPTUN_CMD_DEVICE_GET);
	put_u32(SNAPTUN_A_DEVICE_IFINDEX, ifindex);
	call("device", take_counts);
}

/* Waits until all of the device's tunnels but for AT_ONCE are established. */
static void wait_for(uint32_t made)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	unsigned int i;

	for (i = 0; i < PATIENCE; i++) {
		count_tunnels();
		if (established + AT_ONCE > made)
			return;
		nanosleep(&pause, NULL);
	}
}

/* The number that argument i is, within bounds. */
static uint32_t number(char **arguments, unsigned int i, uint32_t max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(arguments[i], &end, 10);
	if (errno || *end || end == arguments[i] || value > max)
		fail(arguments[i], "not a number, or too great");
	return value;
}

static void put_keepalive(char **arguments, int first)
{
	uint16_t keepalive = number(arguments, first, UINT16_MAX);

	put(SNAPTUN_A_TUNNEL_KEEPALIVE, &keepalive, sizeof(keepalive));
	if (arguments[first + 1]) {
		uint8_t answers = number(arguments, first + 1, 1);

		put(SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES, &answers, sizeof(answers));
	}
}

static void make(char **arguments, uint32_t count)
{
	bool waits = number(arguments, 7, UINT16_MAX);
	uint16_t port = htons(number(arguments, 6, UINT16_MAX));
	uint8_t key[KEY_BYTES];
	struct nlattr *endpoint;
	struct in_addr ip;
	uint32_t i;

	for (i = 0; i < KEY_BYTES; i++)
		if (sscanf(arguments[4] + 2 * i, "%2hhx", &key[i]) != 1)
			fail(arguments[4], "not a key");
	if (!inet_aton(arguments[5], &ip))
		fail(arguments[5], "not an address");
	for (i = 1; i <= count; i++) {
		begin(family, SNAPTUN_CMD_TUNNEL_NEW);
		put_u32(SNAPTUN_A_TUNNEL_IFINDEX, ifindex);
		put(SNAPTUN_A_TUNNEL_REMOTE_KEY, key, sizeof(key));
		endpoint = put(NLA_F_NESTED | SNAPTUN_A_TUNNEL_ENDPOINT, NULL, 0);
		put(SNAPTUN_A_ADDRESS_IPV4, &ip, sizeof(ip));
		put(SNAPTUN_A_ADDRESS_PORT, &port, sizeof(port));
		endpoint->nla_len = (uint8_t *)&request + request.header.nlmsg_len -
				    (uint8_t *)endpoint;
		put_keepalive(arguments, 7);
		call("tunnel", NULL);
		if (waits && i % (AT_ONCE / 4) == 0)
			wait_for(i);
	}
}

static void change(char **arguments, uint32_t count)
{
	uint32_t i;

	for (i = 1; i <= count; i++) {
		begin(family, SNAPTUN_CMD_TUNNEL_SET);
		put_u32(SNAPTUN_A_TUNNEL_IFINDEX, ifindex);
		put_u32(SNAPTUN_A_TUNNEL_ID, i);
		put_keepalive(arguments, 4);
		call("tunnel", NULL);
	}
}

/* How many tunnels a dump shows. */
static uint32_t dump(void)
{
	uint32_t shown = 0;

	begin(family, SNAPTUN_CMD_TUNNEL_GET);
	request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	put_u32(SNAPTUN_A_TUNNEL_IFINDEX, ifindex);
	if (send(fd, &request, request.header.nlmsg_len, 0) < 0)
		fail("netlink", strerror(errno));
	for (;;) {
		ssize_t len = recv(fd, &answer, sizeof(answer), MSG_TRUNC);
		const struct nlmsghdr *header = &answer.header;

		if (len < 0 || len > (ssize_t)sizeof(answer))
			fail("netlink", len < 0 ? strerror(errno) : "a message is too long");
		for (; NLMSG_OK(header, len); header = NLMSG_NEXT(header, len)) {
			if (header->nlmsg_type == NLMSG_DONE)
				return shown;
			if (header->nlmsg_type == NLMSG_ERROR)
				fail("dump", "refused");
			shown++;
		}
	}
}

int main(int n, char **arguments)
{
	const char *command = n > 1 ? arguments[1] : "";
	bool is_new = n >= 8 && n <= 9 && !strcmp(command, "new");
	bool is_set = n >= 5 && n <= 6 && !strcmp(command, "set");
	bool is_count = n == 3 && !strcmp(command, "count");
	bool is_dump = n == 3 && !strcmp(command, "dump");

	if (!is_new && !is_set && !is_count && !is_dump) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	ifindex = if_nametoindex(arguments[2]);
	if (!ifindex)
		fail(arguments[2], strerror(errno));
	open_netlink();
	if (is_new) {
		make(arguments, number(arguments, 3, INT_MAX));
	} else if (is_set) {
		change(arguments, number(arguments, 3, INT_MAX));
	} else if (is_count) {
		count_tunnels();
		printf("%u %u\n", established, present);
	} else {
		printf("%u\n", dump());
	}
	return STATUS_OK;
}
