// SPDX-License-Identifier: GPL-2.0
/* The netlink operations of control planes. What they share with others is in netlink.c. */

#include <net/genetlink.h>
#include <uapi/linux/snaptun.h>

#include "compat.h"
#include "control_plane.h"
#include "device.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "report.h"

static struct snaptun_control_plane *find_control_plane(struct snaptun_device *snap,
							struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_CONTROL_PLANE_ID];
	struct snaptun_control_plane *plane;

	if (!attr) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SNAPTUN_A_CONTROL_PLANE_ID);
		NL_SET_ERR_MSG(info->extack, "no control plane: attribute id is missing");
		return ERR_PTR(-EINVAL);
	}
	plane = xa_load(&snap->control_planes, nla_get_u32(attr));
	if (plane)
		return plane;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such control plane");
	return ERR_PTR(-ENOENT);
}

/* The time that goes with a state, which is given if and only if it goes with it. */
static int parse_time(u64 *until, struct genl_info *info, int type, bool wanted)
{
	const struct nlattr *attr = info->attrs[type];

	if (attr && !wanted) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "does not go with this state");
		return -EINVAL;
	}
	if (!attr && wanted) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, type);
		NL_SET_ERR_MSG(info->extack,
			       "the state needs a time: deadline with registering, lifetime with registered");
		return -EINVAL;
	}
	if (attr && !nla_get_u64(attr)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no time at all");
		return -ERANGE;
	}
	return snaptun_netlink_time(until, attr, info->extack);
}

static int set_state(struct snaptun_control_plane *plane, struct genl_info *info,
		     u32 state, u64 until, u64 deadline)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_CONTROL_PLANE_STATE];
	struct net *net = genl_info_net(info);
	int err;

	if (state == SNAPTUN_CONTROL_PLANE_STATE_REGISTERING) {
		err = snaptun_control_plane_begin(plane, net, info->snd_portid,
						  deadline);
		if (err)
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "another helper is registering");
		return err;
	}
	if (!snaptun_owner_is(&plane->owner, net, info->snd_portid)) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "this socket does not register, or its time was up");
		return -ESTALE;
	}
	switch (state) {
	case SNAPTUN_CONTROL_PLANE_STATE_REGISTERED:
		snaptun_control_plane_registered(plane, until);
		break;
	case SNAPTUN_CONTROL_PLANE_STATE_FAILED:
		snaptun_control_plane_failed(plane);
		break;
	default:
		snaptun_control_plane_given_up(plane);
	}
	return 0;
}

int snaptun_nl_control_plane_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_CONTROL_PLANE_STATE];
	struct snaptun_control_plane *plane;
	struct snaptun_device *snap;
	u64 until = 0, deadline = 0;
	u32 state;
	int err;

	if (!attr) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     SNAPTUN_A_CONTROL_PLANE_STATE);
		NL_SET_ERR_MSG(info->extack, "attribute state is missing");
		return -EINVAL;
	}
	state = nla_get_u32(attr);
	snap = snaptun_netlink_begin(info, SNAPTUN_A_CONTROL_PLANE_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	/* They count from now, not from before the locks. */
	err = parse_time(&until, info, SNAPTUN_A_CONTROL_PLANE_LIFETIME,
			 state == SNAPTUN_CONTROL_PLANE_STATE_REGISTERED) ?:
	      parse_time(&deadline, info, SNAPTUN_A_CONTROL_PLANE_DEADLINE,
			 state == SNAPTUN_CONTROL_PLANE_STATE_REGISTERING);
	if (!err) {
		plane = find_control_plane(snap, info);
		err = PTR_ERR_OR_ZERO(plane);
	}
	if (!err)
		err = set_state(plane, info, state, until, deadline);
	snaptun_netlink_end(snap);
	return err;
}

int snaptun_nl_control_plane_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct snaptun_control_plane *plane;
	struct sk_buff *msg = NULL;
	struct snaptun_device *snap;
	void *header;
	int err;

	snap = snaptun_netlink_begin(info, SNAPTUN_A_CONTROL_PLANE_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	plane = find_control_plane(snap, info);
	err = PTR_ERR_OR_ZERO(plane);
	if (!err) {
		err = -ENOMEM;
		msg = snaptun_netlink_new_reply(info, NULL, &header);
		if (msg)
			err = snaptun_report_control_plane(msg, plane);
	}
	snaptun_netlink_end(snap);
	return msg ? snaptun_netlink_send_reply(info, msg, header, err) : err;
}

int snaptun_nl_control_plane_get_dumpit(struct sk_buff *skb,
					struct netlink_callback *cb)
{
	const struct snaptun_report_place whole = {};
	struct snaptun_control_plane *plane;
	struct snaptun_device *snap;
	unsigned long id;
	void *header;
	int err = 0;

	snap = snaptun_netlink_begin_dump(skb, cb, SNAPTUN_A_CONTROL_PLANE_IFINDEX,
					  SNAPTUN_A_CONTROL_PLANE_ID);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	xa_for_each_start(&snap->control_planes, id, plane, cb->args[0] + 1) {
		header = snaptun_netlink_begin_dumped(skb, cb, SNAPTUN_CMD_CONTROL_PLANE_GET);
		if (!header)
			break;
		err = snaptun_report_control_plane(skb, plane);
		err = snaptun_netlink_end_dumped(skb, cb, header, id, &whole, err);
		if (err)
			break;
	}
	snaptun_netlink_end(snap);
	return skb->len ?: err;
}
