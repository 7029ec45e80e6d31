// SPDX-License-Identifier: GPL-2.0
/* Packets of a tunnel that wait for a session: in order, and within bounds. */

#include <linux/skbuff.h>

#include "device.h"
#include "tunnel.h"

/* Takes the oldest packet out; the queue's lock is held. */
static struct sk_buff *unstage_locked(struct snaptun_tunnel *tunnel)
{
	struct sk_buff *skb = __skb_dequeue(&tunnel->staged);

	if (skb) {
		tunnel->staged_bytes -= skb->len;
		tunnel->staged_memory -= skb->truesize;
		atomic_sub(skb->truesize, &tunnel->snap->staged_bytes);
	}
	return skb;
}

/* May one more packet wait? The queue's lock is held. */
static bool has_room(const struct snaptun_tunnel *tunnel,
		     const struct sk_buff *skb)
{
	return skb_queue_len(&tunnel->staged) < SNAPTUN_STAGED_PACKETS &&
	       tunnel->staged_bytes + skb->len <= SNAPTUN_STAGED_BYTES &&
	       atomic_read(&tunnel->snap->staged_bytes) + skb->truesize <=
		       SNAPTUN_STAGED_DEVICE;
}

/**
 * snaptun_tunnel_stage() - have a packet wait for a session
 * @tunnel: the tunnel
 * @skb: the packet; consumed
 *
 * The tunnel's oldest packets make room for the newest.
 *
 * Context: bottom halves disabled.
 */
void snaptun_tunnel_stage(struct snaptun_tunnel *tunnel, struct sk_buff *skb)
{
	struct snaptun_device *snap = tunnel->snap;
	struct sk_buff_head dropped;
	struct sk_buff *old;
	bool fits;

	__skb_queue_head_init(&dropped);
	spin_lock_bh(&tunnel->staged.lock);
	/* What others have does not go away. */
	fits = atomic_read(&snap->staged_bytes) - tunnel->staged_memory +
		       skb->truesize <= SNAPTUN_STAGED_DEVICE;
	while (fits && skb_queue_len(&tunnel->staged) && !has_room(tunnel, skb))
		__skb_queue_tail(&dropped, unstage_locked(tunnel));
	if (fits) {
		__skb_queue_tail(&tunnel->staged, skb);
		tunnel->staged_bytes += skb->len;
		tunnel->staged_memory += skb->truesize;
		atomic_add(skb->truesize, &snap->staged_bytes);
	} else {
		__skb_queue_tail(&dropped, skb);
	}
	spin_unlock_bh(&tunnel->staged.lock);

	while ((old = __skb_dequeue(&dropped))) {
		dev_core_stats_tx_dropped_inc(snap->dev);
		snaptun_drop_skb(snap, old,
				 SNAPTUN_A_COUNTERS_TX_STAGED_OVERFLOW);
	}
}

/**
 * snaptun_tunnel_unstage() - take the packet that waits longest
 * @tunnel: the tunnel
 *
 * Context: any.
 *
 * Return: the packet, or NULL.
 */
struct sk_buff *snaptun_tunnel_unstage(struct snaptun_tunnel *tunnel)
{
	struct sk_buff *skb;

	spin_lock_bh(&tunnel->staged.lock);
	skb = unstage_locked(tunnel);
	spin_unlock_bh(&tunnel->staged.lock);
	return skb;
}

/**
 * snaptun_tunnel_drop_staged() - no session came
 * @tunnel: the tunnel
 *
 * Context: any.
 */
void snaptun_tunnel_drop_staged(struct snaptun_tunnel *tunnel)
{
	struct sk_buff *skb;

	while ((skb = snaptun_tunnel_unstage(tunnel))) {
		dev_core_stats_tx_dropped_inc(tunnel->snap->dev);
		snaptun_drop_skb(tunnel->snap, skb,
				 SNAPTUN_A_COUNTERS_TX_NO_SESSION);
	}
}
