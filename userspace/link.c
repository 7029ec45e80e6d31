// SPDX-License-Identifier: GPL-2.0-or-later
/* Network devices as the kernel's routing sees them: made, addressed, routed to, removed. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/route.h>

#include <linux/snaptun.h>

#include "link.h"
#include "report.h"

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK	12
#endif

/* How often routes are listed that changes keep interrupting. */
#define LIST_TRIES	8

#define WHY_BYTES	256

/**
 * struct link - a link
 * @name: Its name.
 * @socket: The connection to the kernel.
 * @found: What the kernel said of it last; NULL where it is not there.
 * @error: The errno value that the kernel refused with last.
 * @why: What it said about that; may be empty.
 */
struct link {
	const char *name;
	struct nl_sock *socket;
	struct rtnl_link *found;
	int error;
	char why[WHY_BYTES];
};

/* The kernel refused: the errno value, which libnl's own codes only come near to. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *context)
{
	struct nlmsghdr *header = (struct nlmsghdr *)((char *)error - NLMSG_HDRLEN);
	struct nlattr *attributes[NLMSGERR_ATTR_MAX + 1];
	struct link *link = context;
	int skip = sizeof(*error);

	(void)from;
	link->error = -error->error;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += (int)error->msg.nlmsg_len - NLMSG_HDRLEN;
	skip = (int)NLMSG_ALIGN((unsigned int)skip);
	if (header->nlmsg_flags & NLM_F_ACK_TLVS && nlmsg_datalen(header) > skip &&
	    !nla_parse(attributes, NLMSGERR_ATTR_MAX,
		       (struct nlattr *)((char *)error + skip),
		       nlmsg_datalen(header) - skip, NULL) &&
	    attributes[NLMSGERR_ATTR_MSG])
		snprintf(link->why, sizeof(link->why), "%s",
			 nla_get_string(attributes[NLMSGERR_ATTR_MSG]));
	return NL_STOP;
}

/* Forgets an earlier refusal. Returns the connection, for the next request. */
static struct nl_sock *begin(struct link *link)
{
	link->error = 0;
	link->why[0] = '\0';
	return link->socket;
}

/* Says that something cannot be done. The error is libnl's; the kernel's own is better. */
static enum status failed(const struct link *link, int error, const char *what,
			  const char *which)
{
	const char *words = link->error ? strerror(link->error) : nl_geterror(error);
	enum status status = STATUS_FAILED;
	const char *hint = "";

	if (link->error == EPERM || error == -NLE_PERM) {
		status = STATUS_DENIED;
		hint = " (this takes CAP_NET_ADMIN)";
	} else if (link->error == ENODEV) {
		status = STATUS_NOT_FOUND;
	}
	if (*link->why)
		return report(status, "%s: cannot %s%s: %s: %s", link->name, what,
			      which, link->why, words);
	return report(status, "%s: cannot %s%s: %s%s", link->name, what, which, words,
		      hint);
}

enum status link_open(const char *name, struct link **link)
{
	struct link *new = calloc(1, sizeof(*new));
	int on = 1;
	int error;

	*link = NULL;
	if (!new)
		return report(STATUS_FAILED, "no memory");
	new->name = name;
	new->socket = nl_socket_alloc();
	error = new->socket ? nl_connect(new->socket, NETLINK_ROUTE) : -NLE_NOMEM;
	if (error) {
		link_close(new);
		return report(STATUS_FAILED, "netlink: %s", nl_geterror(error));
	}
	/* Without it the kernel refuses with a number alone. */
	(void)setsockopt(nl_socket_get_fd(new->socket), SOL_NETLINK, NETLINK_EXT_ACK,
			 &on, sizeof(on));
	nl_socket_modify_err_cb(new->socket, NL_CB_CUSTOM, on_error, new);
	*link = new;
	return STATUS_OK;
}

void link_close(struct link *link)
{
	if (!link)
		return;
	rtnl_link_put(link->found);
	nl_socket_free(link->socket);
	free(link);
}

/* Looks for the link, which is in link->found then, unless there is none. */
static enum status find(struct link *link)
{
	const char *kind;
	int error;

	rtnl_link_put(link->found);
	link->found = NULL;
	error = rtnl_link_get_kernel(begin(link), 0, link->name, &link->found);
	if (error == -NLE_NODEV)
		return STATUS_OK;
	if (error)
		return failed(link, error, "be found", "");
	kind = rtnl_link_get_type(link->found);
	if (kind && !strcmp(kind, SNAPTUN_FAMILY_NAME))
		return STATUS_OK;
	return report(STATUS_NOT_FOUND, "%s is there, and is no snaptun device",
		      link->name);
}

/* Makes the link, which is not there. */
static enum status make(struct link *link, uint32_t mtu)
{
	struct rtnl_link *new = rtnl_link_alloc();
	int error = -NLE_NOMEM;

	if (new) {
		rtnl_link_set_name(new, link->name);
		if (mtu)
			rtnl_link_set_mtu(new, mtu);
		error = rtnl_link_set_type(new, SNAPTUN_FAMILY_NAME);
	}
	if (!error)
		error = rtnl_link_add(begin(link), new, NLM_F_CREATE | NLM_F_EXCL);
	rtnl_link_put(new);
	if (!error)
		return STATUS_OK;
	if (link->error == EOPNOTSUPP)
		return report(STATUS_NO_MODULE, "the kernel module snaptun is not loaded");
	return failed(link, error, "be made", "");
}

/* Changes what is in changes, which this frees. */
static enum status change(struct link *link, struct rtnl_link *changes,
			  const char *what)
{
	int error = -NLE_NOMEM;

	if (changes)
		error = rtnl_link_change(begin(link), link->found, changes, 0);
	rtnl_link_put(changes);
	return error ? failed(link, error, what, "") : STATUS_OK;
}

enum status link_make(struct link *link, uint32_t mtu, bool *made)
{
	struct rtnl_link *changes;
	enum status status;

	*made = false;
	status = find(link);
	if (status == STATUS_OK && !link->found) {
		status = make(link, mtu);
		*made = status == STATUS_OK;
		if (status == STATUS_OK)
			status = find(link);
		if (status == STATUS_OK && !link->found)
			status = report(STATUS_NOT_FOUND, "%s: somebody has removed it",
					link->name);
	}
	if (status != STATUS_OK || !mtu || rtnl_link_get_mtu(link->found) == mtu)
		return status;
	changes = rtnl_link_alloc();
	if (changes)
		rtnl_link_set_mtu(changes, mtu);
	return change(link, changes, "have that MTU");
}

enum status link_set_up(struct link *link)
{
	struct rtnl_link *changes;

	if (rtnl_link_get_flags(link->found) & IFF_UP)
		return STATUS_OK;
	changes = rtnl_link_alloc();
	if (changes)
		rtnl_link_set_flags(changes, IFF_UP);
	return change(link, changes, "be set up");
}

static size_t bytes_of(const struct prefix *prefix)
{
	return prefix->family == AF_INET ? sizeof(prefix->ipv4) : sizeof(prefix->ipv6);
}

/* An address, with the length of its network, as libnl has them; NULL without memory. */
static struct nl_addr *address_of(const struct prefix *prefix)
{
	struct nl_addr *address = nl_addr_build(prefix->family, &prefix->ipv6,
						bytes_of(prefix));

	if (address)
		nl_addr_set_prefixlen(address, prefix->length);
	return address;
}

/* A network: all bits beyond the length are zero, as the kernel wants them. */
static struct nl_addr *network_of(const struct prefix *prefix)
{
	struct prefix network = *prefix;
	uint8_t *bytes = (uint8_t *)&network.ipv6;

	for (size_t bit = network.length; bit < bytes_of(prefix) * 8; bit++)
		bytes[bit / 8] &= (uint8_t)~(0x80U >> bit % 8);
	return address_of(&network);
}

static enum status add_address(struct link *link, const struct prefix *prefix)
{
	struct nl_addr *local = address_of(prefix);
	struct rtnl_addr *address = rtnl_addr_alloc();
	char text[PREFIX_TEXT_SIZE];
	int error = -NLE_NOMEM;

	if (local && address) {
		rtnl_addr_set_ifindex(address, rtnl_link_get_ifindex(link->found));
		error = rtnl_addr_set_local(address, local);
	}
	if (!error)
		error = rtnl_addr_add(begin(link), address,
				      NLM_F_CREATE | NLM_F_EXCL);
	rtnl_addr_put(address);
	nl_addr_put(local);
	if (!error || link->error == EEXIST)
		return STATUS_OK;
	return failed(link, error, "have the address ", prefix_format(prefix, text));
}

enum status link_add_addresses(struct link *link, const struct prefixes *addresses)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < addresses->count && status == STATUS_OK; i++)
		status = add_address(link, &addresses->list[i]);
	return status;
}

/**
 * struct listing - which routes are there
 * @link: The link that they lead over.
 * @routes: Those that are looked for.
 * @there: For each of these, whether it is.
 */
struct listing {
	const struct link *link;
	const struct prefixes *routes;
	bool there[SNAPTUN_PREFIXES_MAX];
};

static bool is_route_to(struct rtnl_route *route, const struct prefix *prefix)
{
	struct nl_addr *to = rtnl_route_get_dst(route);
	struct nl_addr *network;
	bool is;

	if (rtnl_route_get_family(route) != prefix->family || !to ||
	    nl_addr_get_prefixlen(to) != prefix->length)
		return false;
	if (!prefix->length)
		return true;
	network = network_of(prefix);
	is = network && !nl_addr_cmp_prefix(to, network);
	nl_addr_put(network);
	return is;
}

static bool is_over(struct rtnl_route *route, const struct link *link)
{
	int ifindex = rtnl_link_get_ifindex(link->found);

	for (int i = 0; i < rtnl_route_get_nnexthops(route); i++)
		if (rtnl_route_nh_get_ifindex(rtnl_route_nexthop_n(route, i)) == ifindex)
			return true;
	return false;
}

static int on_route(struct nl_msg *message, void *context)
{
	struct listing *listing = context;
	struct rtnl_route *route = NULL;

	if (rtnl_route_parse(nlmsg_hdr(message), &route) < 0)
		return NL_OK;
	if (rtnl_route_get_table(route) == RT_TABLE_MAIN &&
	    rtnl_route_get_type(route) == RTN_UNICAST && is_over(route, listing->link))
		for (size_t i = 0; i < listing->routes->count; i++)
			if (is_route_to(route, &listing->routes->list[i]))
				listing->there[i] = true;
	rtnl_route_put(route);
	return NL_OK;
}

/* Asks for a family's routes over the link. Returns libnl's error. */
static int list_family(struct link *link, int family, struct listing *listing)
{
	struct rtmsg header = { .rtm_family = (unsigned char)family };
	struct nl_msg *request = nlmsg_alloc_simple(RTM_GETROUTE, NLM_F_DUMP);
	struct nl_cb *usual = nl_socket_get_cb(link->socket);
	struct nl_cb *callbacks = nl_cb_clone(usual);
	int error = -NLE_NOMEM;

	if (request && callbacks) {
		error = nlmsg_append(request, &header, sizeof(header), NLMSG_ALIGNTO);
		if (!error)
			error = nla_put_u32(request, RTA_OIF,
					    (uint32_t)rtnl_link_get_ifindex(link->found));
		nl_cb_set(callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_route, listing);
	}
	if (!error)
		error = nl_send_auto(begin(link), request);
	if (error >= 0)
		error = nl_recvmsgs(link->socket, callbacks);
	nlmsg_free(request);
	nl_cb_put(callbacks);
	nl_cb_put(usual);
	return error < 0 ? error : 0;
}

/* Looks which of the routes are there. */
static enum status list(struct link *link, struct listing *listing)
{
	static const int families[] = { AF_INET, AF_INET6 };
	int error = 0;
	int on = 1;

	/* Else the kernel tells of all routes that there are. */
	(void)setsockopt(nl_socket_get_fd(link->socket), SOL_NETLINK,
			 NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	for (size_t f = 0; f < sizeof(families) / sizeof(*families) && !error; f++) {
		int tries = 0;

		do {
			error = list_family(link, families[f], listing);
		} while (error == -NLE_DUMP_INTR && ++tries < LIST_TRIES);
		/* A kernel without that family has no routes of it. */
		if (error == -NLE_DUMP_INTR || link->error == EOPNOTSUPP)
			error = 0;
	}
	return error ? failed(link, error, "tell its routes", "") : STATUS_OK;
}

static enum status add_route(struct link *link, const struct prefix *prefix)
{
	struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
	struct rtnl_route *route = rtnl_route_alloc();
	struct nl_addr *network = network_of(prefix);
	char text[PREFIX_TEXT_SIZE];
	int error = -NLE_NOMEM;

	prefix_format(prefix, text);
	if (hop && route && network) {
		rtnl_route_nh_set_ifindex(hop, rtnl_link_get_ifindex(link->found));
		/* It is the route's from now on. */
		rtnl_route_add_nexthop(route, hop);
		hop = NULL;
		error = rtnl_route_set_family(route, (uint8_t)prefix->family);
	}
	if (!error)
		error = rtnl_route_set_dst(route, network);
	if (!error)
		error = rtnl_route_add(begin(link), route, NLM_F_EXCL);
	if (hop)
		rtnl_route_nh_free(hop);
	rtnl_route_put(route);
	nl_addr_put(network);
	if (!error)
		return STATUS_OK;
	if (link->error == EEXIST)
		return report(STATUS_FAILED, "%s: cannot have the route %s: there is one over another device",
			      link->name, text);
	return failed(link, error, "have the route ", text);
}

enum status link_add_routes(struct link *link, const struct prefixes *routes)
{
	struct listing listing = { .link = link, .routes = routes };
	enum status status = STATUS_OK;

	if (routes->count)
		status = list(link, &listing);
	for (size_t i = 0; i < routes->count && status == STATUS_OK; i++)
		if (!listing.there[i])
			status = add_route(link, &routes->list[i]);
	return status;
}

enum status link_remove(struct link *link)
{
	enum status status = find(link);
	int error;

	if (status != STATUS_OK || !link->found)
		return status;
	error = rtnl_link_delete(begin(link), link->found);
	if (error && link->error != ENODEV)
		return failed(link, error, "be removed", "");
	return STATUS_OK;
}
