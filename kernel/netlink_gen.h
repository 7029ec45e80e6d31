/* SPDX-License-Identifier: GPL-2.0 */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/snaptun.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: Documentation/netlink/generate */

#ifndef _LINUX_SNAPTUN_GEN_H
#define _LINUX_SNAPTUN_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/snaptun.h>

/* Common nested types */
extern const struct nla_policy snaptun_address_nl_policy[SNAPTUN_A_ADDRESS_SCOPE_ID + 1];
extern const struct nla_policy snaptun_allowed_ips_nl_policy[SNAPTUN_A_ALLOWED_IPS_PREFIX + 1];
extern const struct nla_policy snaptun_authorisation_nl_policy[SNAPTUN_A_AUTHORISATION_PAD + 1];
extern const struct nla_policy snaptun_authorisations_nl_policy[SNAPTUN_A_AUTHORISATIONS_AUTHORISATION + 1];
extern const struct nla_policy snaptun_prefix_nl_policy[SNAPTUN_A_PREFIX_LENGTH + 1];

extern const struct nla_policy snaptun_device_get_nl_policy[SNAPTUN_A_DEVICE_IFINDEX + 1];

extern const struct nla_policy snaptun_device_set_nl_policy[SNAPTUN_A_DEVICE_MAX_IDENTITY_TUNNELS + 1];

extern const struct nla_policy snaptun_tunnel_new_nl_policy[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL + 1];

extern const struct nla_policy snaptun_tunnel_set_nl_policy[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL + 1];

extern const struct nla_policy snaptun_tunnel_del_nl_policy[SNAPTUN_A_TUNNEL_ID + 1];

extern const struct nla_policy snaptun_tunnel_get_nl_policy[SNAPTUN_A_TUNNEL_ID + 1];

extern const struct nla_policy snaptun_identity_new_nl_policy[SNAPTUN_A_IDENTITY_AUTHORISATIONS + 1];

extern const struct nla_policy snaptun_identity_set_nl_policy[SNAPTUN_A_IDENTITY_AUTHORISATIONS + 1];

extern const struct nla_policy snaptun_identity_del_nl_policy[SNAPTUN_A_IDENTITY_KEY + 1];

extern const struct nla_policy snaptun_identity_get_nl_policy[SNAPTUN_A_IDENTITY_KEY + 1];

extern const struct nla_policy snaptun_control_plane_get_nl_policy[SNAPTUN_A_CONTROL_PLANE_ID + 1];

extern const struct nla_policy snaptun_control_plane_set_nl_policy[SNAPTUN_A_CONTROL_PLANE_DEADLINE + 1];

/* Ops table for snaptun */
extern const struct genl_ops snaptun_nl_ops[12];

int snaptun_nl_device_get_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_device_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int snaptun_nl_device_set_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_tunnel_new_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_tunnel_set_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_tunnel_del_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_tunnel_get_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_tunnel_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int snaptun_nl_identity_new_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_identity_set_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_identity_del_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_identity_get_doit(struct sk_buff *skb, struct genl_info *info);
int snaptun_nl_identity_get_dumpit(struct sk_buff *skb,
				   struct netlink_callback *cb);
int snaptun_nl_control_plane_get_doit(struct sk_buff *skb,
				      struct genl_info *info);
int snaptun_nl_control_plane_get_dumpit(struct sk_buff *skb,
					struct netlink_callback *cb);
int snaptun_nl_control_plane_set_doit(struct sk_buff *skb,
				      struct genl_info *info);

enum {
	SNAPTUN_NLGRP_EVENTS,
};

#endif /* _LINUX_SNAPTUN_GEN_H */
