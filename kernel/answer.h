/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the senders of packets are told that the device cannot carry: ICMP and SCMP.
 */
#ifndef SNAPTUN_ANSWER_H
#define SNAPTUN_ANSWER_H

#include <linux/types.h>

struct sk_buff;
struct snaptun_device;

void snaptun_answer_too_big(struct snaptun_device *snap, struct sk_buff *skb,
			    unsigned int mtu, u64 now);
void snaptun_answer_unreachable(struct sk_buff *skb);

#endif
