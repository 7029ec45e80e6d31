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

static struct snaptun_device *begin(struct genl_info *info, int ifindex)
{
	struct snaptun_device *snap;

	rtnl_lock();
	snap = find_device(genl_info_net(info), info->attrs[ifindex],
			   info->extack);
	if (IS_ERR(snap))
		rtnl_unlock();
	return snap;
}

static void end(struct snaptun_device *snap)
{
	mutex_unlock(&snap->lock);
	rtnl_unlock();
}

/*
 * Ports, marks and endpoints act in the namespace that the device was made in,
 * wherever the caller and the device are now.
 */
static int may_use_underlay(const struct snaptun_device *snap,
			    const struct sk_buff *skb, const struct nlattr *attr,
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

/*
 * Copy a key out of a request, and wipe it there. (One that generic netlink
 * refuses by itself is freed unseen.)
 */
static void take_key(u8 key[SNAPTUN_KEY_SIZE], struct nlattr *attr)
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

static struct sk_buff *new_reply(struct genl_info *info, size_t size,
				 void **header)
{
	struct sk_buff *msg = genlmsg_new(size, GFP_KERNEL);

	if (!msg)
		return NULL;
	*header = begin_reply(msg, info->snd_portid, info->snd_seq, 0,
			      info->genlhdr->cmd);
	if (*header)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

static int send_reply(struct genl_info *info, struct sk_buff *msg, void *header,
		      int err)
{
	err = end_reply(msg, header, err);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

int snaptun_nl_device_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct snaptun_device *snap;
	struct sk_buff *msg;
	void *header;
	int err = -ENOMEM;

	snap = begin(info, SNAPTUN_A_DEVICE_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	msg = new_reply(info, NLMSG_GOODSIZE, &header);
	if (msg)
		err = snaptun_report_device(msg, snap);
	end(snap);
	return msg ? send_reply(info, msg, header, err) : err;
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
		NL_SET_ERR_MSG_ATTR(extack, attr, "a tunnel that an identity started cannot be the default");
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
		take_key(key, key_attr);
	snap = begin(info, SNAPTUN_A_DEVICE_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto wipe;
	}
	err = may_use_underlay(snap, skb, port_attr, info->extack) ?:
	      may_use_underlay(snap, skb, mark_attr, info->extack);
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
	end(snap);
wipe:
	memzero_explicit(key, sizeof(key));
	return err;
}

static int parse_endpoint(struct snaptun_address *address,
			  const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SNAPTUN_A_ADDRESS_MAX + 1];
	int err, type;

	err = nla_parse_nested(tb, SNAPTUN_A_ADDRESS_MAX, attr,
			       snaptun_address_nl_policy, extack);
	if (err)
		return err;
	memset(address, 0, sizeof(*address));
	if (!tb[SNAPTUN_A_ADDRESS_IPV4] == !tb[SNAPTUN_A_ADDRESS_IPV6]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "needs an IPv4 or an IPv6 address, one of them");
		return -EINVAL;
	}
	if (!tb[SNAPTUN_A_ADDRESS_PORT] ||
	    !nla_get_be16(tb[SNAPTUN_A_ADDRESS_PORT])) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "needs a port other than 0");
		return -EINVAL;
	}
	address->port = nla_get_be16(tb[SNAPTUN_A_ADDRESS_PORT]);
	if (tb[SNAPTUN_A_ADDRESS_IPV4])
		ipv6_addr_set_v4mapped(nla_get_in_addr(tb[SNAPTUN_A_ADDRESS_IPV4]),
				       &address->ip);
	else
		address->ip = nla_get_in6_addr(tb[SNAPTUN_A_ADDRESS_IPV6]);

	if (snaptun_address_is_v4(address)) {
		__be32 ip = address->ip.s6_addr32[3];

		if (!tb[SNAPTUN_A_ADDRESS_IPV4] || ipv4_is_zeronet(ip) ||
		    ipv4_is_multicast(ip) || ipv4_is_lbcast(ip)) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "is no unicast address");
			return -EINVAL;
		}
	} else {
		type = ipv6_addr_type(&address->ip);
		if (type == IPV6_ADDR_ANY || type & IPV6_ADDR_MULTICAST) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "is no unicast address");
			return -EINVAL;
		}
		if (__ipv6_addr_needs_scope_id(type)) {
			if (!tb[SNAPTUN_A_ADDRESS_SCOPE_ID] ||
			    !nla_get_u32(tb[SNAPTUN_A_ADDRESS_SCOPE_ID])) {
				NL_SET_ERR_MSG_ATTR(extack, attr, "link-local: needs a scope id");
				return -EINVAL;
			}
			address->scope_id =
				nla_get_u32(tb[SNAPTUN_A_ADDRESS_SCOPE_ID]);
		}
	}
	return 0;
}

/* The policy checks the minimum; 6.1 could not check a maximum of 17 bits. */
static int parse_burst_limit(u32 *limit, const struct nlattr *attr,
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

/**
 * struct allowed_list - the prefixes that a request names
 * @given: the request has them at all
 * @prefixes: the prefixes
 * @n: how many
 */
struct allowed_list {
	bool given;
	struct snaptun_prefix *prefixes;
	unsigned int n;
};

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
	prefix->is_v4 = tb[SNAPTUN_A_PREFIX_IPV4] != NULL;
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

/* Free with kvfree(list->prefixes), also after an error. */
static int parse_allowed_ips(struct allowed_list *list, const struct nlattr *attr,
			     struct netlink_ext_ack *extack)
{
	const struct nlattr *prefix;
	unsigned int n = 0;
	int left, err;

	memset(list, 0, sizeof(*list));
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

static int replace_allowed_ips(struct snaptun_device *snap,
			       struct snaptun_allowed_ips *owner,
			       const struct allowed_list *list,
			       const struct nlattr *attr,
			       struct netlink_ext_ack *extack)
{
	int err;

	if (!list->given)
		return 0;
	err = snaptun_allowed_ips_replace(&snap->allowed_ips, owner,
					  list->prefixes, list->n);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the device has as many prefixes as it can have");
	else if (err)
		NL_SET_ERR_MSG_ATTR(extack, attr, "no memory");
	return err;
}

static void parse_u16(u16 *value, const struct nlattr *attr)
{
	if (attr)
		*value = nla_get_u16(attr);
}

static void parse_bool(bool *value, const struct nlattr *attr)
{
	if (attr)
		*value = nla_get_u8(attr);
}

/* What tunnel-new and tunnel-set have in common; what is not named stays. */
static int parse_tunnel_settings(struct snaptun_tunnel_config *config,
				 struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	parse_u16(&config->keepalive, attrs[SNAPTUN_A_TUNNEL_KEEPALIVE]);
	parse_bool(&config->answer_keepalives,
		   attrs[SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES]);
	parse_bool(&config->fixed_address,
		   attrs[SNAPTUN_A_TUNNEL_FIXED_ADDRESS]);
	return parse_burst_limit(&config->burst_limit,
				 attrs[SNAPTUN_A_TUNNEL_BURST_LIMIT],
				 info->extack);
}

static int parse_tunnel(struct snaptun_tunnel_config *config,
			struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct nlattr *attr;
	int err;

	memset(config, 0, sizeof(*config));
	config->keepalive = SNAPTUN_PERSISTENT_KEEPALIVE;
	config->burst_limit = SNAPTUN_BURST_CLIENT;
	config->answer_keepalives = true;
	if (attrs[SNAPTUN_A_TUNNEL_PSK])
		take_key(config->psk, attrs[SNAPTUN_A_TUNNEL_PSK]);

	attr = attrs[SNAPTUN_A_TUNNEL_REMOTE_KEY];
	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "attribute remote-key is missing");
		return -EINVAL;
	}
	memcpy(config->public_key, nla_data(attr), sizeof(config->public_key));
	if (!memchr_inv(config->public_key, 0, sizeof(config->public_key))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "the remote key is zero");
		return -EINVAL;
	}
	attr = attrs[SNAPTUN_A_TUNNEL_ENDPOINT];
	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "attribute endpoint is missing");
		return -EINVAL;
	}
	err = parse_endpoint(&config->path.remote, attr, info->extack);
	if (err)
		return err;
	if (attrs[SNAPTUN_A_TUNNEL_LOCAL_PORT])
		config->path.local_port =
			htons(nla_get_u16(attrs[SNAPTUN_A_TUNNEL_LOCAL_PORT]));
	return parse_tunnel_settings(config, info);
}

/* The last part of tunnel-new and tunnel-set, which cannot fail. */
static void mark_tunnel(struct snaptun_device *snap, struct snaptun_tunnel *tunnel,
			struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_TUNNEL_DEFAULT];

	if (attr && nla_get_u8(attr))
		snaptun_device_mark_default(snap, tunnel);
	else if (attr && tunnel->is_default)
		snaptun_device_mark_default(snap, NULL);
	attr = info->attrs[SNAPTUN_A_TUNNEL_PROVISIONAL];
	if (attr)
		snaptun_tunnel_set_provisional(tunnel, genl_info_net(info),
					       nla_get_u8(attr) ?
						       info->snd_portid : 0);
}

int snaptun_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *allowed_attr = info->attrs[SNAPTUN_A_TUNNEL_ALLOWED_IPS];
	struct snaptun_tunnel_config config;
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;
	struct allowed_list allowed;
	struct sk_buff *msg = NULL;
	void *header;
	int err;

	err = parse_allowed_ips(&allowed, allowed_attr, info->extack) ?:
	      parse_tunnel(&config, info);
	if (err)
		goto wipe;
	/* All that can fail comes before the tunnel, or is undone by it. */
	msg = new_reply(info, NLMSG_GOODSIZE, &header);
	if (!msg) {
		NL_SET_ERR_MSG(info->extack, "no memory");
		err = -ENOMEM;
		goto wipe;
	}
	snap = begin(info, SNAPTUN_A_TUNNEL_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto free;
	}
	err = may_use_underlay(snap, skb, info->attrs[SNAPTUN_A_TUNNEL_ENDPOINT],
			       info->extack);
	if (err)
		goto unlock;
	tunnel = snaptun_tunnel_add(snap, &config, info->extack);
	if (IS_ERR(tunnel)) {
		err = PTR_ERR(tunnel);
		goto unlock;
	}
	err = replace_allowed_ips(snap, &tunnel->allowed_ips, &allowed,
				  allowed_attr, info->extack);
	if (err) {
		snaptun_tunnel_remove(tunnel);
		goto unlock;
	}
	if (nla_put_u32(msg, SNAPTUN_A_TUNNEL_IFINDEX, snap->dev->ifindex) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_ID, tunnel->id) ||
	    nla_put_u16(msg, SNAPTUN_A_TUNNEL_LOCAL_PORT,
			ntohs(tunnel->path.local_port)))
		err = -EMSGSIZE;
	err = send_reply(info, msg, header, err);
	/* A caller that does not learn the id has no tunnel. */
	if (err)
		snaptun_tunnel_remove(tunnel);
	else
		mark_tunnel(snap, tunnel, info);
	end(snap);
	goto wipe;
unlock:
	end(snap);
free:
	nlmsg_free(msg);
wipe:
	memzero_explicit(&config, sizeof(config));
	kvfree(allowed.prefixes);
	return err;
}

static struct snaptun_tunnel *find_tunnel(struct snaptun_device *snap,
					  struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_TUNNEL_ID];
	struct snaptun_tunnel *tunnel;

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "no tunnel: attribute id is missing");
		return ERR_PTR(-EINVAL);
	}
	tunnel = xa_load(&snap->tunnels, nla_get_u32(attr));
	if (tunnel)
		return tunnel;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such tunnel");
	return ERR_PTR(-ENOENT);
}

int snaptun_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *allowed_attr = info->attrs[SNAPTUN_A_TUNNEL_ALLOWED_IPS];
	struct nlattr *psk_attr = info->attrs[SNAPTUN_A_TUNNEL_PSK];
	struct snaptun_tunnel_config config = {};
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;
	struct allowed_list allowed;
	int err;

	if (psk_attr)
		take_key(config.psk, psk_attr);
	err = parse_allowed_ips(&allowed, allowed_attr, info->extack);
	if (err)
		goto wipe;
	snap = begin(info, SNAPTUN_A_TUNNEL_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto wipe;
	}
	tunnel = find_tunnel(snap, info);
	if (IS_ERR(tunnel)) {
		err = PTR_ERR(tunnel);
		goto unlock;
	}
	if (tunnel->identity) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[SNAPTUN_A_TUNNEL_ID],
				    "an identity started it, and has its settings");
		err = -EINVAL;
		goto unlock;
	}
	config.keepalive = tunnel->timers.keepalive;
	config.answer_keepalives = tunnel->timers.answer_keepalives;
	config.burst_limit = tunnel->burst_limit;
	config.fixed_address = tunnel->fixed_address;
	err = parse_tunnel_settings(&config, info) ?:
	      replace_allowed_ips(snap, &tunnel->allowed_ips, &allowed,
				  allowed_attr, info->extack);
	if (err)
		goto unlock;

	/* Nothing can fail any more. */
	if (psk_attr) {
		memcpy(tunnel->peer.psk, config.psk, sizeof(tunnel->peer.psk));
		tunnel->has_psk = memchr_inv(config.psk, 0, sizeof(config.psk));
	}
	WRITE_ONCE(tunnel->burst_limit, config.burst_limit);
	tunnel->fixed_address = config.fixed_address;
	snaptun_tunnel_set_keepalive(tunnel, config.keepalive,
				     config.answer_keepalives);
	mark_tunnel(snap, tunnel, info);
	snaptun_tunnel_reopen(tunnel);
unlock:
	end(snap);
wipe:
	memzero_explicit(&config, sizeof(config));
	kvfree(allowed.prefixes);
	return err;
}

int snaptun_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;

	snap = begin(info, SNAPTUN_A_TUNNEL_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	tunnel = find_tunnel(snap, info);
	if (!IS_ERR(tunnel))
		snaptun_tunnel_remove(tunnel);
	end(snap);
	return PTR_ERR_OR_ZERO(tunnel);
}

int snaptun_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct snaptun_report_place place = {};
	struct sk_buff *msg = NULL;
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;
	void *header;
	int err;

	snap = begin(info, SNAPTUN_A_TUNNEL_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	tunnel = find_tunnel(snap, info);
	err = PTR_ERR_OR_ZERO(tunnel);
	if (!err) {
		msg = new_reply(info, snaptun_report_size(&tunnel->allowed_ips),
				&header);
		err = msg ? snaptun_report_tunnel(msg, tunnel, &place) : -ENOMEM;
	}
	end(snap);
	return msg ? send_reply(info, msg, header, err) : err;
}

/* Begin one call of a dump over a device. */
static struct snaptun_device *begin_dump(struct sk_buff *skb,
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

/*
 * How far a dump came: args[0] is the last id that was shown whole, args[1] whether
 * some of the next was, and args[2] how many of its prefixes.
 */
static struct snaptun_report_place place_of(const struct netlink_callback *cb,
					    unsigned long id)
{
	struct snaptun_report_place place = {};

	if (cb->args[1] == id) {
		place.begun = true;
		place.prefixes = cb->args[2];
	}
	return place;
}

/* A message of a dump was written, or not; -EAGAIN where the object goes on. */
static int end_dumped(struct sk_buff *skb, struct netlink_callback *cb,
		      void *header, unsigned long id,
		      const struct snaptun_report_place *place, int err)
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

static void *begin_dumped(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return begin_reply(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   NLM_F_MULTI, cmd);
}

int snaptun_nl_tunnel_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct snaptun_report_place place;
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;
	unsigned long id;
	void *header;
	int err = 0;

	snap = begin_dump(skb, cb, SNAPTUN_A_TUNNEL_IFINDEX, SNAPTUN_A_TUNNEL_ID);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	xa_for_each_start(&snap->tunnels, id, tunnel, cb->args[0] + 1) {
		header = begin_dumped(skb, cb, SNAPTUN_CMD_TUNNEL_GET);
		if (!header)
			break;
		place = place_of(cb, id);
		err = snaptun_report_tunnel(skb, tunnel, &place);
		err = end_dumped(skb, cb, header, id, &place, err);
		if (err)
			break;
	}
	end(snap);
	return skb->len ?: err;
}

/* What identity-new and identity-set have in common; what is not named stays. */
static int parse_identity_settings(struct snaptun_identity *identity,
				   struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	parse_u16(&identity->keepalive, attrs[SNAPTUN_A_IDENTITY_KEEPALIVE]);
	parse_bool(&identity->answer_keepalives,
		   attrs[SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES]);
	return parse_burst_limit(&identity->burst_limit,
				 attrs[SNAPTUN_A_IDENTITY_BURST_LIMIT],
				 info->extack);
}

static void take_identity_psk(struct snaptun_identity *identity,
			      struct nlattr *attr)
{
	take_key(identity->peer.psk, attr);
	identity->has_psk = memchr_inv(identity->peer.psk, 0, SNAPTUN_KEY_SIZE);
}

/* Add an identity, which is the device's then, or an error says why not. */
static int add_identity(struct snaptun_device *snap,
			struct snaptun_identity *identity, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_IDENTITY_KEY];
	int err;

	if (!snaptun_noise_set_peer(&identity->peer, &snap->own, nla_data(attr)) &&
	    snap->has_key) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "the key is of low order");
		return -EINVAL;
	}
	err = snaptun_identity_add(snap, identity);
	if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "the key is authorised already");
	else if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack, "the device has too many identities");
	else if (err)
		NL_SET_ERR_MSG(info->extack, "no memory");
	return err;
}

int snaptun_nl_identity_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *allowed_attr = info->attrs[SNAPTUN_A_IDENTITY_ALLOWED_IPS];
	struct nlattr *psk_attr = info->attrs[SNAPTUN_A_IDENTITY_PSK];
	struct snaptun_identity *identity;
	struct snaptun_device *snap;
	struct allowed_list allowed;
	int err;

	err = parse_allowed_ips(&allowed, allowed_attr, info->extack);
	if (err)
		goto free_list;
	identity = kzalloc(sizeof(*identity), GFP_KERNEL_ACCOUNT);
	if (!identity) {
		NL_SET_ERR_MSG(info->extack, "no memory");
		err = -ENOMEM;
		goto free_list;
	}
	identity->burst_limit = SNAPTUN_BURST_MAX_V4;
	identity->answer_keepalives = true;
	if (psk_attr)
		take_identity_psk(identity, psk_attr);
	err = parse_identity_settings(identity, info);
	if (err)
		goto free;
	if (!info->attrs[SNAPTUN_A_IDENTITY_KEY]) {
		NL_SET_ERR_MSG(info->extack, "attribute key is missing");
		err = -EINVAL;
		goto free;
	}
	snap = begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto free;
	}
	err = add_identity(snap, identity, info);
	if (err) {
		end(snap);
		goto free;
	}
	err = replace_allowed_ips(snap, &identity->allowed_ips, &allowed,
				  allowed_attr, info->extack);
	if (err)
		snaptun_identity_remove(snap, identity);
	end(snap);
	goto free_list;
free:
	kfree_sensitive(identity);
free_list:
	kvfree(allowed.prefixes);
	return err;
}

static struct snaptun_identity *find_identity(struct snaptun_device *snap,
					      struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_IDENTITY_KEY];
	struct snaptun_identity *identity;

	if (!attr) {
		NL_SET_ERR_MSG(info->extack, "attribute key is missing");
		return ERR_PTR(-EINVAL);
	}
	identity = snaptun_identity_find(snap, nla_data(attr));
	if (identity)
		return identity;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such identity");
	return ERR_PTR(-ENOENT);
}

int snaptun_nl_identity_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *allowed_attr = info->attrs[SNAPTUN_A_IDENTITY_ALLOWED_IPS];
	struct nlattr *psk_attr = info->attrs[SNAPTUN_A_IDENTITY_PSK];
	struct snaptun_identity *identity;
	u8 psk[SNAPTUN_KEY_SIZE];
	struct snaptun_device *snap;
	struct allowed_list allowed;
	u32 burst_limit = 0;
	int err;

	if (psk_attr)
		take_key(psk, psk_attr);
	err = parse_allowed_ips(&allowed, allowed_attr, info->extack) ?:
	      parse_burst_limit(&burst_limit,
				info->attrs[SNAPTUN_A_IDENTITY_BURST_LIMIT],
				info->extack);
	if (err)
		goto wipe;
	snap = begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto wipe;
	}
	identity = find_identity(snap, info);
	if (IS_ERR(identity)) {
		err = PTR_ERR(identity);
		goto unlock;
	}
	err = replace_allowed_ips(snap, &identity->allowed_ips, &allowed,
				  allowed_attr, info->extack);
	if (err)
		goto unlock;

	/* Nothing can fail any more: the burst limit was looked at. */
	parse_identity_settings(identity, info);
	if (psk_attr) {
		memcpy(identity->peer.psk, psk, sizeof(psk));
		identity->has_psk = memchr_inv(psk, 0, sizeof(psk));
	}
	snaptun_identity_apply(snap, identity);
unlock:
	end(snap);
wipe:
	memzero_explicit(psk, sizeof(psk));
	kvfree(allowed.prefixes);
	return err;
}

int snaptun_nl_identity_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct snaptun_identity *identity;
	struct snaptun_device *snap;
	int err;

	snap = begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	identity = find_identity(snap, info);
	err = PTR_ERR_OR_ZERO(identity);
	if (!err)
		snaptun_identity_remove(snap, identity);
	end(snap);
	return err;
}

int snaptun_nl_identity_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct snaptun_report_place place = {};
	struct snaptun_identity *identity;
	struct sk_buff *msg = NULL;
	struct snaptun_device *snap;
	void *header;
	int err;

	snap = begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	identity = find_identity(snap, info);
	err = PTR_ERR_OR_ZERO(identity);
	if (!err) {
		msg = new_reply(info, snaptun_report_size(&identity->allowed_ips),
				&header);
		err = msg ? snaptun_report_identity(msg, snap, identity, &place) :
			    -ENOMEM;
	}
	end(snap);
	return msg ? send_reply(info, msg, header, err) : err;
}

int snaptun_nl_identity_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb)
{
	struct snaptun_report_place place;
	struct snaptun_identity *identity;
	struct snaptun_device *snap;
	unsigned long id;
	void *header;
	int err = 0;

	snap = begin_dump(skb, cb, SNAPTUN_A_IDENTITY_IFINDEX,
			  SNAPTUN_A_IDENTITY_KEY);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	xa_for_each_start(&snap->identities, id, identity, cb->args[0] + 1) {
		header = begin_dumped(skb, cb, SNAPTUN_CMD_IDENTITY_GET);
		if (!header)
			break;
		place = place_of(cb, id);
		err = snaptun_report_identity(skb, snap, identity, &place);
		err = end_dumped(skb, cb, header, id, &place, err);
		if (err)
			break;
	}
	end(snap);
	return skb->len ?: err;
}

/* A netlink socket closes: tunnels that were to go with it go. */
static int socket_closes(struct notifier_block *block, unsigned long event,
			 void *data)
{
	const struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC)
		snaptun_tunnels_orphaned(notify->net, notify->portid);
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
