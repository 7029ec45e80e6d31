// SPDX-License-Identifier: GPL-2.0
/*
 * What netlink tells of devices, tunnels, control planes and identities: in answers and dumps, and
 * in events to who listens. No secret is among it.
 */

#include "report.h"

#include <net/genetlink.h>
#include <uapi/linux/snaptun.h>

#include "compat.h"
#include "device.h"
#include "identity.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "pool.h"
#include "tunnel.h"

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
			      SNAPTUN_A_POOL_PAD) ||
	    nla_put_u64_64bit(msg, SNAPTUN_A_POOL_RECLAIMED, stats.reclaimed,
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

/* Whole milliseconds; what ends within one has none left. */
static int put_time_left(struct sk_buff *msg, int type, u64 until, u64 now, int pad)
{
	u64 left = until > now ? until - now : 0;

	return nla_put_u64_64bit(msg, type, div_u64(left, NSEC_PER_MSEC), pad);
}

static int show_prefix(struct sk_buff *msg, const struct snaptun_prefix *prefix)
{
	struct nlattr *nest = nla_nest_start(msg, SNAPTUN_A_ALLOWED_IPS_PREFIX);
	int err;

	if (!nest)
		return -EMSGSIZE;
	if (prefix->is_v4)
		err = nla_put_in_addr(msg, SNAPTUN_A_PREFIX_IPV4,
				      prefix->ip.s6_addr32[3]);
	else
		err = nla_put_in6_addr(msg, SNAPTUN_A_PREFIX_IPV6, &prefix->ip);
	if (err || nla_put_u8(msg, SNAPTUN_A_PREFIX_LENGTH, prefix->length)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/*
 * As many prefixes as there is room for, from the place on that earlier messages
 * came to. -EAGAIN where more are to follow.
 */
static int show_allowed_ips(struct sk_buff *msg, int type,
			    const struct snaptun_allowed_ips *owner,
			    struct snaptun_report_place *place)
{
	const struct snaptun_allowed_ip *allowed;
	struct nlattr *nest;
	unsigned int i = 0;
	int err = 0;

	if (place->prefixes >= owner->count)
		return 0;
	nest = nla_nest_start(msg, type);
	if (!nest)
		return -EAGAIN;
	list_for_each_entry(allowed, &owner->entries, entry) {
		if (i++ < place->prefixes)
			continue;
		if (show_prefix(msg, &allowed->prefix)) {
			err = -EAGAIN;
			break;
		}
		place->prefixes++;
	}
	nla_nest_end(msg, nest);
	return err;
}

/**
 * snaptun_report_size() - bytes of a message that shows an object whole
 * @owner: its prefixes, or NULL for an object that can have none
 *
 * Context: the device's lock is held.
 */
size_t snaptun_report_size(const struct snaptun_allowed_ips *owner)
{
	size_t prefix = nla_total_size(nla_total_size(sizeof(struct in6_addr)) +
				       nla_total_size(sizeof(u8)));

	return NLMSG_GOODSIZE + (owner ? owner->count * prefix : 0);
}

/**
 * snaptun_report_device() - write a device into a message
 * @msg: the message
 * @snap: the device; its lock is held
 *
 * Return: 0, or -EMSGSIZE.
 */
int snaptun_report_device(struct sk_buff *msg, const struct snaptun_device *snap)
{
	const struct snaptun_socket *listen = snaptun_device_listen(snap);

	if (nla_put_u32(msg, SNAPTUN_A_DEVICE_IFINDEX, snap->dev->ifindex) ||
	    nla_put_string(msg, SNAPTUN_A_DEVICE_IFNAME, snap->dev->name) ||
	    nla_put_u16(msg, SNAPTUN_A_DEVICE_LISTEN_PORT,
			listen ? ntohs(listen->port) : 0) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_FWMARK, snap->fwmark) ||
	    (snap->marked_default &&
	     nla_put_u32(msg, SNAPTUN_A_DEVICE_DEFAULT_TUNNEL,
			 snap->marked_default->id)) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_HANDSHAKE_RATE,
			snap->handshake_rate) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_SOURCE_RATE,
			snap->source_rate.per_second) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_SOURCE_BURST,
			snap->source_rate.burst) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_MAX_TUNNELS, snap->max_tunnels) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_MAX_IDENTITY_TUNNELS,
			snap->max_identity_tunnels) ||
	    nla_put_u32(msg, SNAPTUN_A_DEVICE_ESTABLISHED,
			READ_ONCE(snap->n_established)) ||
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

/* What events tell, too. */
static int show_tunnel_names(struct sk_buff *msg,
			     const struct snaptun_tunnel *tunnel)
{
	if (nla_put(msg, SNAPTUN_A_TUNNEL_REMOTE_KEY, SNAPTUN_KEY_SIZE,
		    tunnel->peer.public) ||
	    show_address(msg, SNAPTUN_A_TUNNEL_ENDPOINT, &tunnel->path.remote) ||
	    nla_put_u16(msg, SNAPTUN_A_TUNNEL_LOCAL_PORT,
			ntohs(tunnel->path.local_port)) ||
	    (tunnel->identity && nla_put_flag(msg, SNAPTUN_A_TUNNEL_RESPONDER)) ||
	    (tunnel->control_plane &&
	     nla_put_u32(msg, SNAPTUN_A_TUNNEL_CONTROL_PLANE,
			 tunnel->control_plane->id)))
		return -EMSGSIZE;
	if (snaptun_address_is_set(&tunnel->assigned) &&
	    show_address(msg, SNAPTUN_A_TUNNEL_ASSIGNED, &tunnel->assigned))
		return -EMSGSIZE;
	return 0;
}

static int show_tunnel_settings(struct sk_buff *msg,
				const struct snaptun_tunnel *tunnel)
{
	if ((tunnel->has_psk && nla_put_flag(msg, SNAPTUN_A_TUNNEL_HAS_PSK)) ||
	    nla_put_u16(msg, SNAPTUN_A_TUNNEL_KEEPALIVE,
			tunnel->timers.keepalive) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_BURST_LIMIT, tunnel->burst_limit) ||
	    nla_put_u8(msg, SNAPTUN_A_TUNNEL_DEFAULT, tunnel->is_default) ||
	    nla_put_u8(msg, SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES,
		       tunnel->timers.answer_keepalives) ||
	    nla_put_u8(msg, SNAPTUN_A_TUNNEL_FIXED_ADDRESS,
		       tunnel->fixed_address) ||
	    nla_put_u8(msg, SNAPTUN_A_TUNNEL_PROVISIONAL, tunnel->creator.portid != 0))
		return -EMSGSIZE;
	return 0;
}

/**
 * snaptun_report_tunnel() - write a tunnel into a message
 * @msg: the message
 * @tunnel: the tunnel; its device's lock is held
 * @place: how far messages before this one came; zeroed for the first
 *
 * Return: 0; -EAGAIN where the message is good and another is to follow with the
 * rest of the prefixes; -EMSGSIZE.
 */
int snaptun_report_tunnel(struct sk_buff *msg, struct snaptun_tunnel *tunnel,
			  struct snaptun_report_place *place)
{
	if (nla_put_u32(msg, SNAPTUN_A_TUNNEL_IFINDEX,
			tunnel->snap->dev->ifindex) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_ID, tunnel->id))
		return -EMSGSIZE;
	if (!place->begun &&
	    (show_tunnel_names(msg, tunnel) ||
	     show_tunnel_settings(msg, tunnel) ||
	     nla_put_u32(msg, SNAPTUN_A_TUNNEL_STATE,
			 snaptun_tunnel_state(tunnel)) ||
	     show_tunnel_counters(msg, tunnel)))
		return -EMSGSIZE;
	place->begun = true;
	return show_allowed_ips(msg, SNAPTUN_A_TUNNEL_ALLOWED_IPS,
				&tunnel->allowed_ips, place);
}

static int show_authorisations(struct sk_buff *msg,
			       const struct snaptun_identity *identity)
{
	struct nlattr *all, *one;
	u64 now = ktime_get_boottime_ns();
	unsigned int i;

	all = nla_nest_start(msg, SNAPTUN_A_IDENTITY_AUTHORISATIONS);
	if (!all)
		return -EMSGSIZE;
	for (i = 0; i < identity->authorisations.n; i++) {
		const struct snaptun_authorisation *authorisation =
			&identity->authorisations.list[i];

		if (authorisation->until <= now)
			continue;
		one = nla_nest_start(msg, SNAPTUN_A_AUTHORISATIONS_AUTHORISATION);
		if (!one ||
		    nla_put(msg, SNAPTUN_A_AUTHORISATION_TAG,
			    authorisation->tag_len, authorisation->tag) ||
		    (authorisation->until != SNAPTUN_NEVER &&
		     put_time_left(msg, SNAPTUN_A_AUTHORISATION_LIFETIME,
				   authorisation->until, now,
				   SNAPTUN_A_AUTHORISATION_PAD)))
			return -EMSGSIZE;
		nla_nest_end(msg, one);
	}
	nla_nest_end(msg, all);
	return 0;
}

/* What events tell, too. */
static int show_identity_names(struct sk_buff *msg,
			       const struct snaptun_identity *identity)
{
	return nla_put(msg, SNAPTUN_A_IDENTITY_KEY, SNAPTUN_KEY_SIZE,
		       identity->peer.public) ?:
	       nla_put_u32(msg, SNAPTUN_A_IDENTITY_TUNNELS,
			   READ_ONCE(identity->n_confirmed) +
			   READ_ONCE(identity->n_candidates));
}

/**
 * snaptun_report_identity() - write an identity into a message
 * @msg: the message
 * @identity: the identity; its device's lock is held
 * @place: as for snaptun_report_tunnel()
 *
 * Return: as snaptun_report_tunnel().
 */
int snaptun_report_identity(struct sk_buff *msg,
			    const struct snaptun_identity *identity,
			    struct snaptun_report_place *place)
{
	if (nla_put_u32(msg, SNAPTUN_A_IDENTITY_IFINDEX,
			identity->snap->dev->ifindex) ||
	    (place->begun &&
	     nla_put(msg, SNAPTUN_A_IDENTITY_KEY, SNAPTUN_KEY_SIZE,
		     identity->peer.public)))
		return -EMSGSIZE;
	if (!place->begun &&
	    (show_identity_names(msg, identity) || (identity->has_psk &&
	      nla_put_flag(msg, SNAPTUN_A_IDENTITY_HAS_PSK)) ||
	     nla_put_u16(msg, SNAPTUN_A_IDENTITY_KEEPALIVE,
			 identity->keepalive) ||
	     nla_put_u8(msg, SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES,
			identity->answer_keepalives) ||
	     nla_put_u32(msg, SNAPTUN_A_IDENTITY_BURST_LIMIT,
			 identity->burst_limit) ||
	     show_authorisations(msg, identity)))
		return -EMSGSIZE;
	place->begun = true;
	return show_allowed_ips(msg, SNAPTUN_A_IDENTITY_ALLOWED_IPS,
				&identity->allowed_ips, place);
}

/**
 * snaptun_report_control_plane() - write a control plane into a message
 * @msg: the message
 * @plane: the control plane; its device's lock is held
 *
 * Return: 0, or -EMSGSIZE.
 */
int snaptun_report_control_plane(struct sk_buff *msg,
				 const struct snaptun_control_plane *plane)
{
	u64 now = ktime_get_boottime_ns();

	if (nla_put_u32(msg, SNAPTUN_A_CONTROL_PLANE_IFINDEX,
			plane->snap->dev->ifindex) ||
	    nla_put_u32(msg, SNAPTUN_A_CONTROL_PLANE_ID, plane->id) ||
	    nla_put_string(msg, SNAPTUN_A_CONTROL_PLANE_URL, plane->url) ||
	    nla_put_u32(msg, SNAPTUN_A_CONTROL_PLANE_STATE, plane->state) ||
	    nla_put_u32(msg, SNAPTUN_A_CONTROL_PLANE_TUNNELS,
			plane->n_tunnels) ||
	    (plane->until > now &&
	     put_time_left(msg, SNAPTUN_A_CONTROL_PLANE_LIFETIME, plane->until,
			   now, SNAPTUN_A_CONTROL_PLANE_PAD)) ||
	    (plane->state == SNAPTUN_CONTROL_PLANE_STATE_REGISTERING &&
	     put_time_left(msg, SNAPTUN_A_CONTROL_PLANE_DEADLINE,
			   plane->deadline, now, SNAPTUN_A_CONTROL_PLANE_PAD)))
		return -EMSGSIZE;
	return 0;
}

static int show_tunnel_event(struct sk_buff *msg, const void *object)
{
	const struct snaptun_tunnel *tunnel = object;

	if (nla_put_u32(msg, SNAPTUN_A_TUNNEL_IFINDEX,
			tunnel->snap->dev->ifindex) ||
	    nla_put_string(msg, SNAPTUN_A_TUNNEL_IFNAME,
			   tunnel->snap->dev->name) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_ID, tunnel->id) ||
	    nla_put_u32(msg, SNAPTUN_A_TUNNEL_STATE, tunnel->state))
		return -EMSGSIZE;
	return show_tunnel_names(msg, tunnel);
}

static int show_control_plane_event(struct sk_buff *msg, const void *object)
{
	const struct snaptun_control_plane *plane = object;

	return nla_put_string(msg, SNAPTUN_A_CONTROL_PLANE_IFNAME,
			      plane->snap->dev->name) ?:
	       snaptun_report_control_plane(msg, plane);
}

static int show_identity_event(struct sk_buff *msg, const void *object)
{
	const struct snaptun_identity *identity = object;

	return nla_put_u32(msg, SNAPTUN_A_IDENTITY_IFINDEX,
			   identity->snap->dev->ifindex) ?:
	       nla_put_string(msg, SNAPTUN_A_IDENTITY_IFNAME,
			      identity->snap->dev->name) ?:
	       show_identity_names(msg, identity);
}

/*
 * Tell who listens, in the network namespace that the device is in now. One that is
 * too slow, or an event that finds no memory, is told of by ENOBUFS on its socket:
 * it has to ask for the whole state again.
 */
static void send_event(const struct snaptun_device *snap, u8 event,
		       int (*show)(struct sk_buff *msg, const void *object),
		       const void *object)
{
	struct sk_buff *msg;
	struct net *net;
	void *header;

	rcu_read_lock();
	net = dev_net(snap->dev);
	if (!genl_has_listeners(&snaptun_netlink_family, net,
				SNAPTUN_NLGRP_EVENTS))
		goto out;
	msg = genlmsg_new(NLMSG_GOODSIZE, GFP_ATOMIC | __GFP_NOWARN);
	header = msg ? genlmsg_put(msg, 0, 0, &snaptun_netlink_family, 0, event) :
		       NULL;
	if (header && !show(msg, object)) {
		genlmsg_end(msg, header);
		genlmsg_multicast_netns(&snaptun_netlink_family, net, msg, 0,
					SNAPTUN_NLGRP_EVENTS, GFP_ATOMIC);
	} else {
		nlmsg_free(msg);
		genl_set_err(&snaptun_netlink_family, net, 0,
			     SNAPTUN_NLGRP_EVENTS, -ENOBUFS);
	}
out:
	rcu_read_unlock();
}

/**
 * snaptun_report_event() - tell who listens what happened to a tunnel
 * @tunnel: the tunnel; its timer_lock is held, so that its events come in order
 * @event: SNAPTUN_CMD_*_NTF
 *
 * Context: any.
 */
void snaptun_report_event(const struct snaptun_tunnel *tunnel, u8 event)
{
	send_event(tunnel->snap, event, show_tunnel_event, tunnel);
}

/**
 * snaptun_report_control_plane_event() - tell what happened to a control plane
 * @plane: the control plane; its device's lock is held
 * @event: SNAPTUN_CMD_CONTROL_PLANE_*_NTF
 *
 * Context: process.
 */
void snaptun_report_control_plane_event(const struct snaptun_control_plane *plane,
					u8 event)
{
	send_event(plane->snap, event, show_control_plane_event, plane);
}

/**
 * snaptun_report_identity_ended() - tell that an identity is no longer authorised
 * @identity: the identity; its device's lock is held
 *
 * Context: process.
 */
void snaptun_report_identity_ended(const struct snaptun_identity *identity)
{
	send_event(identity->snap, SNAPTUN_CMD_IDENTITY_ENDED_NTF,
		   show_identity_event, identity);
}
