/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receive: from a datagram of the underlay to opened packets in the stack.
 */
#ifndef SNAPTUN_RX_H
#define SNAPTUN_RX_H

struct sk_buff;
struct snaptun_socket;

void snaptun_rx_datagram(struct snaptun_socket *socket, struct sk_buff *skb);

#endif
