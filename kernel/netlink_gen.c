// SPDX-License-Identifier: GPL-2.0
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/snaptun.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: Documentation/netlink/generate */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/snaptun.h>

/* Common nested types */
const struct nla_policy snaptun_address_nl_policy[SNAPTUN_A_ADDRESS_SCOPE_ID + 1] = {
	[SNAPTUN_A_ADDRESS_IPV4] = { .type = NLA_BE32, },
	[SNAPTUN_A_ADDRESS_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[SNAPTUN_A_ADDRESS_PORT] = { .type = NLA_BE16, },
	[SNAPTUN_A_ADDRESS_SCOPE_ID] = { .type = NLA_U32, },
};

const struct nla_policy snaptun_allowed_ips_nl_policy[SNAPTUN_A_ALLOWED_IPS_PREFIX + 1] = {
	[SNAPTUN_A_ALLOWED_IPS_PREFIX] = NLA_POLICY_NESTED(snaptun_prefix_nl_policy),
};

const struct nla_policy snaptun_authorisation_nl_policy[SNAPTUN_A_AUTHORISATION_PAD + 1] = {
	[SNAPTUN_A_AUTHORISATION_TAG] = { .type = NLA_BINARY, },
	[SNAPTUN_A_AUTHORISATION_LIFETIME] = { .type = NLA_U64, },
};

const struct nla_policy snaptun_authorisations_nl_policy[SNAPTUN_A_AUTHORISATIONS_AUTHORISATION + 1] = {
	[SNAPTUN_A_AUTHORISATIONS_AUTHORISATION] = NLA_POLICY_NESTED(snaptun_authorisation_nl_policy),
};

const struct nla_policy snaptun_prefix_nl_policy[SNAPTUN_A_PREFIX_LENGTH + 1] = {
	[SNAPTUN_A_PREFIX_IPV4] = { .type = NLA_BE32, },
	[SNAPTUN_A_PREFIX_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[SNAPTUN_A_PREFIX_LENGTH] = NLA_POLICY_MAX(NLA_U8, 128),
};

/* SNAPTUN_CMD_DEVICE_GET - do */
const struct nla_policy snaptun_device_get_nl_policy[SNAPTUN_A_DEVICE_IFINDEX + 1] = {
	[SNAPTUN_A_DEVICE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* SNAPTUN_CMD_DEVICE_SET - do */
const struct nla_policy snaptun_device_set_nl_policy[SNAPTUN_A_DEVICE_MAX_IDENTITY_TUNNELS + 1] = {
	[SNAPTUN_A_DEVICE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_DEVICE_PRIVATE_KEY] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
	[SNAPTUN_A_DEVICE_LISTEN_PORT] = { .type = NLA_U16, },
	[SNAPTUN_A_DEVICE_FWMARK] = { .type = NLA_U32, },
	[SNAPTUN_A_DEVICE_DEFAULT_TUNNEL] = { .type = NLA_U32, },
	[SNAPTUN_A_DEVICE_HANDSHAKE_RATE] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_DEVICE_SOURCE_RATE] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_DEVICE_SOURCE_BURST] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_DEVICE_MAX_TUNNELS] = { .type = NLA_U32, },
	[SNAPTUN_A_DEVICE_MAX_IDENTITY_TUNNELS] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* SNAPTUN_CMD_TUNNEL_NEW - do */
const struct nla_policy snaptun_tunnel_new_nl_policy[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL + 1] = {
	[SNAPTUN_A_TUNNEL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_TUNNEL_REMOTE_KEY] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
	[SNAPTUN_A_TUNNEL_ENDPOINT] = NLA_POLICY_NESTED(snaptun_address_nl_policy),
	[SNAPTUN_A_TUNNEL_LOCAL_PORT] = { .type = NLA_U16, },
	[SNAPTUN_A_TUNNEL_PSK] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
	[SNAPTUN_A_TUNNEL_KEEPALIVE] = { .type = NLA_U16, },
	[SNAPTUN_A_TUNNEL_BURST_LIMIT] = NLA_POLICY_MIN(NLA_U32, SNAPTUN_BURST_LIMIT_MIN),
	[SNAPTUN_A_TUNNEL_DEFAULT] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_TUNNEL_FIXED_ADDRESS] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_TUNNEL_PROVISIONAL] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_TUNNEL_ALLOWED_IPS] = NLA_POLICY_NESTED(snaptun_allowed_ips_nl_policy),
	[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL] = { .type = NLA_NUL_STRING, .len = SNAPTUN_URL_MAX, },
};

/* SNAPTUN_CMD_TUNNEL_SET - do */
const struct nla_policy snaptun_tunnel_set_nl_policy[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL + 1] = {
	[SNAPTUN_A_TUNNEL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_TUNNEL_ID] = { .type = NLA_U32, },
	[SNAPTUN_A_TUNNEL_PSK] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
	[SNAPTUN_A_TUNNEL_KEEPALIVE] = { .type = NLA_U16, },
	[SNAPTUN_A_TUNNEL_BURST_LIMIT] = NLA_POLICY_MIN(NLA_U32, SNAPTUN_BURST_LIMIT_MIN),
	[SNAPTUN_A_TUNNEL_DEFAULT] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_TUNNEL_FIXED_ADDRESS] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_TUNNEL_PROVISIONAL] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_TUNNEL_ALLOWED_IPS] = NLA_POLICY_NESTED(snaptun_allowed_ips_nl_policy),
	[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL] = { .type = NLA_NUL_STRING, .len = SNAPTUN_URL_MAX, },
};

/* SNAPTUN_CMD_TUNNEL_DEL - do */
const struct nla_policy snaptun_tunnel_del_nl_policy[SNAPTUN_A_TUNNEL_ID + 1] = {
	[SNAPTUN_A_TUNNEL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_TUNNEL_ID] = { .type = NLA_U32, },
};

/* SNAPTUN_CMD_TUNNEL_GET - do */
const struct nla_policy snaptun_tunnel_get_nl_policy[SNAPTUN_A_TUNNEL_ID + 1] = {
	[SNAPTUN_A_TUNNEL_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_TUNNEL_ID] = { .type = NLA_U32, },
};

/* SNAPTUN_CMD_IDENTITY_NEW - do */
const struct nla_policy snaptun_identity_new_nl_policy[SNAPTUN_A_IDENTITY_AUTHORISATIONS + 1] = {
	[SNAPTUN_A_IDENTITY_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_IDENTITY_KEY] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
	[SNAPTUN_A_IDENTITY_PSK] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
	[SNAPTUN_A_IDENTITY_KEEPALIVE] = { .type = NLA_U16, },
	[SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_IDENTITY_BURST_LIMIT] = NLA_POLICY_MIN(NLA_U32, SNAPTUN_BURST_LIMIT_MIN),
	[SNAPTUN_A_IDENTITY_ALLOWED_IPS] = NLA_POLICY_NESTED(snaptun_allowed_ips_nl_policy),
	[SNAPTUN_A_IDENTITY_AUTHORISATIONS] = NLA_POLICY_NESTED(snaptun_authorisations_nl_policy),
};

/* SNAPTUN_CMD_IDENTITY_SET - do */
const struct nla_policy snaptun_identity_set_nl_policy[SNAPTUN_A_IDENTITY_AUTHORISATIONS + 1] = {
	[SNAPTUN_A_IDENTITY_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_IDENTITY_KEY] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
	[SNAPTUN_A_IDENTITY_PSK] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
	[SNAPTUN_A_IDENTITY_KEEPALIVE] = { .type = NLA_U16, },
	[SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES] = NLA_POLICY_MAX(NLA_U8, 1),
	[SNAPTUN_A_IDENTITY_BURST_LIMIT] = NLA_POLICY_MIN(NLA_U32, SNAPTUN_BURST_LIMIT_MIN),
	[SNAPTUN_A_IDENTITY_ALLOWED_IPS] = NLA_POLICY_NESTED(snaptun_allowed_ips_nl_policy),
	[SNAPTUN_A_IDENTITY_AUTHORISATIONS] = NLA_POLICY_NESTED(snaptun_authorisations_nl_policy),
};

/* SNAPTUN_CMD_IDENTITY_DEL - do */
const struct nla_policy snaptun_identity_del_nl_policy[SNAPTUN_A_IDENTITY_KEY + 1] = {
	[SNAPTUN_A_IDENTITY_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_IDENTITY_KEY] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
};

/* SNAPTUN_CMD_IDENTITY_GET - do */
const struct nla_policy snaptun_identity_get_nl_policy[SNAPTUN_A_IDENTITY_KEY + 1] = {
	[SNAPTUN_A_IDENTITY_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_IDENTITY_KEY] = NLA_POLICY_EXACT_LEN(SNAPTUN_KEY_LEN),
};

/* SNAPTUN_CMD_CONTROL_PLANE_GET - do */
const struct nla_policy snaptun_control_plane_get_nl_policy[SNAPTUN_A_CONTROL_PLANE_ID + 1] = {
	[SNAPTUN_A_CONTROL_PLANE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_CONTROL_PLANE_ID] = { .type = NLA_U32, },
};

/* SNAPTUN_CMD_CONTROL_PLANE_SET - do */
const struct nla_policy snaptun_control_plane_set_nl_policy[SNAPTUN_A_CONTROL_PLANE_DEADLINE + 1] = {
	[SNAPTUN_A_CONTROL_PLANE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SNAPTUN_A_CONTROL_PLANE_ID] = { .type = NLA_U32, },
	[SNAPTUN_A_CONTROL_PLANE_STATE] = NLA_POLICY_MAX(NLA_U32, 3),
	[SNAPTUN_A_CONTROL_PLANE_LIFETIME] = { .type = NLA_U64, },
	[SNAPTUN_A_CONTROL_PLANE_DEADLINE] = { .type = NLA_U64, },
};

/* Ops table for snaptun */
const struct genl_ops snaptun_nl_ops[12] = {
	{
		.cmd		= SNAPTUN_CMD_DEVICE_GET,
		.doit		= snaptun_nl_device_get_doit,
		.dumpit		= snaptun_nl_device_get_dumpit,
		.policy		= snaptun_device_get_nl_policy,
		.maxattr	= SNAPTUN_A_DEVICE_IFINDEX,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_DEVICE_SET,
		.doit		= snaptun_nl_device_set_doit,
		.policy		= snaptun_device_set_nl_policy,
		.maxattr	= SNAPTUN_A_DEVICE_MAX_IDENTITY_TUNNELS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_TUNNEL_NEW,
		.doit		= snaptun_nl_tunnel_new_doit,
		.policy		= snaptun_tunnel_new_nl_policy,
		.maxattr	= SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_TUNNEL_SET,
		.doit		= snaptun_nl_tunnel_set_doit,
		.policy		= snaptun_tunnel_set_nl_policy,
		.maxattr	= SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_TUNNEL_DEL,
		.doit		= snaptun_nl_tunnel_del_doit,
		.policy		= snaptun_tunnel_del_nl_policy,
		.maxattr	= SNAPTUN_A_TUNNEL_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_TUNNEL_GET,
		.doit		= snaptun_nl_tunnel_get_doit,
		.dumpit		= snaptun_nl_tunnel_get_dumpit,
		.policy		= snaptun_tunnel_get_nl_policy,
		.maxattr	= SNAPTUN_A_TUNNEL_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_IDENTITY_NEW,
		.doit		= snaptun_nl_identity_new_doit,
		.policy		= snaptun_identity_new_nl_policy,
		.maxattr	= SNAPTUN_A_IDENTITY_AUTHORISATIONS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_IDENTITY_SET,
		.doit		= snaptun_nl_identity_set_doit,
		.policy		= snaptun_identity_set_nl_policy,
		.maxattr	= SNAPTUN_A_IDENTITY_AUTHORISATIONS,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_IDENTITY_DEL,
		.doit		= snaptun_nl_identity_del_doit,
		.policy		= snaptun_identity_del_nl_policy,
		.maxattr	= SNAPTUN_A_IDENTITY_KEY,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_IDENTITY_GET,
		.doit		= snaptun_nl_identity_get_doit,
		.dumpit		= snaptun_nl_identity_get_dumpit,
		.policy		= snaptun_identity_get_nl_policy,
		.maxattr	= SNAPTUN_A_IDENTITY_KEY,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_CONTROL_PLANE_GET,
		.doit		= snaptun_nl_control_plane_get_doit,
		.dumpit		= snaptun_nl_control_plane_get_dumpit,
		.policy		= snaptun_control_plane_get_nl_policy,
		.maxattr	= SNAPTUN_A_CONTROL_PLANE_ID,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= SNAPTUN_CMD_CONTROL_PLANE_SET,
		.doit		= snaptun_nl_control_plane_set_doit,
		.policy		= snaptun_control_plane_set_nl_policy,
		.maxattr	= SNAPTUN_A_CONTROL_PLANE_DEADLINE,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};
