/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family, through which devices are configured and shown, and
 * what the operations of all kinds of objects share.
 */
#ifndef SNAPTUN_NETLINK_H
#define SNAPTUN_NETLINK_H

#include <net/genetlink.h>

#include "allowed_ips.h"
#include "messages.h"
#include "report.h"

struct snaptun_device;

extern struct genl_family snaptun_netlink_family;

int snaptun_netlink_init(void);
void snaptun_netlink_exit(void);

/**
 * struct snaptun_allowed_list - the prefixes that a request names
 * @given: the request has them at all
 * @prefixes: the prefixes
 * @n: how many
 * @created: those that nobody had, between snaptun_netlink_prepare_allowed_ips() and
 *	the end of the change
 */
struct snaptun_allowed_list {
	bool given;
	struct snaptun_prefix *prefixes;
	unsigned int n;
	struct list_head created;
};

struct snaptun_device *snaptun_netlink_begin(struct genl_info *info, int ifindex);
void snaptun_netlink_end(struct snaptun_device *snap);
int snaptun_netlink_may_use_underlay(const struct snaptun_device *snap,
				     const struct sk_buff *skb,
				     const struct nlattr *attr,
				     struct netlink_ext_ack *extack);

struct sk_buff *
snaptun_netlink_new_reply(struct genl_info *info,
			  const struct snaptun_allowed_ips *prefixes,
			  void **header);
int snaptun_netlink_send_reply(struct genl_info *info, struct sk_buff *msg,
			       void *header, int err);

void snaptun_netlink_take_key(u8 key[SNAPTUN_KEY_SIZE], struct nlattr *attr);
void snaptun_netlink_u16(u16 *value, const struct nlattr *attr);
void snaptun_netlink_bool(bool *value, const struct nlattr *attr);
int snaptun_netlink_burst_limit(u32 *limit, const struct nlattr *attr,
				struct netlink_ext_ack *extack);
int snaptun_netlink_time(u64 *until, const struct nlattr *attr,
			 struct netlink_ext_ack *extack);
int snaptun_netlink_allowed_ips(struct snaptun_allowed_list *list,
				const struct nlattr *attr,
				struct netlink_ext_ack *extack);
int snaptun_netlink_prepare_allowed_ips(struct snaptun_device *snap,
					struct snaptun_allowed_list *list,
					const struct nlattr *attr,
					struct netlink_ext_ack *extack);
void snaptun_netlink_commit_allowed_ips(struct snaptun_device *snap,
					struct snaptun_allowed_ips *owner,
					const struct snaptun_allowed_list *list);

struct snaptun_device *snaptun_netlink_begin_dump(struct sk_buff *skb,
						  struct netlink_callback *cb,
						  int ifindex, int name);
void *snaptun_netlink_begin_dumped(struct sk_buff *skb,
				   struct netlink_callback *cb, u8 cmd);
struct snaptun_report_place
snaptun_netlink_place(const struct netlink_callback *cb, unsigned long id);
int snaptun_netlink_end_dumped(struct sk_buff *skb, struct netlink_callback *cb,
			       void *header, unsigned long id,
			       const struct snaptun_report_place *place, int err);

#endif
