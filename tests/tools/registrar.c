// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * registrar: does what it reads, line by line, over one netlink socket, so that a test
 * sees what belongs to a socket: registrations that are under way, provisional tunnels.
 * It sends what it is told to send, also what the helper would refuse.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/snaptun.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Exit statuses. */
enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

static const char usage[] =
	"usage: registrar [PORT] <COMMANDS\n"
	"  registering DEV ID DEADLINE      begin to register; milliseconds\n"
	"  registered DEV ID LIFETIME       it is done; milliseconds\n"
	"  failed DEV ID                    it could not be done\n"
	"  idle DEV ID                      give up\n"
	"  state DEV ID STATE [deadline MS] [lifetime MS]\n"
	"                                   any state by its number\n"
	"  tunnel-new DEV KEY IPV4 PORT [URL]  a provisional tunnel\n"
	"  tunnel-url DEV ID [URL]          name its control plane\n"
	"  authorise DEV KEY {TAG MS|unlimited}...  TAG may be ''\n"
	"  sleep SECONDS\n"
	"  quit\n"
	"One line answers each: ok, which for tunnel-new the tunnel's id follows and its\n"
	"control plane with state and tunnels; or the name of an error and the kernel's\n"
	"reason. All ends with the input. PORT is the socket's, which the kernel chooses\n"
	"else.\n"
	"Exit status: 0 done, 1 something went wrong, 2 wrong usage.\n";

#define KEY_BYTES	32

static struct {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	uint8_t attributes[8192];
} request;

static union {
	struct nlmsghdr header;
	uint8_t bytes[16384];
} answer;

static int fd;
static uint16_t family;
static char *words;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "registrar: %s: %s\n", what, why);
	exit(STATUS_FAILED);
}

static struct nlattr *put(uint16_t type, const void *value, size_t len)
{
	struct nlattr *attribute = (void *)((uint8_t *)&request +
					    NLMSG_ALIGN(request.header.nlmsg_len));

	if (NLMSG_ALIGN(request.header.nlmsg_len) + NLA_HDRLEN + len + 4 > sizeof(request))
		fail("request", "too long");
	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + len;
	if (len)
		memcpy((uint8_t *)attribute + NLA_HDRLEN, value, len);
	request.header.nlmsg_len = NLMSG_ALIGN(request.header.nlmsg_len) +
				   NLA_ALIGN(attribute->nla_len);
	return attribute;
}

static void put_u32(uint16_t type, uint32_t value)
{
	put(type, &value, sizeof(value));
}

static void put_u64(uint16_t type, uint64_t value)
{
	put(type, &value, sizeof(value));
}

static struct nlattr *nest(uint16_t type)
{
	return put(NLA_F_NESTED | type, NULL, 0);
}

/* Ends an attribute that holds those which were put since. */
static void end(struct nlattr *attribute)
{
	attribute->nla_len = (uint8_t *)&request + request.header.nlmsg_len -
			     (uint8_t *)attribute;
}

static void begin(uint16_t type, uint8_t command)
{
	memset(&request, 0, sizeof(request.header) + sizeof(request.genl));
	request.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	request.header.nlmsg_type = type;
	request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	request.genl.cmd = command;
	request.genl.version = 1;
}

/* An attribute among those from first on; NULL where it is not there. */
static const void *find(const void *first, size_t size, uint16_t type)
{
	const struct nlattr *attribute = first;

	while (size >= sizeof(*attribute) && attribute->nla_len <= size) {
		size_t step = NLA_ALIGN(attribute->nla_len);

		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return (const uint8_t *)attribute + NLA_HDRLEN;
		if (step > size)
			break;
		attribute = (const void *)((const uint8_t *)attribute + step);
		size -= step;
	}
	return NULL;
}

static const void *answered(uint16_t type)
{
	return find(answer.bytes + NLMSG_HDRLEN + GENL_HDRLEN,
		    answer.header.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, type);
}

static uint32_t answered_u32(uint16_t type)
{
	uint32_t value = 0;
	const void *found = answered(type);

	if (found)
		memcpy(&value, found, sizeof(value));
	return value;
}

/* What the kernel says in its extended acknowledgment, or "". */
static const char *reason(void)
{
	const struct nlmsgerr *error = NLMSG_DATA(&answer.header);
	size_t skip = NLMSG_HDRLEN + sizeof(*error);
	const char *text = NULL;

	if (!(answer.header.nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - NLMSG_HDRLEN;
	skip = NLMSG_ALIGN(skip);
	if (answer.header.nlmsg_flags & NLM_F_ACK_TLVS && skip < answer.header.nlmsg_len)
		text = find(answer.bytes + skip, answer.header.nlmsg_len - skip,
			    NLMSGERR_ATTR_MSG);
	return text ? text : "";
}

/*
 * Sends the request, and calls take for the message that answers it, if there is one.
 * Returns the errno value.
 */
static int call(void (*take)(void))
{
	const struct nlmsgerr *error = NLMSG_DATA(&answer.header);

	if (send(fd, &request, request.header.nlmsg_len, 0) < 0)
		fail("netlink", strerror(errno));
	for (;;) {
		if (recv(fd, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_HDRLEN)
			fail("netlink", strerror(errno));
		if (answer.header.nlmsg_type == NLMSG_ERROR)
			return -error->error;
		if (take)
			take();
	}
}

static void take_family(void)
{
	memcpy(&family, answered(CTRL_ATTR_FAMILY_ID), sizeof(family));
}

static void take_tunnel(void)
{
	printf("ok %u %u %u %u\n", answered_u32(SNAPTUN_A_TUNNEL_ID),
	       answered_u32(SNAPTUN_A_TUNNEL_CONTROL_PLANE),
	       answered_u32(SNAPTUN_A_TUNNEL_CONTROL_PLANE_STATE),
	       answered_u32(SNAPTUN_A_TUNNEL_CONTROL_PLANE_TUNNELS));
}

/* Calls, and writes the line. */
static void call_and_tell(void (*take)(void))
{
	int error = call(take);

	if (error)
		printf("%s %s\n", strerrorname_np(error), reason());
	else if (!take)
		printf("ok\n");
}

/* The next word of the line, or NULL. */
static char *more(void)
{
	return strtok_r(NULL, " \n", &words);
}

static char *word(void)
{
	char *next = more();

	if (!next) {
		fputs(usage, stderr);
		exit(STATUS_USAGE);
	}
	return next;
}

static uint64_t number(void)
{
	return strtoull(word(), NULL, 10);
}

static void begin_for_device(uint8_t command)
{
	const char *name = word();
	uint32_t ifindex = if_nametoindex(name);

	if (!ifindex)
		fail(name, strerror(errno));
	begin(family, command);
	/* The same in all sets. */
	put_u32(SNAPTUN_A_TUNNEL_IFINDEX, ifindex);
}

static void set_state(uint32_t state, uint16_t type_of_time)
{
	begin_for_device(SNAPTUN_CMD_CONTROL_PLANE_SET);
	put_u32(SNAPTUN_A_CONTROL_PLANE_ID, number());
	put_u32(SNAPTUN_A_CONTROL_PLANE_STATE, state);
	if (type_of_time)
		put_u64(type_of_time, number());
	call_and_tell(NULL);
}

static void set_any_state(void)
{
	const char *name;

	begin_for_device(SNAPTUN_CMD_CONTROL_PLANE_SET);
	put_u32(SNAPTUN_A_CONTROL_PLANE_ID, number());
	put_u32(SNAPTUN_A_CONTROL_PLANE_STATE, number());
	while ((name = more()))
		put_u64(!strcmp(name, "deadline") ? SNAPTUN_A_CONTROL_PLANE_DEADLINE :
						    SNAPTUN_A_CONTROL_PLANE_LIFETIME,
			number());
	call_and_tell(NULL);
}

static void put_key(uint16_t type, const char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int bits = 0, n_bits = 0, n = 0;
	uint8_t key[KEY_BYTES];
	const char *digit;

	while (*text && (digit = strchr(digits, *text++)) && n < KEY_BYTES) {
		bits = bits << 6 | (digit - digits);
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			key[n++] = bits >> n_bits;
		}
	}
	if (n != KEY_BYTES)
		fail("key", "not 32 bytes");
	put(type, key, sizeof(key));
}

static void put_url(const char *url)
{
	put(SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL, url, strlen(url) + 1);
}

static void make_tunnel(void)
{
	uint8_t one = 1, ipv4[4];
	struct nlattr *endpoint;
	const char *url;
	uint16_t port;

	begin_for_device(SNAPTUN_CMD_TUNNEL_NEW);
	put_key(SNAPTUN_A_TUNNEL_REMOTE_KEY, word());
	if (inet_pton(AF_INET, word(), ipv4) != 1)
		fail("tunnel-new", "no address");
	port = htons(number());
	endpoint = nest(SNAPTUN_A_TUNNEL_ENDPOINT);
	put(SNAPTUN_A_ADDRESS_IPV4, ipv4, sizeof(ipv4));
	put(SNAPTUN_A_ADDRESS_PORT, &port, sizeof(port));
	end(endpoint);
	put(SNAPTUN_A_TUNNEL_PROVISIONAL, &one, sizeof(one));
	url = more();
	if (url)
		put_url(url);
	call_and_tell(take_tunnel);
}

static void name_url(void)
{
	const char *url;

	begin_for_device(SNAPTUN_CMD_TUNNEL_SET);
	put_u32(SNAPTUN_A_TUNNEL_ID, number());
	url = more();
	put_url(url ? url : "");
	call_and_tell(NULL);
}

static void authorise(void)
{
	struct nlattr *all, *one;
	const char *tag;

	begin_for_device(SNAPTUN_CMD_IDENTITY_SET);
	put_key(SNAPTUN_A_IDENTITY_KEY, word());
	all = nest(SNAPTUN_A_IDENTITY_AUTHORISATIONS);
	while ((tag = more())) {
		const char *lifetime = word();

		one = nest(SNAPTUN_A_AUTHORISATIONS_AUTHORISATION);
		put(SNAPTUN_A_AUTHORISATION_TAG, tag,
		    strcmp(tag, "''") ? strlen(tag) : 0);
		if (strcmp(lifetime, "unlimited"))
			put_u64(SNAPTUN_A_AUTHORISATION_LIFETIME,
				strtoull(lifetime, NULL, 10));
		end(one);
	}
	end(all);
	call_and_tell(NULL);
}

static void obey(const char *command)
{
	if (!strcmp(command, "registering")) {
		set_state(SNAPTUN_CONTROL_PLANE_STATE_REGISTERING,
			  SNAPTUN_A_CONTROL_PLANE_DEADLINE);
	} else if (!strcmp(command, "registered")) {
		set_state(SNAPTUN_CONTROL_PLANE_STATE_REGISTERED,
			  SNAPTUN_A_CONTROL_PLANE_LIFETIME);
	} else if (!strcmp(command, "failed")) {
		set_state(SNAPTUN_CONTROL_PLANE_STATE_FAILED, 0);
	} else if (!strcmp(command, "idle")) {
		set_state(SNAPTUN_CONTROL_PLANE_STATE_IDLE, 0);
	} else if (!strcmp(command, "state")) {
		set_any_state();
	} else if (!strcmp(command, "tunnel-new")) {
		make_tunnel();
	} else if (!strcmp(command, "tunnel-url")) {
		name_url();
	} else if (!strcmp(command, "authorise")) {
		authorise();
	} else if (!strcmp(command, "sleep")) {
		sleep(number());
		printf("ok\n");
	} else {
		fputs(usage, stderr);
		exit(STATUS_USAGE);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	char line[8192];
	int on = 1;

	if (argc > 1)
		own.nl_pid = strtoul(argv[1], NULL, 10);
	if (argc > 2 || (argc > 1 && !own.nl_pid)) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		fail("netlink", strerror(errno));
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)))
		fail("port", strerror(errno));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	put(CTRL_ATTR_FAMILY_NAME, SNAPTUN_FAMILY_NAME, sizeof(SNAPTUN_FAMILY_NAME));
	errno = call(take_family);
	if (errno)
		fail("the family snaptun", strerror(errno));
	while (fgets(line, sizeof(line), stdin)) {
		const char *command = strtok_r(line, " \n", &words);

		if (!command)
			continue;
		if (!strcmp(command, "quit"))
			break;
		obey(command);
		fflush(stdout);
	}
	close(fd);
	return STATUS_OK;
}
