// SPDX-License-Identifier: GPL-2.0
/* Answers to the senders of packets that the device cannot carry. */

#include "answer.h"

#include <linux/icmpv6.h>
#include <linux/skbuff.h>
#include <net/icmp.h>
#include <net/ip.h>

#include "device.h"
#include "scion.h"
#include "tx.h"

/* May the device answer a packet of SCION now? */
static bool may_answer(struct snaptun_device *snap, u64 now)
{
	static const struct snaptun_rate rate = {
		.per_second = SNAPTUN_ANSWER_RATE,
		.burst = SNAPTUN_ANSWER_BURST,
	};
	bool may;

	spin_lock(&snap->answer_lock);
	may = snaptun_budget_take(&snap->answers, &rate, now);
	spin_unlock(&snap->answer_lock);
	return may;
}

/**
 * snaptun_answer_too_big() - tell the sender of a packet how long one may be
 * @snap: the device
 * @skb: the packet, with the route that it came by
 * @mtu: bytes
 * @now: current time
 *
 * Context: bottom halves disabled.
 */
void snaptun_answer_too_big(struct snaptun_device *snap, struct sk_buff *skb,
			    unsigned int mtu, u64 now)
{
	__be16 protocol = snaptun_tx_protocol(skb);
	struct sk_buff *answer;

	if (protocol == htons(SNAPTUN_ETH_P_SCION)) {
		if (!snaptun_scion_wants_answer(skb) || !may_answer(snap, now))
			return;
		answer = snaptun_scion_too_big(skb, mtu);
		if (!answer)
			return;
		answer->dev = snap->dev;
		answer->protocol = protocol;
		netif_rx(answer);
		return;
	}
	/* Its route is one of the protocol that it came with. */
	if (protocol != skb->protocol)
		return;
	skb_dst_update_pmtu_no_confirm(skb, mtu);
	if (protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			      htonl(mtu));
	else
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
}

/**
 * snaptun_answer_unreachable() - tell the sender of a packet that no tunnel takes it
 * @skb: the packet, with the route that it came by
 *
 * Context: bottom halves disabled.
 */
void snaptun_answer_unreachable(struct sk_buff *skb)
{
	__be16 protocol = snaptun_tx_protocol(skb);

	/* Its route is one of the protocol that it came with. */
	if (protocol != skb->protocol)
		return;
	if (protocol == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
	else if (protocol == htons(ETH_P_IPV6))
		icmpv6_ndo_send(skb, ICMPV6_DEST_UNREACH, ICMPV6_ADDR_UNREACH, 0);
}
