// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family. Documentation/netlink/specs/snaptun.yaml defines it;
 * netlink_gen.c, made from the spec, has the policies and the table of
 * operations that call the functions here.
 *
 * A request is checked whole before anything is changed. Every refusal has an
 * extended ack that names the attribute at fault. Attributes with keys are wiped
 * from the request once they were read.
 *
 * Locking: rtnl keeps the device, and inside it the device's lock its
 * configuration.
 */

#include "netlink.h"

#include <linux/capability.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/sock.h>
#include <uapi/linux/snaptun.h>

#include "compat.h"
#include "device.h"
#include "identity.h"
#include "netlink_gen.h"
#include "owner.h"
#include "report.h"
#include "tunnel.h"

/* Needed for listening to events, as for asking. */
static const struct genl_multicast_group groups[] = {
	[SNAPTUN_NLGRP_EVENTS] = {
		.name = SNAPTUN_MCGRP_EVENTS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

/* The device that a request names, its lock held; rtnl is held too. */
static struct snaptun_device *find_device(struct net *net,
					  const struct nlattr *ifindex,
					  struct netlink_ext_ack *extack)
{
	struct snaptun_device *snap;
	struct net_device *dev;

	ASSERT_RTNL();
	if (!ifindex) {
		/* It has the same number everywhere. */
		NL_SET_ERR_ATTR_MISS(extack, NULL, SNAPTUN_A_DEVICE_IFINDEX);
		NL_SET_ERR_MSG(extack, "no device: attribute ifindex is missing");
		return ERR_PTR(-EINVAL);
	}
	dev = __dev_get_by_index(net, nla_get_u32(ifindex));
	if (!dev) {
		NL_SET_ERR_MSG_ATTR(extack, ifindex, "no such device");
		return ERR_PTR(-ENODEV);
	}
	if (!snaptun_device_is_ours(dev)) {
		NL_SET_ERR_MSG_ATTR(extack, ifindex, "not a snaptun device");
		return ERR_PTR(-EOPNOTSUPP);
	}
	snap = netdev_priv(dev);
	mutex_lock(&snap->lock);
	return snap;
}

/**
 * snaptun_netlink_begin() - find the device that a request is about
 * @info: the request
 * @ifindex: type of the attribute that names it
 *
 * Return: the device, its lock and rtnl held until snaptun_netlink_end(); or an
 * error with an extended ack.
 */
struct snaptun_device *snaptun_netlink_begin(struct genl_info *info, int ifindex)
{
	struct snaptun_device *snap;

	rtnl_lock();
	snap = find_device(genl_info_net(info), info->attrs[ifindex],
			   info->extack);
	if (IS_ERR(snap))
		rtnl_unlock();
	return snap;
}

/**
 * snaptun_netlink_end() - done with a device
 * @snap: what snaptun_netlink_begin() returned
 */
void snaptun_netlink_end(struct snaptun_device *snap)
{
	mutex_unlock(&snap->lock);
	rtnl_unlock();
}

/**
 * snaptun_netlink_may_use_underlay() - may a caller say what happens there?
 * @snap: the device; its lock is held
 * @skb: the request
 * @attr: what acts on the underlay, as ports, marks and endpoints, or NULL
 * @extack: receives the reason of a refusal
 *
 * The underlay is in the namespace that the device was made in, wherever the caller
 * and the device are now.
 *
 * Return: 0, -ENETDOWN or -EPERM.
 */
int snaptun_netlink_may_use_underlay(const struct snaptun_device *snap,
				     const struct sk_buff *skb,
				     const struct nlattr *attr,
				     struct netlink_ext_ack *extack)
{
	if (!attr)
		return 0;
	if (!snap->underlay) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the device's underlay namespace is gone");
		return -ENETDOWN;
	}
	if (!netlink_ns_capable(skb, snap->underlay->user_ns, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "needs CAP_NET_ADMIN in the underlay namespace");
		return -EPERM;
	}
	return 0;
}

/**
 * snaptun_netlink_take_key() - copy a key out of a request, and wipe it there
 * @key: receives it
 * @attr: the attribute
 *
 * (A request that generic netlink refuses by itself is freed unseen.)
 */
void snaptun_netlink_take_key(u8 key[SNAPTUN_KEY_SIZE], struct nlattr *attr)
{
	memcpy(key, nla_data(attr), SNAPTUN_KEY_SIZE);
	memzero_explicit(nla_data(attr), SNAPTUN_KEY_SIZE);
}

/* Begin a message of the family, or NULL where it does not fit. */
static void *begin_reply(struct sk_buff *msg, u32 portid, u32 seq, int flags,
			 u8 cmd)
{
	return genlmsg_put(msg, portid, seq, &snaptun_netlink_family, flags, cmd);
}

/* End a message that was begun, or take it back after an error. */
static int end_reply(struct sk_buff *msg, void *header, int err)
{
	if (err)
		genlmsg_cancel(msg, header);
	else
		genlmsg_end(msg, header);
	return err;
}

/**
 * snaptun_netlink_new_reply() - begin the answer to a request
 * @info: the request
 * @prefixes: those of the object that it is to show, or NULL
 * @header: receives what snaptun_netlink_send_reply() takes
 *
 * Return: the message, or NULL.
 */
struct sk_buff *
snaptun_netlink_new_reply(struct genl_info *info,
			  const struct snaptun_allowed_ips *prefixes,
			  void **header)
{
	struct sk_buff *msg = genlmsg_new(snaptun_report_size(prefixes),
					  GFP_KERNEL);

	if (msg) {
		*header = begin_reply(msg, info->snd_portid, info->snd_seq, 0,
				      info->genlhdr->cmd);
		if (*header)
			return msg;
		nlmsg_free(msg);
	}
	NL_SET_ERR_MSG(info->extack, "no memory");
	return NULL;
}

/**
 * snaptun_netlink_send_reply() - send an answer that is complete
 * @info: the request
 * @msg: the message; freed
 * @header: its header
 * @err: why it is not sent but returned, or 0
 *
 * Return: 0, or an error.
 */
int snaptun_netlink_send_reply(struct genl_info *info, struct sk_buff *msg,
			       void *header, int err)
{
	err = end_reply(msg, header, err);
	if (err) {
		NL_SET_ERR_MSG(info->extack, "the answer is too long");
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/**
 * snaptun_netlink_burst_limit() - read a burst limit
 * @limit: the limit, which stays as it is where it is not given
 * @attr: the attribute, or NULL
 * @extack: receives the reason of a refusal
 *
 * The policy checks the minimum; 6.1 could not check a maximum of more than 15 bits.
 *
 * Return: 0, or -ERANGE.
 */
int snaptun_netlink_burst_limit(u32 *limit, const struct nlattr *attr,
				struct netlink_ext_ack *extack)
{
	if (!attr)
		return 0;
	if (nla_get_u32(attr) > SNAPTUN_BURST_LIMIT_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "more than one packet can carry");
		return -ERANGE;
	}
	*limit = nla_get_u32(attr);
	return 0;
}

static int parse_prefix(struct snaptun_prefix *prefix, const struct nlattr *attr,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SNAPTUN_A_PREFIX_MAX + 1];
	int err;

	err = nla_parse_nested(tb, SNAPTUN_A_PREFIX_MAX, attr,
			       snaptun_prefix_nl_policy, extack);
	if (err)
		return err;
	if (!tb[SNAPTUN_A_PREFIX_IPV4] == !tb[SNAPTUN_A_PREFIX_IPV6]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "needs an IPv4 or an IPv6 address, one of them");
		return -EINVAL;
	}
	if (!tb[SNAPTUN_A_PREFIX_LENGTH]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "needs a length");
		return -EINVAL;
	}
	memset(prefix, 0, sizeof(*prefix));
	prefix->length = nla_get_u8(tb[SNAPTUN_A_PREFIX_LENGTH]);
	prefix->is_v4 = !!tb[SNAPTUN_A_PREFIX_IPV4];
	if (prefix->is_v4)
		ipv6_addr_set_v4mapped(nla_get_in_addr(tb[SNAPTUN_A_PREFIX_IPV4]),
				       &prefix->ip);
	else
		prefix->ip = nla_get_in6_addr(tb[SNAPTUN_A_PREFIX_IPV6]);
	if (prefix->length > (prefix->is_v4 ? 32 : 128)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SNAPTUN_A_PREFIX_LENGTH],
				    "longer than the address");
		return -EINVAL;
	}
	return 0;
}

/**
 * snaptun_netlink_allowed_ips() - read prefixes
 * @list: receives them; to be freed by kvfree(list->prefixes), also after an error
 * @attr: the attribute, or NULL
 * @extack: receives the reason of a refusal
 *
 * Return: 0, or an error.
 */
int snaptun_netlink_allowed_ips(struct snaptun_allowed_list *list,
				const struct nlattr *attr,
				struct netlink_ext_ack *extack)
{
	const struct nlattr *prefix;
	unsigned int n = 0;
	int left, err;

	memset(list, 0, sizeof(*list));
	INIT_LIST_HEAD(&list->created);
	if (!attr)
		return 0;
	list->given = true;
	nla_for_each_nested(prefix, attr, left)
		n++;
	if (!n)
		return 0;
	if (n > SNAPTUN_PREFIXES_MAX) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "more prefixes than one can have");
		return -E2BIG;
	}
	list->prefixes = kvcalloc(n, sizeof(*list->prefixes), GFP_KERNEL_ACCOUNT);
	if (!list->prefixes) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "no memory");
		return -ENOMEM;
	}
	nla_for_each_nested(prefix, attr, left) {
		err = parse_prefix(&list->prefixes[list->n], prefix, extack);
		if (err)
			return err;
		list->n++;
	}
	return 0;
}

/**
 * snaptun_netlink_prepare_allowed_ips() - do what can fail of a change of prefixes
 * @snap: the device; its lock is held until the change is committed, or cancelled by
 *	snaptun_allowed_ips_cancel()
 * @list: the prefixes
 * @attr: where they come from
 * @extack: receives the reason of a failure
 *
 * Return: 0, or an error.
 */
int snaptun_netlink_prepare_allowed_ips(struct snaptun_device *snap,
					struct snaptun_allowed_list *list,
					const struct nlattr *attr,
					struct netlink_ext_ack *extack)
{
	int err;

	err = snaptun_allowed_ips_prepare(&snap->allowed_ips, list->prefixes,
					  list->n, &list->created);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the device has as many prefixes as it can have");
	else if (err)
		NL_SET_ERR_MSG_ATTR(extack, attr, "no memory");
	return err;
}

/**
 * snaptun_netlink_commit_allowed_ips() - give a tunnel or identity its prefixes
 * @snap: the device; its lock is held
 * @owner: who gets them
 * @list: the prefixes, prepared; where the request has none, nothing changes
 */
void snaptun_netlink_commit_allowed_ips(struct snaptun_device *snap,
					struct snaptun_allowed_ips *owner,
					const struct snaptun_allowed_list *list)
{
	if (!list->given)
		return;
	snaptun_allowed_ips_commit(&snap->allowed_ips, owner, list->prefixes,
				   list->n);
	/* Who has prefixes is not the default tunnel without being told so. */
	spin_lock_bh(&snap->table_lock);
	snaptun_device_choose_default(snap);
	spin_unlock_bh(&snap->table_lock);
}

/**
 * snaptun_netlink_u16() - read a number, which stays as it is where it is not given
 * @value: the number
 * @attr: the attribute, or NULL
 */
void snaptun_netlink_u16(u16 *value, const struct nlattr *attr)
{
	if (attr)
		*value = nla_get_u16(attr);
}

/**
 * snaptun_netlink_bool() - read a switch, which stays as it is where it is not given
 * @value: the switch
 * @attr: the attribute, or NULL
 */
void snaptun_netlink_bool(bool *value, const struct nlattr *attr)
{
	if (attr)
		*value = nla_get_u8(attr);
}

/**
 * snaptun_netlink_time() - read how long something is to last
 * @until: receives its end, nanoseconds on the clock of snaptun_now(); stays as it is
 *	where it is not given
 * @attr: the attribute, in milliseconds, or NULL
 * @extack: receives the reason of a refusal
 *
 * Return: 0, or -ERANGE.
 */
int snaptun_netlink_time(u64 *until, const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	u64 ms;

	if (!attr)
		return 0;
	ms = nla_get_u64(attr);
	if (ms > SNAPTUN_TIME_MAX * MSEC_PER_SEC) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "more than a hundred years");
		return -ERANGE;
	}
	*until = ktime_get_boottime_ns() + ms * NSEC_PER_MSEC;
	return 0;
}

/**
 * snaptun_netlink_begin_dump() - begin one call of a dump over a device
 * @skb: where messages go
 * @cb: the dump
 * @ifindex: type of the attribute that names the device
 * @name: type of an attribute that names one object, and is refused
 *
 * args[0] is the last id that was shown whole, args[1] whether some of the next was,
 * and args[2] how many of its prefixes.
 *
 * Return: as snaptun_netlink_begin().
 */
struct snaptun_device *snaptun_netlink_begin_dump(struct sk_buff *skb,
						  struct netlink_callback *cb,
						  int ifindex, int name)
{
	struct nlattr **attrs = snaptun_dump_attrs(cb);
	struct snaptun_device *snap;

	if (attrs[name]) {
		NL_SET_ERR_MSG_ATTR(cb->extack, attrs[name],
				    "a dump shows all: it takes the device alone");
		return ERR_PTR(-EINVAL);
	}
	rtnl_lock();
	snap = find_device(sock_net(skb->sk), attrs[ifindex], cb->extack);
	if (IS_ERR(snap))
		rtnl_unlock();
	else
		cb->seq = snap->allowed_ips.generation;
	return snap;
}

/**
 * snaptun_netlink_place() - how far a dump came with an object
 * @cb: the dump
 * @id: the object's id
 */
struct snaptun_report_place
snaptun_netlink_place(const struct netlink_callback *cb, unsigned long id)
{
	struct snaptun_report_place place = {};

	if (cb->args[1] == id) {
		place.begun = true;
		place.prefixes = cb->args[2];
	}
	return place;
}

/**
 * snaptun_netlink_end_dumped() - a message of a dump was written, or not
 * @skb: where it is
 * @cb: the dump
 * @header: its header
 * @id: the object's id
 * @place: how far the dump came with the object
 * @err: what writing it returned; -EAGAIN where the object goes on
 *
 * Return: @err; the call has to end where it is not 0.
 */
int snaptun_netlink_end_dumped(struct sk_buff *skb, struct netlink_callback *cb,
			       void *header, unsigned long id,
			       const struct snaptun_report_place *place,
			       int err)
{
	if (err && err != -EAGAIN)
		return end_reply(skb, header, err);
	genl_dump_check_consistent(cb, header);
	end_reply(skb, header, 0);
	if (err) {
		cb->args[1] = id;
		cb->args[2] = place->prefixes;
	} else {
		cb->args[0] = id;
		cb->args[1] = 0;
	}
	return err;
}

/**
 * snaptun_netlink_begin_dumped() - begin a message of a dump
 * @skb: where it goes
 * @cb: the dump
 * @cmd: the operation
 *
 * Return: what snaptun_netlink_end_dumped() takes, or NULL where it does not fit.
 */
void *snaptun_netlink_begin_dumped(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return begin_reply(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   NLM_F_MULTI, cmd);
}

int snaptun_nl_device_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct snaptun_device *snap;
	struct sk_buff *msg;
	void *header;
	int err = -ENOMEM;

	snap = snaptun_netlink_begin(info, SNAPTUN_A_DEVICE_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	msg = snaptun_netlink_new_reply(info, NULL, &header);
	if (msg)
		err = snaptun_report_device(msg, snap);
	snaptun_netlink_end(snap);
	return msg ? snaptun_netlink_send_reply(info, msg, header, err) : err;
}

int snaptun_nl_device_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	unsigned long last = cb->args[0], next;
	struct net *net = sock_net(skb->sk);
	struct net_device *dev, *found;
	struct snaptun_device *snap;
	void *header;
	int err = 0;

	if (snaptun_dump_attrs(cb)[SNAPTUN_A_DEVICE_IFINDEX]) {
		NL_SET_ERR_MSG(cb->extack, "a dump shows all: it takes no device");
		return -EINVAL;
	}
	rtnl_lock();
	cb->seq = net->dev_base_seq;
	/* By rising interface index, so that changes between calls do no harm. */
	for (;;) {
		found = NULL;
		next = ULONG_MAX;
		for_each_netdev(net, dev) {
			if (!snaptun_device_is_ours(dev) ||
			    dev->ifindex <= last || dev->ifindex >= next)
				continue;
			next = dev->ifindex;
			found = dev;
		}
		if (!found)
			break;
		snap = netdev_priv(found);
		header = begin_reply(skb, NETLINK_CB(cb->skb).portid,
				     cb->nlh->nlmsg_seq, NLM_F_MULTI,
				     SNAPTUN_CMD_DEVICE_GET);
		if (!header)
			break;
		genl_dump_check_consistent(cb, header);
		mutex_lock(&snap->lock);
		err = snaptun_report_device(skb, snap);
		mutex_unlock(&snap->lock);
		if (end_reply(skb, header, err))
			break;
		last = next;
	}
	rtnl_unlock();
	cb->args[0] = last;
	return skb->len ?: err;
}

/* The tunnel that a request makes the default one, NULL for none. */
static struct snaptun_tunnel *parse_default(struct snaptun_device *snap,
					    const struct nlattr *attr,
					    struct netlink_ext_ack *extack)
{
	struct snaptun_tunnel *tunnel;

	if (!attr || !nla_get_u32(attr))
		return NULL;
	tunnel = xa_load(&snap->tunnels, nla_get_u32(attr));
	if (!tunnel) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "no such tunnel");
		return ERR_PTR(-ENOENT);
	}
	if (tunnel->identity) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "an identity started that tunnel");
		return ERR_PTR(-EINVAL);
	}
	return tunnel;
}

/* What of a request cannot fail. */
static void set_numbers(struct snaptun_device *snap, struct nlattr **attrs)
{
	const struct nlattr *attr;

	attr = attrs[SNAPTUN_A_DEVICE_FWMARK];
	if (attr)
		snaptun_device_set_fwmark(snap, nla_get_u32(attr));
	attr = attrs[SNAPTUN_A_DEVICE_HANDSHAKE_RATE];
	if (attr)
		snap->handshake_rate = nla_get_u32(attr);
	attr = attrs[SNAPTUN_A_DEVICE_SOURCE_RATE];
	if (attr)
		snap->source_rate.per_second = nla_get_u32(attr);
	attr = attrs[SNAPTUN_A_DEVICE_SOURCE_BURST];
	if (attr)
		snap->source_rate.burst = nla_get_u32(attr);
	attr = attrs[SNAPTUN_A_DEVICE_MAX_TUNNELS];
	if (attr)
		snap->max_tunnels = nla_get_u32(attr);
	attr = attrs[SNAPTUN_A_DEVICE_MAX_IDENTITY_TUNNELS];
	if (attr)
		snaptun_device_set_max_identity_tunnels(snap, nla_get_u32(attr));
}

int snaptun_nl_device_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *key_attr = info->attrs[SNAPTUN_A_DEVICE_PRIVATE_KEY];
	struct nlattr *port_attr = info->attrs[SNAPTUN_A_DEVICE_LISTEN_PORT];
	struct nlattr *mark_attr = info->attrs[SNAPTUN_A_DEVICE_FWMARK];
	struct nlattr *default_attr = info->attrs[SNAPTUN_A_DEVICE_DEFAULT_TUNNEL];
	struct snaptun_socket *listen = NULL;
	struct snaptun_tunnel *marked;
	struct snaptun_device *snap;
	u8 key[SNAPTUN_KEY_SIZE];
	bool new_port = false;
	int err = 0;

	if (key_attr)
		snaptun_netlink_take_key(key, key_attr);
	snap = snaptun_netlink_begin(info, SNAPTUN_A_DEVICE_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto wipe;
	}
	err = snaptun_netlink_may_use_underlay(snap, skb, port_attr, info->extack) ?:
	      snaptun_netlink_may_use_underlay(snap, skb, mark_attr, info->extack);
	if (err)
		goto out;
	marked = parse_default(snap, default_attr, info->extack);
	if (IS_ERR(marked)) {
		err = PTR_ERR(marked);
		goto out;
	}
	if (port_attr) {
		const struct snaptun_socket *old = snaptun_device_listen(snap);
		u16 port = nla_get_u16(port_attr);

		new_port = port != (old ? ntohs(old->port) : 0);
		if (new_port && port) {
			listen = snaptun_device_open_listen(snap, port);
			if (IS_ERR(listen)) {
				err = PTR_ERR(listen);
				NL_SET_ERR_MSG_ATTR(info->extack, port_attr,
						    "cannot open the listen port");
				goto out;
			}
		}
	}
	/* The last step that can fail; nothing was changed yet. */
	if (key_attr) {
		err = snaptun_device_set_key(snap, key);
		if (err) {
			NL_SET_ERR_MSG_ATTR(info->extack, key_attr, "no memory");
			snaptun_socket_close(listen);
			goto out;
		}
	}
	if (new_port)
		snaptun_device_set_listen(snap, listen);
	if (default_attr)
		snaptun_device_mark_default(snap, marked);
	set_numbers(snap, info->attrs);
out:
	snaptun_netlink_end(snap);
wipe:
	memzero_explicit(key, sizeof(key));
	return err;
}

/* A netlink socket closes: what was to go with it goes. */
static int socket_closes(struct notifier_block *block, unsigned long event,
			 void *data)
{
	const struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC)
		snaptun_owner_gone(notify->net, notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block socket_notifier = { .notifier_call = socket_closes };

struct genl_family snaptun_netlink_family __ro_after_init = {
	.name = SNAPTUN_FAMILY_NAME,
	.version = SNAPTUN_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = snaptun_nl_ops,
	.n_ops = ARRAY_SIZE(snaptun_nl_ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	/* Every command is checked strictly from the first on. */
	.resv_start_op = SNAPTUN_CMD_DEVICE_GET,
};

/**
 * snaptun_netlink_init() - register the family
 *
 * Context: module init.
 *
 * Return: 0 or an error.
 */
int __init snaptun_netlink_init(void)
{
	int err;

	snaptun_owners_init();
	err = netlink_register_notifier(&socket_notifier);
	if (err)
		return err;
	err = genl_register_family(&snaptun_netlink_family);
	if (err)
		netlink_unregister_notifier(&socket_notifier);
	return err;
}

/**
 * snaptun_netlink_exit() - unregister the family
 *
 * Context: module exit.
 */
void snaptun_netlink_exit(void)
{
	genl_unregister_family(&snaptun_netlink_family);
	netlink_unregister_notifier(&socket_notifier);
}
