/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transmit: from the stack's packet to sealed messages on the underlay.
 */
#ifndef SNAPTUN_TX_H
#define SNAPTUN_TX_H

#include <linux/netdevice.h>

struct snaptun_tunnel;

__be16 snaptun_tx_protocol(const struct sk_buff *skb);
unsigned int snaptun_tx_failure(int err);
netdev_tx_t snaptun_tx(struct sk_buff *skb, struct net_device *dev);
void snaptun_tx_staged(struct snaptun_tunnel *tunnel);
void snaptun_tx_keepalive(struct snaptun_tunnel *tunnel);

#endif
