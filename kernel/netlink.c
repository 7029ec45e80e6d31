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
#include "pool.h"
#include "tunnel.h"

static struct genl_family family;

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

static int show_counters(struct sk_buff *msg, const struct snaptun_device *snap)
{
	struct nlattr *nest = nla_nest_start(msg, SNAPTUN_A_DEVICE_COUNTERS);
	int i;

	if (!nest)
		return -EMSGSIZE;
	for (i = SNAPTUN_A_COUNTERS_PAD + 1; i <= SNAPTUN_A_COUNTERS_MAX; i++)
		if (nla_put_u64_64bit(msg, i, snaptun_stats_read(snap->stats, i),
				      SNAPTUN_A_COUNTERS_PAD))
			return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int show_pool(struct sk_buff *msg)
{
	struct nlattr *nest = nla_nest_start(msg, SNAPTUN_A_DEVICE_POOL);
	struct snaptun_pool_stats stats;

	if (!nest)
		return -EMSGSIZE;
	snaptun_pool_read_stats(&stats);
	if (nla_put_u64_64bit(msg, SNAPTUN_A_POOL_ALLOCATED, stats.allocated,
			      SNAPTUN_A_POOL_PAD) ||
	    nla_put_u64_64bit(msg, SNAPTUN_A_POOL_IN_USE, stats.in_use,
			      SNAPTUN_A_POOL_PAD) ||
	    nla_put_u64_64bit(msg, SNAPTUN_A_POOL_RECYCLED, stats.recycled,
			      SNAPTUN_A_POOL_PAD) ||
	    nla_put_u64_64bit(msg, SNAPTUN_A_POOL_MISSED, stats.missed,
			      SNAPTUN_A_POOL_PAD))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int show_address(struct sk_buff *msg, int type,
			const struct snaptun_address *address)
{
	struct nlattr *nest = nla_nest_start(msg, type);
	int err;

	if (!nest)
		return -EMSGSIZE;
	if (snaptun_address_is_v4(address))
		err = nla_put_in_addr(msg, SNAPTUN_A_ADDRESS_IPV4,
				      address->ip.s6_addr32[3]);
	else
		err = nla_put_in6_addr(msg, SNAPTUN_A_ADDRESS_IPV6, &address->ip);
	if (err || nla_put_be16(msg, SNAPTUN_A_ADDRESS_PORT, address->port))
		return -EMSGSIZE;
	if (address->scope_id &&
	    nla_put_u32(msg, SNAPTUN_A_ADDRESS_SCOPE_ID, address->scope_id))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int show_device(struct sk_buff *msg, const struct snaptun_device *snap)
{
	const struct snaptun_socket *listen = snaptun_device_listen(snap);

	if (nla_put_u32(msg, SNAPTUN_A_DEVICE_IFINDEX, snap->dev->ifindex) ||
	    nla_put_string(msg, SNAPTUN_A_DEVICE_IFNAME, snap->dev->name) ||
	    nla_put_u16(msg, SNAPTUN_A_DEVICE_LISTEN_PORT,
			listen ? ntohs(listen->port) : 0) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_FWMARK, snap->fwmark) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_TUNNELS, snap->n_tunnels) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_IDENTITIES, snap->n_identities))
		return -EMSGSIZE;
	if (snap->has_key &&
	    nla_put(msg, SNAPTUN_A_DEVICE_PUBLIC_KEY, SNAPTUN_KEY_SIZE,
		    snap->own.public))
		return -EMSGSIZE;
	return show_counters(msg, snap) ?: show_pool(msg);
}

static int show_tunnel_counters(struct sk_buff *msg, struct snaptun_tunnel *tunnel)
{
	u64 session_at = READ_ONCE(tunnel->timers.session_at);

	if (session_at != SNAPTUN_NEVER &&
	    nla_put_u64_64bit(msg, SNAPTUN_A_TUNNEL_HANDSHAKE_AGE,
			      div_u64(snaptun_now() - session_at, NSEC_PER_MSEC),
			      SNAPTUN_A_TUNNEL_PAD))
		return -EMSGSIZE;
	if (nla_put_u64_64bit(msg, SNAPTUN_A_TUNNEL_RX_PACKETS,
			      atomic64_read(&tunnel->rx_packets),
			      SNAPTUN_A_TUNNEL_PAD) ||
	    nla_put_u64_64bit(msg, SNAPTUN_A_TUNNEL_RX_BYTES,
			      atomic64_read(&tunnel->rx_bytes),
			      SNAPTUN_A_TUNNEL_PAD) ||
	    nla_put_u64_64bit(msg, SNAPTUN_A_TUNNEL_TX_PACKETS,
			      atomic64_read(&tunnel->tx_packets),
			      SNAPTUN_A_TUNNEL_PAD) ||
	    nla_put_u64_64bit(msg, SNAPTUN_A_TUNNEL_TX_BYTES,
			      atomic64_read(&tunnel->tx_bytes),
			      SNAPTUN_A_TUNNEL_PAD))
		return -EMSGSIZE;
	return nla_put_u32(msg, SNAPTUN_A_TUNNEL_STAGED,
			   skb_queue_len_lockless(&tunnel->staged));
}

static int show_tunnel(struct sk_buff *msg, struct snaptun_tunnel *tunnel)
{
	if (nla_put_u32(msg, SNAPTUN_A_TUNNEL_IFINDEX,
			tunnel->snap->dev->ifindex) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_ID, tunnel->id) ||
	    nla_put(msg, SNAPTUN_A_TUNNEL_REMOTE_KEY, SNAPTUN_KEY_SIZE,
		    tunnel->peer.public) ||
	    show_address(msg, SNAPTUN_A_TUNNEL_ENDPOINT, &tunnel->path.remote) ||
	    nla_put_u16(msg, SNAPTUN_A_TUNNEL_LOCAL_PORT,
			ntohs(tunnel->path.local_port)) ||
	    (tunnel->has_psk && nla_put_flag(msg, SNAPTUN_A_TUNNEL_HAS_PSK)) ||
	    nla_put_u16(msg, SNAPTUN_A_TUNNEL_KEEPALIVE,
			tunnel->timers.keepalive) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_BURST_LIMIT, tunnel->burst_limit) ||
	    nla_put_u8(msg, SNAPTUN_A_TUNNEL_DEFAULT, tunnel->is_default) ||
	    nla_put_u8(msg, SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES,
		       tunnel->timers.answer_keepalives) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_STATE,
			snaptun_tunnel_state(tunnel)) ||
	    (tunnel->identity && nla_put_flag(msg, SNAPTUN_A_TUNNEL_RESPONDER)))
		return -EMSGSIZE;
	if (snaptun_address_is_set(&tunnel->assigned) &&
	    show_address(msg, SNAPTUN_A_TUNNEL_ASSIGNED, &tunnel->assigned))
		return -EMSGSIZE;
	return show_tunnel_counters(msg, tunnel);
}

static int show_identity(struct sk_buff *msg, const struct snaptun_device *snap,
			 const struct snaptun_identity *identity)
{
	if (nla_put_u32(msg, SNAPTUN_A_IDENTITY_IFINDEX, snap->dev->ifindex) ||
	    nla_put(msg, SNAPTUN_A_IDENTITY_KEY, SNAPTUN_KEY_SIZE,
		    identity->peer.public) ||
	    (identity->has_psk &&
	     nla_put_flag(msg, SNAPTUN_A_IDENTITY_HAS_PSK)) ||
	    nla_put_u16(msg, SNAPTUN_A_IDENTITY_KEEPALIVE, identity->keepalive) ||
	    nla_put_u8(msg, SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES,
		       identity->answer_keepalives) ||
	    nla_put_u32(msg, SNAPTUN_A_IDENTITY_BURST_LIMIT,
			identity->burst_limit) ||
	    nla_put_u32(msg, SNAPTUN_A_IDENTITY_TUNNELS, identity->tunnels))
		return -EMSGSIZE;
	return 0;
}

/* Begin a message of the family, or NULL where it does not fit. */
static void *begin_reply(struct sk_buff *msg, u32 portid, u32 seq, int flags,
			 u8 cmd)
{
	return genlmsg_put(msg, portid, seq, &family, flags, cmd);
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

static struct sk_buff *new_reply(struct genl_info *info, void **header)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

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
	int err;

	msg = new_reply(info, &header);
	if (!msg)
		return -ENOMEM;
	snap = begin(info, SNAPTUN_A_DEVICE_IFINDEX);
	if (IS_ERR(snap)) {
		nlmsg_free(msg);
		return PTR_ERR(snap);
	}
	err = show_device(msg, snap);
	end(snap);
	return send_reply(info, msg, header, err);
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
		err = show_device(skb, snap);
		mutex_unlock(&snap->lock);
		if (end_reply(skb, header, err))
			break;
		last = next;
	}
	rtnl_unlock();
	cb->args[0] = last;
	return skb->len ?: err;
}

int snaptun_nl_device_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *key_attr = info->attrs[SNAPTUN_A_DEVICE_PRIVATE_KEY];
	struct nlattr *port_attr = info->attrs[SNAPTUN_A_DEVICE_LISTEN_PORT];
	struct nlattr *mark_attr = info->attrs[SNAPTUN_A_DEVICE_FWMARK];
	struct snaptun_socket *listen = NULL;
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
	if (port_attr) {
		u16 port = nla_get_u16(port_attr);

		const struct snaptun_socket *old = snaptun_device_listen(snap);

		new_port = port != (old ? ntohs(old->port) : 0);
		if (new_port && port) {
			listen = snaptun_socket_open(snap, snap->underlay, port,
						     SNAPTUN_SOCKET_BOTH);
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
	if (mark_attr)
		snaptun_device_set_fwmark(snap, nla_get_u32(mark_attr));
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
	if (attrs[SNAPTUN_A_TUNNEL_KEEPALIVE])
		config->keepalive = nla_get_u16(attrs[SNAPTUN_A_TUNNEL_KEEPALIVE]);
	err = parse_burst_limit(&config->burst_limit,
				attrs[SNAPTUN_A_TUNNEL_BURST_LIMIT],
				info->extack);
	if (err)
		return err;
	if (attrs[SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES])
		config->answer_keepalives =
			nla_get_u8(attrs[SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES]);
	return 0;
}

int snaptun_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *mark = info->attrs[SNAPTUN_A_TUNNEL_DEFAULT];
	struct snaptun_tunnel_config config;
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;
	struct sk_buff *msg;
	void *header;
	int err;

	err = parse_tunnel(&config, info);
	if (err)
		goto wipe;
	/* All that can fail comes before the tunnel, or is undone by it. */
	msg = new_reply(info, &header);
	if (!msg) {
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
	if (nla_put_u32(msg, SNAPTUN_A_TUNNEL_IFINDEX, snap->dev->ifindex) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_ID, tunnel->id) ||
	    nla_put_u16(msg, SNAPTUN_A_TUNNEL_LOCAL_PORT,
			ntohs(tunnel->path.local_port)))
		err = -EMSGSIZE;
	err = send_reply(info, msg, header, err);
	/* A caller that does not learn the id has no tunnel. */
	if (err)
		snaptun_tunnel_remove(tunnel);
	else if (mark && nla_get_u8(mark))
		snaptun_device_mark_default(snap, tunnel);
	end(snap);
	goto wipe;
unlock:
	end(snap);
free:
	nlmsg_free(msg);
wipe:
	memzero_explicit(&config, sizeof(config));
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
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;
	struct sk_buff *msg;
	void *header;
	int err;

	msg = new_reply(info, &header);
	if (!msg)
		return -ENOMEM;
	snap = begin(info, SNAPTUN_A_TUNNEL_IFINDEX);
	if (IS_ERR(snap)) {
		nlmsg_free(msg);
		return PTR_ERR(snap);
	}
	tunnel = find_tunnel(snap, info);
	err = IS_ERR(tunnel) ? PTR_ERR(tunnel) : show_tunnel(msg, tunnel);
	end(snap);
	return send_reply(info, msg, header, err);
}

/* Begin one call of a dump over a device; args[0] is the last id shown. */
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
	return snap;
}

int snaptun_nl_tunnel_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;
	unsigned long id;
	void *header;
	int err = 0;

	snap = begin_dump(skb, cb, SNAPTUN_A_TUNNEL_IFINDEX, SNAPTUN_A_TUNNEL_ID);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	xa_for_each_start(&snap->tunnels, id, tunnel, cb->args[0] + 1) {
		header = begin_reply(skb, NETLINK_CB(cb->skb).portid,
				     cb->nlh->nlmsg_seq, NLM_F_MULTI,
				     SNAPTUN_CMD_TUNNEL_GET);
		if (!header)
			break;
		err = end_reply(skb, header, show_tunnel(skb, tunnel));
		if (err)
			break;
		cb->args[0] = id;
	}
	end(snap);
	return skb->len ?: err;
}

int snaptun_nl_identity_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct snaptun_identity *identity;
	struct snaptun_device *snap;
	int err;

	identity = kzalloc(sizeof(*identity), GFP_KERNEL_ACCOUNT);
	if (!identity)
		return -ENOMEM;
	if (attrs[SNAPTUN_A_IDENTITY_PSK])
		take_key(identity->peer.psk, attrs[SNAPTUN_A_IDENTITY_PSK]);
	identity->has_psk = memchr_inv(identity->peer.psk, 0, SNAPTUN_KEY_SIZE);
	identity->burst_limit = SNAPTUN_BURST_MAX_V4;
	identity->answer_keepalives = true;
	if (attrs[SNAPTUN_A_IDENTITY_KEEPALIVE])
		identity->keepalive =
			nla_get_u16(attrs[SNAPTUN_A_IDENTITY_KEEPALIVE]);
	err = parse_burst_limit(&identity->burst_limit,
				attrs[SNAPTUN_A_IDENTITY_BURST_LIMIT],
				info->extack);
	if (err)
		goto free;
	if (attrs[SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES])
		identity->answer_keepalives =
			nla_get_u8(attrs[SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES]);
	if (!attrs[SNAPTUN_A_IDENTITY_KEY]) {
		NL_SET_ERR_MSG(info->extack, "attribute key is missing");
		err = -EINVAL;
		goto free;
	}
	snap = begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto free;
	}
	if (!snaptun_noise_set_peer(&identity->peer, &snap->own,
				    nla_data(attrs[SNAPTUN_A_IDENTITY_KEY])) &&
	    snap->has_key) {
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[SNAPTUN_A_IDENTITY_KEY],
				    "the key is of low order");
		err = -EINVAL;
	} else {
		err = snaptun_identity_add(snap, identity);
	}
	if (err == -EEXIST)
		NL_SET_ERR_MSG_ATTR(info->extack, attrs[SNAPTUN_A_IDENTITY_KEY],
				    "the key is authorised already");
	else if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack, "the device has too many identities");
	end(snap);
	if (!err)
		return 0;
free:
	kfree_sensitive(identity);
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
	struct snaptun_identity *identity;
	struct snaptun_device *snap;
	struct sk_buff *msg;
	void *header;
	int err;

	msg = new_reply(info, &header);
	if (!msg)
		return -ENOMEM;
	snap = begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap)) {
		nlmsg_free(msg);
		return PTR_ERR(snap);
	}
	identity = find_identity(snap, info);
	err = IS_ERR(identity) ? PTR_ERR(identity) :
				 show_identity(msg, snap, identity);
	end(snap);
	return send_reply(info, msg, header, err);
}

int snaptun_nl_identity_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb)
{
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
		header = begin_reply(skb, NETLINK_CB(cb->skb).portid,
				     cb->nlh->nlmsg_seq, NLM_F_MULTI,
				     SNAPTUN_CMD_IDENTITY_GET);
		if (!header)
			break;
		err = end_reply(skb, header, show_identity(skb, snap, identity));
		if (err)
			break;
		cb->args[0] = id;
	}
	end(snap);
	return skb->len ?: err;
}

static struct genl_family family __ro_after_init = {
	.name = SNAPTUN_FAMILY_NAME,
	.version = SNAPTUN_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = snaptun_nl_ops,
	.n_ops = ARRAY_SIZE(snaptun_nl_ops),
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
	return genl_register_family(&family);
}

/**
 * snaptun_netlink_exit() - unregister the family
 *
 * Context: module exit.
 */
void snaptun_netlink_exit(void)
{
	genl_unregister_family(&family);
}
