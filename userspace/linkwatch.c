// SPDX-License-Identifier: GPL-2.0-or-later
/* Hears of links that come, go, and change, and of addresses. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "linkwatch.h"
#include "report.h"

static int on_message(struct nl_msg *message, void *context)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct linkwatch *links = context;
	const struct ifaddrmsg *address = nlmsg_data(header);
	const struct ifinfomsg *link = nlmsg_data(header);

	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		if (nlmsg_datalen(header) >= (int)sizeof(*link))
			links->changed(links, (uint32_t)link->ifi_index,
				       header->nlmsg_type == RTM_DELLINK &&
				       link->ifi_family == AF_UNSPEC);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		if (nlmsg_datalen(header) >= (int)sizeof(*address))
			links->changed(links, address->ifa_index, false);
		break;
	}
	return NL_OK;
}

static void take(struct loop_watch *watch)
{
	struct linkwatch *links = watch->data;
	int result = nl_recvmsgs_default(links->socket);

	/* Some were lost: anything may have changed. */
	if (result < 0 && result != -NLE_AGAIN)
		links->changed(links, 0, false);
}

enum status linkwatch_begin(struct linkwatch *links)
{
	int error = -NLE_NOMEM;

	links->socket = nl_socket_alloc();
	if (!links->socket)
		goto failed;
	nl_socket_disable_seq_check(links->socket);
	error = nl_socket_modify_cb(links->socket, NL_CB_VALID, NL_CB_CUSTOM,
				    on_message, links);
	if (!error)
		error = nl_connect(links->socket, NETLINK_ROUTE);
	if (!error)
		error = nl_socket_add_memberships(links->socket, RTNLGRP_LINK,
						  RTNLGRP_IPV4_IFADDR,
						  RTNLGRP_IPV6_IFADDR, 0);
	if (!error)
		error = nl_socket_set_nonblocking(links->socket);
	if (error)
		goto failed;
	links->watch = (struct loop_watch){
		.ready = take,
		.data = links,
		.fd = nl_socket_get_fd(links->socket),
	};
	loop_watch(links->loop, &links->watch);
	return STATUS_OK;

failed:
	nl_socket_free(links->socket);
	links->socket = NULL;
	return report(STATUS_FAILED, "cannot watch links: %s", nl_geterror(error));
}

void linkwatch_end(struct linkwatch *links)
{
	if (!links->socket)
		return;
	loop_unwatch(links->loop, &links->watch);
	nl_socket_free(links->socket);
	links->socket = NULL;
}
