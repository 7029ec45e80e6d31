// SPDX-License-Identifier: GPL-2.0-or-later
/* Talks to the module over generic netlink, in the caller's network namespace. */
#include <assert.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <linux/snaptun.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "key.h"
#include "netlink.h"
#include "report.h"
#include "schema.h"

/* How often a dump is tried that changes keep interrupting. */
#define DUMP_TRIES	8

/* Room for a request: the most prefixes of IPv6, and all else. */
#define REQUEST_BYTES	65536

/* Room for answers, and for what follows the largest of them. */
#define ANSWERS_BYTES	(128 * 1024)

/* How deep attributes nest in a request. */
#define NESTS_MAX	3

/* Room for the events of thousands of tunnels at once. */
#define EVENTS_BYTES	(1024 * 1024)

#define WHY_BYTES	256
#define NAME_BYTES	64

static_assert((int)SNAPTUN_A_DEVICE_IFINDEX == (int)SNAPTUN_A_TUNNEL_IFINDEX &&
	      (int)SNAPTUN_A_DEVICE_IFINDEX == (int)SNAPTUN_A_IDENTITY_IFINDEX &&
	      (int)SNAPTUN_A_DEVICE_IFINDEX == (int)SNAPTUN_A_CONTROL_PLANE_IFINDEX,
	      "netlink_request() puts the same attribute into every request");

/**
 * struct netlink - a connection
 * @socket: The socket.
 * @callbacks: What libnl calls while it receives.
 * @family: The module's family number.
 * @device: Name of the device that requests are about; NULL for no certain one.
 * @request: The request that is being made or under way; NULL between calls.
 * @nests: The attributes in it that netlink_nest_begin() began, the outermost first.
 * @depth: Their number.
 * @incomplete: Something did not fit into @request, or it does not exist.
 * @set: Attribute set of that request and its answers.
 * @answers: Where answers, or events, go; may be NULL.
 * @lost: Events that came while the last ones were taken may not be all there were.
 * @done: The last message of the answer has come.
 * @error: 0, or the errno value that ended the call.
 * @device_unfit: The kernel found the device missing or of another kind.
 * @why: What the kernel or the library said about it; may be empty.
 */
struct netlink {
	struct nl_sock *socket;
	struct nl_cb *callbacks;
	int family;
	const char *device;
	struct nl_msg *request;
	struct nlattr *nests[NESTS_MAX];
	size_t depth;
	bool incomplete;
	const struct attribute_set *set;
	json_t *answers;
	bool lost;
	bool done;
	int error;
	bool device_unfit;
	char why[WHY_BYTES];
};

/* Makes the sentence that goes with an error from its extended attributes. */
static void explain(struct netlink *netlink, struct nlattr *first, int size)
{
	struct genlmsghdr *header = genlmsg_hdr(nlmsg_hdr(netlink->request));
	struct nlattr *attributes[NLMSGERR_ATTR_MAX + 1];
	const char *culprit = NULL;
	const char *message = "";
	char name[NAME_BYTES];

	if (nla_parse(attributes, NLMSGERR_ATTR_MAX, first, size, NULL) < 0)
		return;
	if (attributes[NLMSGERR_ATTR_MSG])
		message = nla_get_string(attributes[NLMSGERR_ATTR_MSG]);
	if (attributes[NLMSGERR_ATTR_MISS_TYPE]) {
		culprit = schema_type_name(netlink->set,
					   nla_get_u32(attributes[NLMSGERR_ATTR_MISS_TYPE]));
		if (!*message)
			message = "missing";
	} else if (attributes[NLMSGERR_ATTR_OFFS]) {
		const char *begin = (const char *)nlmsg_hdr(netlink->request);

		culprit = schema_attribute_name(netlink->set,
						genlmsg_attrdata(header, 0),
						genlmsg_attrlen(header, 0),
						begin + nla_get_u32(attributes[NLMSGERR_ATTR_OFFS]),
						name, sizeof(name));
		/* People know the device by its name, not by its index. */
		if (culprit && !strcmp(culprit, "ifindex")) {
			netlink->device_unfit = true;
			culprit = netlink->device;
		}
	}
	/* The module's own sentences mostly name the attribute already. */
	if (culprit && !strstr(message, culprit))
		snprintf(netlink->why, sizeof(netlink->why), "%s%s%s", culprit,
			 *message ? ": " : "", message);
	else
		snprintf(netlink->why, sizeof(netlink->why), "%s", message);
}

/* The kernel refused the request. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error,
		    void *context)
{
	struct nlmsghdr *header = (struct nlmsghdr *)((char *)error - NLMSG_HDRLEN);
	struct netlink *netlink = context;
	size_t skip = sizeof(*error);

	(void)from;
	netlink->error = -error->error;
	netlink->done = true;
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - NLMSG_HDRLEN;
	if ((header->nlmsg_flags & NLM_F_ACK_TLVS) &&
	    nlmsg_datalen(header) > (int)NLMSG_ALIGN(skip))
		explain(netlink, (struct nlattr *)((char *)error + NLMSG_ALIGN(skip)),
			nlmsg_datalen(header) - (int)NLMSG_ALIGN(skip));
	return NL_STOP;
}

/* A dump has ended, well or not. */
static int on_finish(struct nl_msg *message, void *context)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct netlink *netlink = context;
	int error;

	netlink->done = true;
	if (nlmsg_datalen(header) < (int)sizeof(error))
		return NL_STOP;
	memcpy(&error, nlmsg_data(header), sizeof(error));
	if (error < 0) {
		netlink->error = -error;
		if (header->nlmsg_flags & NLM_F_ACK_TLVS)
			explain(netlink,
				(struct nlattr *)((char *)nlmsg_data(header) + sizeof(error)),
				nlmsg_datalen(header) - (int)sizeof(error));
	}
	return NL_STOP;
}

static int on_ack(struct nl_msg *message, void *context)
{
	struct netlink *netlink = context;

	(void)message;
	netlink->done = true;
	return NL_STOP;
}

static int on_answer(struct nl_msg *message, void *context)
{
	struct genlmsghdr *header = genlmsg_hdr(nlmsg_hdr(message));
	struct netlink *netlink = context;

	if (!netlink->answers || netlink->error)
		return NL_OK;
	if (schema_append(netlink->set, netlink->answers,
			  genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0)) < 0) {
		netlink->error = EPROTO;
		snprintf(netlink->why, sizeof(netlink->why),
			 "an answer of the module cannot be read");
	}
	return NL_OK;
}

/* Forgets the request, which may have carried keys. */
static void drop_request(struct netlink *netlink)
{
	if (netlink->request)
		key_wipe(nlmsg_hdr(netlink->request),
			 nlmsg_get_max_size(netlink->request));
	nlmsg_free(netlink->request);
	netlink->request = NULL;
}

void netlink_close(struct netlink *netlink)
{
	if (!netlink)
		return;
	drop_request(netlink);
	nl_socket_free(netlink->socket);
	nl_cb_put(netlink->callbacks);
	free(netlink);
}

/* A connection whose callbacks are libnl's own. */
static enum status connect_family(struct netlink **netlink)
{
	enum status status;
	struct netlink *new = calloc(1, sizeof(*new));
	int error;

	*netlink = NULL;
	if (!new)
		return report(STATUS_FAILED, "%s", strerror(ENOMEM));
	/*
	 * Not nl_socket_alloc(): its callbacks obey an environment variable
	 * that prints every message, keys and all.
	 */
	new->callbacks = nl_cb_alloc(NL_CB_DEFAULT);
	if (new->callbacks)
		new->socket = nl_socket_alloc_cb(new->callbacks);
	if (!new->socket) {
		status = report(STATUS_FAILED, "%s", strerror(ENOMEM));
		goto failed;
	}
	error = genl_connect(new->socket);
	if (!error)
		error = nl_socket_set_buffer_size(new->socket, ANSWERS_BYTES,
						  REQUEST_BYTES);
	if (error) {
		status = report(STATUS_FAILED, "netlink: %s", nl_geterror(error));
		goto failed;
	}
	new->family = genl_ctrl_resolve(new->socket, SNAPTUN_FAMILY_NAME);
	if (new->family == -NLE_OBJ_NOTFOUND) {
		status = report(STATUS_NO_MODULE, "the kernel module snaptun is not loaded");
		goto failed;
	} else if (new->family < 0) {
		status = report(STATUS_FAILED, "netlink: %s", nl_geterror(new->family));
		goto failed;
	}
	*netlink = new;
	return STATUS_OK;

failed:
	netlink_close(new);
	return status;
}

enum status netlink_open(struct netlink **netlink)
{
	enum status status = connect_family(netlink);
	struct netlink *new = *netlink;
	int on = 1;

	if (!new)
		return status;
	/*
	 * Reasons are worth having and no more than that. The second option
	 * keeps the kernel from sending a refused request, and so a key, back.
	 */
	(void)setsockopt(nl_socket_get_fd(new->socket), SOL_NETLINK,
			 NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(nl_socket_get_fd(new->socket), SOL_NETLINK,
			 NETLINK_CAP_ACK, &on, sizeof(on));
	nl_cb_err(new->callbacks, NL_CB_CUSTOM, on_error, new);
	nl_cb_set(new->callbacks, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, new);
	nl_cb_set(new->callbacks, NL_CB_ACK, NL_CB_CUSTOM, on_ack, new);
	nl_cb_set(new->callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_answer, new);
	return STATUS_OK;
}

enum status netlink_open_device(const char *name, uint32_t *ifindex,
				struct netlink **netlink)
{
	enum status status;

	*netlink = NULL;
	if (!*name || strlen(name) >= IFNAMSIZ)
		return report_usage("\"%.64s\" is no device name, which has 1 to %d characters",
				    key_hide(name), IFNAMSIZ - 1);
	*ifindex = if_nametoindex(name);
	if (!*ifindex)
		return report(errno == ENODEV ? STATUS_NOT_FOUND : STATUS_FAILED,
			      "%s: %s", name, strerror(errno));
	status = netlink_open(netlink);
	if (*netlink)
		(*netlink)->device = name;
	return status;
}

void netlink_begin(struct netlink *netlink, uint8_t command, int flags,
		   uint32_t ifindex)
{
	drop_request(netlink);
	netlink->set = schema_command_set(command);
	netlink->depth = 0;
	netlink->request = nlmsg_alloc_size(REQUEST_BYTES);
	netlink->incomplete = !netlink->request ||
		!genlmsg_put(netlink->request, NL_AUTO_PORT, NL_AUTO_SEQ,
			     netlink->family, 0, flags, command,
			     SNAPTUN_FAMILY_VERSION);
	if (ifindex)
		netlink_put_u32(netlink, SNAPTUN_A_DEVICE_IFINDEX, ifindex);
}

void netlink_put(struct netlink *netlink, int type, const void *value,
		 size_t size)
{
	if (!netlink->incomplete)
		netlink->incomplete = nla_put(netlink->request, type, (int)size,
					      value) < 0;
}

void netlink_put_u8(struct netlink *netlink, int type, uint8_t value)
{
	netlink_put(netlink, type, &value, sizeof(value));
}

void netlink_put_u16(struct netlink *netlink, int type, uint16_t value)
{
	netlink_put(netlink, type, &value, sizeof(value));
}

void netlink_put_u32(struct netlink *netlink, int type, uint32_t value)
{
	netlink_put(netlink, type, &value, sizeof(value));
}

void netlink_put_u64(struct netlink *netlink, int type, uint64_t value)
{
	netlink_put(netlink, type, &value, sizeof(value));
}

void netlink_nest_begin(struct netlink *netlink, int type)
{
	assert(netlink->depth < NESTS_MAX);
	if (!netlink->incomplete) {
		netlink->nests[netlink->depth] =
			nla_nest_start(netlink->request, NLA_F_NESTED | type);
		netlink->incomplete = !netlink->nests[netlink->depth];
	}
	netlink->depth++;
}

void netlink_nest_end(struct netlink *netlink)
{
	assert(netlink->depth > 0);
	netlink->depth--;
	/* One that is empty counts: it takes all prefixes away. */
	if (!netlink->incomplete)
		netlink->incomplete =
			nla_nest_end_keep_empty(netlink->request,
						netlink->nests[netlink->depth]) < 0;
}

/* Sends the request once. Returns whether a change interrupted the dump. */
static bool try_call(struct netlink *netlink)
{
	struct nlmsghdr *header = nlmsg_hdr(netlink->request);
	int result;

	netlink->done = false;
	netlink->error = 0;
	netlink->device_unfit = false;
	netlink->why[0] = '\0';
	if (netlink->answers)
		json_array_clear(netlink->answers);
	header->nlmsg_seq = NL_AUTO_SEQ;
	result = nl_send_auto(netlink->socket, netlink->request);
	while (result >= 0 && !netlink->done)
		result = nl_recvmsgs(netlink->socket, netlink->callbacks);
	if (result < 0 && result != -NLE_DUMP_INTR && !netlink->error) {
		netlink->error = EIO;
		snprintf(netlink->why, sizeof(netlink->why), "netlink: %s",
			 nl_geterror(result));
	}
	return result == -NLE_DUMP_INTR && !netlink->error;
}

int netlink_call(struct netlink *netlink, json_t *answers)
{
	if (netlink->incomplete) {
		netlink->error = ENOMEM;
		netlink->why[0] = '\0';
	} else {
		int tries = 0;

		netlink->answers = answers;
		while (try_call(netlink) && ++tries < DUMP_TRIES)
			;
		netlink->answers = NULL;
		if (tries == DUMP_TRIES)
			report_warning("things kept changing: what follows is not the state of one moment");
	}
	drop_request(netlink);
	return netlink->error;
}

/*
 * Whether the kernel's own sentence leaves nothing for the general words of an
 * errno value to add: "no such tunnel" needs no "No such file or directory".
 */
static bool says_all(int error)
{
	switch (error) {
	case EINVAL:
	case ERANGE:
	case EEXIST:
	case ENODEV:
	case ENOENT:
	case EOPNOTSUPP:
		return true;
	default:
		return false;
	}
}

enum status netlink_failed(const struct netlink *netlink)
{
	enum status status = STATUS_FAILED;
	const char *words = strerror(netlink->error);

	if (netlink->error == EPERM || netlink->error == EACCES)
		status = STATUS_DENIED;
	else if (netlink->error == ENODEV || netlink->error == ENOENT ||
		 netlink->device_unfit)
		status = STATUS_NOT_FOUND;

	if (*netlink->why && says_all(netlink->error))
		return report(status, "%s", netlink->why);
	if (*netlink->why)
		return report(status, "%s: %s", netlink->why, words);
	if (netlink->device && status == STATUS_NOT_FOUND)
		return report(status, "%s: %s", netlink->device, words);
	return report(status, "%s%s", words, status == STATUS_DENIED ?
		      " (this takes CAP_NET_ADMIN)" : "");
}

/*
 * A family of generic netlink has a group of listeners from now on. When it is the
 * module's, which was unloaded and loaded again, that group may have another number.
 */
static void hear_of_group(struct netlink *netlink, struct nlmsghdr *message)
{
	struct nlattr *of_family[CTRL_ATTR_MAX + 1];
	struct nlattr *of_group[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct nlattr *group;
	int left;

	if (genlmsg_hdr(message)->cmd != CTRL_CMD_NEWMCAST_GRP ||
	    genlmsg_parse(message, 0, of_family, CTRL_ATTR_MAX, NULL) < 0 ||
	    !of_family[CTRL_ATTR_FAMILY_NAME] || !of_family[CTRL_ATTR_FAMILY_ID] ||
	    !of_family[CTRL_ATTR_MCAST_GROUPS] ||
	    nla_strcmp(of_family[CTRL_ATTR_FAMILY_NAME], SNAPTUN_FAMILY_NAME) != 0)
		return;
	nla_for_each_nested(group, of_family[CTRL_ATTR_MCAST_GROUPS], left) {
		if (nla_parse_nested(of_group, CTRL_ATTR_MCAST_GRP_MAX, group, NULL) < 0 ||
		    !of_group[CTRL_ATTR_MCAST_GRP_NAME] ||
		    !of_group[CTRL_ATTR_MCAST_GRP_ID] ||
		    nla_strcmp(of_group[CTRL_ATTR_MCAST_GRP_NAME],
			       SNAPTUN_MCGRP_EVENTS) != 0)
			continue;
		netlink->family = nla_get_u16(of_family[CTRL_ATTR_FAMILY_ID]);
		if (nl_socket_add_membership(netlink->socket, (int)
					     nla_get_u32(of_group[CTRL_ATTR_MCAST_GRP_ID])))
			netlink->error = EIO;
		netlink->lost = true;
	}
}

static int on_event(struct nl_msg *message, void *context)
{
	struct nlmsghdr *whole = nlmsg_hdr(message);
	struct genlmsghdr *header = genlmsg_hdr(whole);
	struct netlink *netlink = context;
	const char *name;
	json_t *event;
	json_t *rest;

	if (whole->nlmsg_type == GENL_ID_CTRL)
		hear_of_group(netlink, whole);
	/* A newer module may tell of more. */
	name = whole->nlmsg_type == netlink->family ? schema_event_name(header->cmd) : NULL;
	if (!name)
		return NL_OK;
	rest = schema_decode(schema_command_set(header->cmd),
			     genlmsg_attrdata(header, 0),
			     genlmsg_attrlen(header, 0));
	event = json_pack("{s:s}", "event", name);
	if (json_object_update(event, rest) < 0 ||
	    json_array_append(netlink->answers, event) < 0)
		netlink->error = EPROTO;
	json_decref(rest);
	json_decref(event);
	return NL_OK;
}

enum status netlink_listen(struct netlink **netlink, int *descriptor)
{
	enum status status = connect_family(netlink);
	struct netlink *new = *netlink;
	int bytes = EVENTS_BYTES;
	int error;

	if (!new)
		return status;
	error = genl_ctrl_resolve_grp(new->socket, SNAPTUN_FAMILY_NAME,
				      SNAPTUN_MCGRP_EVENTS);
	if (error >= 0)
		error = nl_socket_add_membership(new->socket, error);
	/* Families that come: the module's is another one once it was unloaded. */
	if (!error)
		error = genl_ctrl_resolve_grp(new->socket, "nlctrl", "notify");
	if (error >= 0)
		error = nl_socket_add_membership(new->socket, error);
	if (!error)
		error = nl_socket_set_nonblocking(new->socket);
	if (error) {
		new->error = error == -NLE_PERM ? EPERM : EIO;
		if (error != -NLE_PERM)
			snprintf(new->why, sizeof(new->why), "netlink: %s",
				 nl_geterror(error));
		status = netlink_failed(new);
		netlink_close(new);
		*netlink = NULL;
		return status;
	}
	*descriptor = nl_socket_get_fd(new->socket);
	/* Without privilege over the whole machine it gets what everybody may have. */
	if (setsockopt(*descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
		       sizeof(bytes)))
		(void)setsockopt(*descriptor, SOL_SOCKET, SO_RCVBUF, &bytes,
				 sizeof(bytes));
	nl_socket_disable_seq_check(new->socket);
	nl_cb_set(new->callbacks, NL_CB_VALID, NL_CB_CUSTOM, on_event, new);
	return STATUS_OK;
}

enum status netlink_events(struct netlink *netlink, json_t *events, bool *lost)
{
	int result;

	netlink->lost = false;
	netlink->error = 0;
	netlink->answers = events;
	result = nl_recvmsgs(netlink->socket, netlink->callbacks);
	netlink->answers = NULL;
	/* What found no memory here is as lost as what found none in the kernel. */
	*lost = netlink->lost || result == -NLE_NOMEM;
	if (result < 0 && result != -NLE_AGAIN && result != -NLE_NOMEM)
		return report(STATUS_FAILED, "netlink: %s", nl_geterror(result));
	if (netlink->error)
		return report(STATUS_FAILED, "an event of the module cannot be read");
	return STATUS_OK;
}
