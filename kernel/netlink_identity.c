// SPDX-License-Identifier: GPL-2.0
/* The netlink operations of identities. What they share with others is in netlink.c. */

#include <net/genetlink.h>
#include <uapi/linux/snaptun.h>

#include "compat.h"
#include "device.h"
#include "identity.h"
#include "netlink.h"
#include "netlink_gen.h"
#include "report.h"

/* What identity-new and identity-set have in common; what is not named stays. */
static int parse_identity_settings(struct snaptun_identity *identity,
				   struct genl_info *info)
{
	const struct nlattr *limit = info->attrs[SNAPTUN_A_IDENTITY_BURST_LIMIT];

	snaptun_netlink_u16(&identity->keepalive,
			    info->attrs[SNAPTUN_A_IDENTITY_KEEPALIVE]);
	snaptun_netlink_bool(&identity->answer_keepalives,
			     info->attrs[SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES]);
	return snaptun_netlink_burst_limit(&identity->burst_limit, limit,
					   info->extack);
}

/* Add what a request says to the reasons why a key is authorised. */
static int parse_authorisations(struct snaptun_authorisations *all,
				const struct nlattr *attr,
				struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SNAPTUN_A_AUTHORISATION_MAX + 1];
	u64 now = ktime_get_boottime_ns();
	const struct nlattr *one, *tag;
	int left, err;

	if (!attr)
		return 0;
	nla_for_each_nested(one, attr, left) {
		struct snaptun_authorisation new = { .until = SNAPTUN_NEVER };

		err = nla_parse_nested(tb, SNAPTUN_A_AUTHORISATION_MAX, one,
				       snaptun_authorisation_nl_policy, extack);
		if (!err)
			err = snaptun_netlink_time(&new.until,
						   tb[SNAPTUN_A_AUTHORISATION_LIFETIME],
						   extack);
		if (err)
			return err;
		if (tb[SNAPTUN_A_AUTHORISATION_LIFETIME] &&
		    !nla_get_u64(tb[SNAPTUN_A_AUTHORISATION_LIFETIME]))
			new.until = 0;
		tag = tb[SNAPTUN_A_AUTHORISATION_TAG];
		if (tag && nla_len(tag) > sizeof(new.tag)) {
			/* 6.1 has no policy that says so. */
			NL_SET_ERR_MSG_ATTR(extack, tag, "longer than a tag can be");
			return -ERANGE;
		}
		if (tag) {
			new.tag_len = nla_len(tag);
			memcpy(new.tag, nla_data(tag), new.tag_len);
		}
		if (snaptun_authorisations_put(all, &new, now)) {
			NL_SET_ERR_MSG_ATTR(extack, one,
					    "the identity has as many authorisations as it can have");
			return -ENOSPC;
		}
	}
	return 0;
}

static void set_psk(struct snaptun_identity *identity,
		    const u8 psk[SNAPTUN_KEY_SIZE])
{
	memcpy(identity->peer.psk, psk, SNAPTUN_KEY_SIZE);
	identity->has_psk = memchr_inv(psk, 0, SNAPTUN_KEY_SIZE);
}

/* Add an identity, which is the device's then, or an error says why not. */
static int add_identity(struct snaptun_device *snap,
			struct snaptun_identity *identity, struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_IDENTITY_KEY];
	int err;

	if (snaptun_noise_is_low_order(nla_data(attr))) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "the key is of low order");
		return -EKEYREJECTED;
	}
	snaptun_noise_set_peer(&identity->peer, &snap->own, nla_data(attr));
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
	struct nlattr *authorisations_attr =
		info->attrs[SNAPTUN_A_IDENTITY_AUTHORISATIONS];
	struct nlattr *allowed_attr = info->attrs[SNAPTUN_A_IDENTITY_ALLOWED_IPS];
	struct nlattr *psk_attr = info->attrs[SNAPTUN_A_IDENTITY_PSK];
	struct snaptun_identity *identity;
	struct snaptun_device *snap;
	struct snaptun_allowed_list allowed;
	u8 psk[SNAPTUN_KEY_SIZE] = {};
	int err;

	if (psk_attr)
		snaptun_netlink_take_key(psk, psk_attr);
	err = snaptun_netlink_allowed_ips(&allowed, allowed_attr, info->extack);
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
	set_psk(identity, psk);
	if (!authorisations_attr) {
		identity->authorisations.list[0].until = SNAPTUN_NEVER;
		identity->authorisations.n = 1;
	}
	err = parse_identity_settings(identity, info) ?:
	      parse_authorisations(&identity->authorisations,
				   authorisations_attr, info->extack);
	if (err)
		goto free;
	if (!info->attrs[SNAPTUN_A_IDENTITY_KEY]) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SNAPTUN_A_IDENTITY_KEY);
		NL_SET_ERR_MSG(info->extack, "attribute key is missing");
		err = -EINVAL;
		goto free;
	}
	snap = snaptun_netlink_begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto free;
	}
	err = snaptun_netlink_prepare_allowed_ips(snap, &allowed, allowed_attr,
						  info->extack);
	if (err)
		goto unlock;
	err = add_identity(snap, identity, info);
	if (err) {
		snaptun_allowed_ips_cancel(&snap->allowed_ips, &allowed.created);
		goto unlock;
	}
	snaptun_netlink_commit_allowed_ips(snap, &identity->allowed_ips,
					   &allowed);
	/* The device has it now. */
	identity = NULL;
unlock:
	snaptun_netlink_end(snap);
free:
	kfree_sensitive(identity);
free_list:
	memzero_explicit(psk, sizeof(psk));
	kvfree(allowed.prefixes);
	return err;
}

static struct snaptun_identity *find_identity(struct snaptun_device *snap,
					      struct genl_info *info)
{
	const struct nlattr *attr = info->attrs[SNAPTUN_A_IDENTITY_KEY];
	struct snaptun_identity *identity;

	if (!attr) {
		NL_SET_ERR_ATTR_MISS(info->extack, NULL, SNAPTUN_A_IDENTITY_KEY);
		NL_SET_ERR_MSG(info->extack, "attribute key is missing");
		return ERR_PTR(-EINVAL);
	}
	identity = snaptun_identity_find(snap, nla_data(attr));
	if (identity)
		return identity;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such identity");
	return ERR_PTR(-ENOENT);
}

/* Has a request something that tunnels get, and not just another end? */
static bool changes_settings(const struct genl_info *info)
{
	return info->attrs[SNAPTUN_A_IDENTITY_PSK] ||
	       info->attrs[SNAPTUN_A_IDENTITY_KEEPALIVE] ||
	       info->attrs[SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES] ||
	       info->attrs[SNAPTUN_A_IDENTITY_BURST_LIMIT];
}

int snaptun_nl_identity_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *authorisations_attr =
		info->attrs[SNAPTUN_A_IDENTITY_AUTHORISATIONS];
	struct nlattr *allowed_attr = info->attrs[SNAPTUN_A_IDENTITY_ALLOWED_IPS];
	struct nlattr *limit_attr = info->attrs[SNAPTUN_A_IDENTITY_BURST_LIMIT];
	struct nlattr *psk_attr = info->attrs[SNAPTUN_A_IDENTITY_PSK];
	struct snaptun_identity *identity;
	u8 psk[SNAPTUN_KEY_SIZE];
	struct snaptun_device *snap;
	struct snaptun_authorisations authorisations;
	struct snaptun_allowed_list allowed;
	u32 burst_limit = 0;
	int err;

	if (psk_attr)
		snaptun_netlink_take_key(psk, psk_attr);
	err = snaptun_netlink_allowed_ips(&allowed, allowed_attr, info->extack);
	if (!err)
		err = snaptun_netlink_burst_limit(&burst_limit, limit_attr,
						  info->extack);
	if (err)
		goto wipe;
	snap = snaptun_netlink_begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap)) {
		err = PTR_ERR(snap);
		goto wipe;
	}
	identity = find_identity(snap, info);
	if (IS_ERR(identity)) {
		err = PTR_ERR(identity);
		goto unlock;
	}
	authorisations = identity->authorisations;
	err = parse_authorisations(&authorisations, authorisations_attr,
				   info->extack) ?:
	      snaptun_netlink_prepare_allowed_ips(snap, &allowed, allowed_attr,
						  info->extack);
	if (err)
		goto unlock;

	/* Nothing can fail any more: the burst limit was looked at. */
	snaptun_netlink_commit_allowed_ips(snap, &identity->allowed_ips,
					   &allowed);
	parse_identity_settings(identity, info);
	if (psk_attr)
		set_psk(identity, psk);
	if (authorisations_attr)
		snaptun_identity_authorise(identity, &authorisations);
	if (changes_settings(info))
		snaptun_identity_apply(snap, identity);
unlock:
	snaptun_netlink_end(snap);
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

	snap = snaptun_netlink_begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	identity = find_identity(snap, info);
	err = PTR_ERR_OR_ZERO(identity);
	if (!err)
		snaptun_identity_remove(snap, identity);
	snaptun_netlink_end(snap);
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

	snap = snaptun_netlink_begin(info, SNAPTUN_A_IDENTITY_IFINDEX);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	identity = find_identity(snap, info);
	err = PTR_ERR_OR_ZERO(identity);
	if (!err) {
		err = -ENOMEM;
		msg = snaptun_netlink_new_reply(info, &identity->allowed_ips,
						&header);
		if (msg)
			err = snaptun_report_identity(msg, identity, &place);
	}
	snaptun_netlink_end(snap);
	return msg ? snaptun_netlink_send_reply(info, msg, header, err) : err;
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

	snap = snaptun_netlink_begin_dump(skb, cb, SNAPTUN_A_IDENTITY_IFINDEX,
					  SNAPTUN_A_IDENTITY_KEY);
	if (IS_ERR(snap))
		return PTR_ERR(snap);
	xa_for_each_start(&snap->identities, id, identity, cb->args[0] + 1) {
		header = snaptun_netlink_begin_dumped(skb, cb, SNAPTUN_CMD_IDENTITY_GET);
		if (!header)
			break;
		place = snaptun_netlink_place(cb, id);
		err = snaptun_report_identity(skb, identity, &place);
		err = snaptun_netlink_end_dumped(skb, cb, header, id, &place, err);
		if (err)
			break;
	}
	snaptun_netlink_end(snap);
	return skb->len ?: err;
}
