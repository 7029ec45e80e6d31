// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * link-add: makes a device of kind snaptun with attributes, as a network manager
 * would over rtnetlink; `ip link add` knows none of this kind.
 */
#include <errno.h>
#include <getopt.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/snaptun.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Exit statuses. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

static const char usage[] =
	"usage: link-add NAME [--private-key HEX] [--listen-port PORT] [--fwmark MARK]\n"
	"HEX is sent as it is, whatever its length.\n"
	"Exit status: 0 the device is there, 1 the kernel refused, 2 wrong usage.\n";

struct request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	uint8_t attributes[1024];
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "link-add: %s: %s\n", what, why);
	exit(STATUS_FAILED);
}

static void *put(struct request *request, unsigned short type,
		 const void *value, size_t len)
{
	struct rtattr *attribute = (void *)((uint8_t *)request +
					    NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(attribute), value, len);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) +
				    RTA_ALIGN(attribute->rta_len);
	return attribute;
}

/* Ends an attribute that holds those which were put since. */
static void end(const struct request *request, struct rtattr *attribute)
{
	attribute->rta_len = (const uint8_t *)request + request->header.nlmsg_len -
			     (const uint8_t *)attribute;
}

static size_t parse_hex(uint8_t *to, size_t size, const char *text)
{
	size_t len = strlen(text) / 2, i;

	for (i = 0; i < len && i < size; i++)
		if (sscanf(text + 2 * i, "%2hhx", &to[i]) != 1)
			fail(text, "no hexadecimal digits");
	return i;
}

/* What the kernel says in its extended acknowledgment, or "". */
static const char *reason(const struct nlmsghdr *header)
{
	const struct nlmsgerr *error = NLMSG_DATA(header);
	size_t skip = sizeof(*error);
	struct rtattr *attribute;
	int left;

	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return "";
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - NLMSG_HDRLEN;
	attribute = (void *)((uint8_t *)error + NLMSG_ALIGN(skip));
	left = NLMSG_PAYLOAD(header, 0) - NLMSG_ALIGN(skip);
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if (attribute->rta_type == NLMSGERR_ATTR_MSG)
			return RTA_DATA(attribute);
	return "";
}

static int call(struct request *request)
{
	union {
		struct nlmsghdr header;
		uint8_t bytes[4096];
	} answer;
	const struct nlmsgerr *error = NLMSG_DATA(&answer.header);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), on = 1;

	if (fd < 0)
		fail("netlink", strerror(errno));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	if (send(fd, request, request->header.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_LENGTH(sizeof(*error)))
		fail("netlink", strerror(errno));
	if (answer.header.nlmsg_type != NLMSG_ERROR)
		fail("netlink", "no acknowledgment");
	if (error->error)
		fprintf(stderr, "link-add: %s: %s\n", strerror(-error->error),
			reason(&answer.header));
	close(fd);
	return error->error ? STATUS_FAILED : STATUS_OK;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "private-key", required_argument, NULL, 'k' },
		{ "listen-port", required_argument, NULL, 'l' },
		{ "fwmark", required_argument, NULL, 'm' },
		{ NULL, 0, NULL, 0 },
	};
	struct request request = {
		.header = {
			.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			.nlmsg_type = RTM_NEWLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE |
				       NLM_F_EXCL,
		},
	};
	struct rtattr *info, *data;
	uint8_t key[64];
	uint32_t mark;
	uint16_t port;
	int option;

	if (argc < 2 || strlen(argv[1]) > 15) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	put(&request, IFLA_IFNAME, argv[1], strlen(argv[1]) + 1);
	info = put(&request, IFLA_LINKINFO, NULL, 0);
	put(&request, IFLA_INFO_KIND, "snaptun", 8);
	data = put(&request, IFLA_INFO_DATA, NULL, 0);
	while ((option = getopt_long(argc - 1, argv + 1, "", options, NULL)) != -1) {
		switch (option) {
		case 'k':
			put(&request, IFLA_SNAPTUN_PRIVATE_KEY, key,
			    parse_hex(key, sizeof(key), optarg));
			break;
		case 'l':
			port = strtoul(optarg, NULL, 10);
			put(&request, IFLA_SNAPTUN_LISTEN_PORT, &port, sizeof(port));
			break;
		case 'm':
			mark = strtoul(optarg, NULL, 0);
			put(&request, IFLA_SNAPTUN_FWMARK, &mark, sizeof(mark));
			break;
		default:
			fputs(usage, stderr);
			return STATUS_USAGE;
		}
	}
	end(&request, data);
	end(&request, info);
	return call(&request);
}
