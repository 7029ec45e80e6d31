/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family, through which devices are configured and shown. */
#ifndef SNAPTUN_NETLINK_H
#define SNAPTUN_NETLINK_H

extern struct genl_family snaptun_netlink_family;

int snaptun_netlink_init(void);
void snaptun_netlink_exit(void);

#endif
