// SPDX-License-Identifier: GPL-2.0
/* The netlink operations of tunnels. What they share with others is in netlink.c. */

#include <net/genetlink.h>
#include <uapi/linux/snaptun.h>

#include "compat.h"
#include "control_plane.h"
#include "device.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "report.h"
#include "tunnel.h"

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

	type = ipv6_addr_type(&address->ip);
	if (tb[SNAPTUN_A_ADDRESS_SCOPE_ID] && !__ipv6_addr_needs_scope_id(type)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SNAPTUN_A_ADDRESS_SCOPE_ID],
				    "only link-local addresses have a scope id");
		return -EINVAL;
	}
	if (snaptun_address_is_v4(address)) {
		__be32 ip = address->ip.s6_addr32[3];

		if (!tb[SNAPTUN_A_ADDRESS_IPV4] || ipv4_is_zeronet(ip) ||
		    ipv4_is_multicast(ip) || ipv4_is_lbcast(ip)) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "is no unicast address");
			return -EINVAL;
		}
	} else {
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

/* What tunnel-new and tunnel-set have in common; what is not named stays. */
static int parse_tunnel_settings(struct snaptun_tunnel_config *config,
				 struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;

	snaptun_netlink_u16(&config->keepalive, attrs[SNAPTUN_A_TUNNEL_KEEPALIVE]);
	snaptun_netlink_bool(&config->answer_keepalives,
			     attrs[SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES]);
	snaptun_netlink_bool(&config->fixed_address,
			     attrs[SNAPTUN_A_TUNNEL_FIXED_ADDRESS]);
	return snaptun_netlink_burst_limit(&config->burst_limit,
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
		snaptun_netlink_take_key(config->psk, attrs[SNAPTUN_A_TUNNEL_PSK]);

	attr = attrs[SNAPTUN_A_TUNNEL_REMOTE_KEY];
	if (!attr) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     SNAPTUN_A_TUNNEL_REMOTE_KEY);
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
		NL_SET_ERR_ATTR_MISS(info->extack, NULL,
				     SNAPTUN_A_TUNNEL_ENDPOINT);
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

/*
 * The helper parses URLs, and gives each one form. Here is seen to it that nothing that
 * others may see in one is secret, and that it prints on one line.
 */
static int check_url(const char *url, const struct nlattr *attr,
		     struct netlink_ext_ack *extack)
{
	const char *host = strstr(url, "://"), *c;

	if (strncmp(url, "http://", 7) && strncmp(url, "https://", 8)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "begins with neither http:// nor https://");
		return -EINVAL;
	}
	host += strlen("://");
	if (!*host || *host == '/') {
		NL_SET_ERR_MSG_ATTR(extack, attr, "names no host");
		return -EINVAL;
	}
	for (c = host; *c; c++) {
		if (*c <= ' ' || *c >= 0x7f) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "has a character that URLs do not have");
			return -EINVAL;
		}
		if (*c == '?' || *c == '#') {
			NL_SET_ERR_MSG_ATTR(extack, attr, "has a query or a fragment");
			return -EINVAL;
		}
	}
	if (strcspn(host, "@") < strcspn(host, "/")) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "has user information");
		return -EINVAL;
	}
	return 0;
}

/* Look at the URL of a control plane; its text, or NULL where none is named. */
static int parse_url(const char **url, const struct nlattr *attr,
		     struct netlink_ext_ack *extack)
{
	*url = NULL;
	if (!attr || !*(const char *)nla_data(attr))
		return 0;
	*url = nla_data(attr);
	return check_url(*url, attr, extack);
}

/* The control plane of that URL, if there is one, made where it was not there. */
static int obtain_control_plane(struct snaptun_control_plane **plane,
				struct snaptun_device *snap,
				struct sk_buff *skb, const char *url,
				struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL];
	int err;

	*plane = NULL;
	err = snaptun_netlink_may_use_underlay(snap, skb, attr, info->extack);
	if (err || !url)
		return err;
	*plane = snaptun_control_plane_obtain(snap, url);
	if (*plane)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "no memory");
	return -ENOMEM;
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
		snaptun_owner_set(&tunnel->creator, genl_info_net(info),
				  nla_get_u8(attr) ? info->snd_portid : 0);
}

/* Which attribute is it that snaptun_tunnel_add() could not make a tunnel of? */
static void blame(int err, struct genl_info *info)
{
	switch (err) {
	case -EKEYREJECTED:
		NL_SET_BAD_ATTR(info->extack,
				info->attrs[SNAPTUN_A_TUNNEL_REMOTE_KEY]);
		break;
	case -EADDRINUSE:
		NL_SET_BAD_ATTR(info->extack,
				info->attrs[SNAPTUN_A_TUNNEL_LOCAL_PORT]);
		break;
	case -EAFNOSUPPORT:
		NL_SET_BAD_ATTR(info->extack,
				info->attrs[SNAPTUN_A_TUNNEL_ENDPOINT]);
		break;
	}
}

static int show_new_tunnel(struct sk_buff *msg, const struct snaptun_tunnel *tunnel)
{
	const struct snaptun_control_plane *plane = tunnel->control_plane;

	if (nla_put_u32(msg, SNAPTUN_A_TUNNEL_IFINDEX,
			tunnel->snap->dev->ifindex) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_ID, tunnel->id) ||
	    nla_put_u16(msg, SNAPTUN_A_TUNNEL_LOCAL_PORT,
			ntohs(tunnel->path.local_port)))
		return -EMSGSIZE;
	if (plane &&
	    (nla_put_u32(msg, SNAPTUN_A_TUNNEL_CONTROL_PLANE, plane->id) ||
	     nla_put_u32(msg, SNAPTUN_A_TUNNEL_CONTROL_PLANE_STATE,
			 plane->state) ||
	     nla_put_u32(msg, SNAPTUN_A_TUNNEL_CONTROL_PLANE_TUNNELS,
			 plane->n_tunnels)))
		return -EMSGSIZE;
	return 0;
}

int snaptun_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *allowed_attr = info->attrs[SNAPTUN_A_TUNNEL_ALLOWED_IPS];
	struct nlattr *endpoint_attr = info->attrs[SNAPTUN_A_TUNNEL_ENDPOINT];
	struct snaptun_tunnel_config config;
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;
	struct snaptun_allowed_list allowed = {};
	struct sk_buff *msg = NULL;
	const char *url;
	void *header;
	int err;

	err = parse_tunnel(&config, info) ?:
	      parse_url(&url, info->attrs[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL],
			info->extack) ?:
	      snaptun_netlink_allowed_ips(&allowed, allowed_attr, info->extack);
	if (err)
		goto wipe;
	/* All that can fail comes before the tunnel, or is undone. */
	msg = snaptun_netlink_new_reply(info, NULL, &header);
	if (!msg) {
		err = -ENOMEM;
		goto wipe;
	}
	snap = snaptun_netlink_begin(info, SNAPTUN_A_TUNNEL_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto free;
	}
	err = snaptun_netlink_may_use_underlay(snap, skb, endpoint_attr,
					       info->extack);
	if (!err)
		err = snaptun_netlink_prepare_allowed_ips(snap, &allowed,
							  allowed_attr,
							  info->extack);
	if (err)
		goto unlock;
	err = obtain_control_plane(&config.control_plane, snap, skb, url, info);
	if (err)
		goto cancel;
	config.n_prefixes = allowed.n;
	tunnel = snaptun_tunnel_add(snap, &config, info->extack);
	if (IS_ERR(tunnel)) {
		err = PTR_ERR(tunnel);
		blame(err, info);
		if (config.control_plane)
			snaptun_control_plane_drop_unused(config.control_plane);
		goto cancel;
	}
	err = show_new_tunnel(msg, tunnel);
	err = snaptun_netlink_send_reply(info, msg, header, err);
	/* A caller that does not learn the id has no tunnel. */
	if (err) {
		snaptun_allowed_ips_cancel(&snap->allowed_ips, &allowed.created);
		snaptun_tunnel_remove(tunnel);
	} else {
		snaptun_netlink_commit_allowed_ips(snap, &tunnel->allowed_ips,
						   &allowed);
		mark_tunnel(snap, tunnel, info);
	}
	snaptun_netlink_end(snap);
	goto wipe;
cancel:
	snaptun_allowed_ips_cancel(&snap->allowed_ips, &allowed.created);
unlock:
	snaptun_netlink_end(snap);
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
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SNAPTUN_A_TUNNEL_ID);
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
	struct nlattr *url_attr = info->attrs[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL];
	struct nlattr *psk_attr = info->attrs[SNAPTUN_A_TUNNEL_PSK];
	struct snaptun_tunnel_config config = {};
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;
	struct snaptun_allowed_list allowed;
	const char *url;
	int err;

	if (psk_attr)
		snaptun_netlink_take_key(config.psk, psk_attr);
	err = snaptun_netlink_allowed_ips(&allowed, allowed_attr, info->extack);
	if (err)
		goto wipe;
	snap = snaptun_netlink_begin(info, SNAPTUN_A_TUNNEL_IFINDEX);
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
	err = parse_url(&url, url_attr, info->extack) ?:
	      obtain_control_plane(&config.control_plane, snap, skb, url, info);
	if (err)
		goto unlock;
	config.keepalive = tunnel->timers.keepalive;
	config.answer_keepalives = tunnel->timers.answer_keepalives;
	config.burst_limit = tunnel->burst_limit;
	config.fixed_address = tunnel->fixed_address;
	err = parse_tunnel_settings(&config, info);
	if (!err)
		err = snaptun_netlink_prepare_allowed_ips(snap, &allowed,
							  allowed_attr,
							  info->extack);
	if (err) {
		if (config.control_plane)
			snaptun_control_plane_drop_unused(config.control_plane);
		goto unlock;
	}

	/* Nothing can fail any more. */
	snaptun_netlink_commit_allowed_ips(snap, &tunnel->allowed_ips, &allowed);
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
	if (url_attr)
		snaptun_control_plane_change(tunnel, config.control_plane);
unlock:
	snaptun_netlink_end(snap);
wipe:
	memzero_explicit(&config, sizeof(config));
	kvfree(allowed.prefixes);
	return err;
}

int snaptun_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct snaptun_tunnel *tunnel;
	struct snaptun_device *snap;

	snap = snaptun_netlink_begin(info, SNAPTUN_A_TUNNEL_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	tunnel = find_tunnel(snap, info);
	if (!IS_ERR(tunnel))
		snaptun_tunnel_remove(tunnel);
	snaptun_netlink_end(snap);
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

	snap = snaptun_netlink_begin(info, SNAPTUN_A_TUNNEL_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	tunnel = find_tunnel(snap, info);
	err = PTR_ERR_OR_ZERO(tunnel);
	if (!err) {
		err = -ENOMEM;
		msg = snaptun_netlink_new_reply(info, &tunnel->allowed_ips,
						&header);
		if (msg)
			err = snaptun_report_tunnel(msg, tunnel, &place);
	}
	snaptun_netlink_end(snap);
	return msg ? snaptun_netlink_send_reply(info, msg, header, err) : err;
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

	snap = snaptun_netlink_begin_dump(skb, cb, SNAPTUN_A_TUNNEL_IFINDEX, SNAPTUN_A_TUNNEL_ID);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	xa_for_each_start(&snap->tunnels, id, tunnel, cb->args[0] + 1) {
		header = snaptun_netlink_begin_dumped(skb, cb, SNAPTUN_CMD_TUNNEL_GET);
		if (!header)
			break;
		place = snaptun_netlink_place(cb, id);
		err = snaptun_report_tunnel(skb, tunnel, &place);
		err = snaptun_netlink_end_dumped(skb, cb, header, id, &place, err);
		if (err)
			break;
	}
	snaptun_netlink_end(snap);
	return skb->len ?: err;
}
