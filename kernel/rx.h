/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Receive: from a datagram of the underlay to opened packets in the stack.
 */
#ifndef SNAPTUN_RX_H
#define SNAPTUN_RX_H

#include <linux/netdevice.h>

#include "super_packet.h"

struct snaptun_socket;

/* Messages that are accepted together; one bit each in a word of 64. */
#define SNAPTUN_RX_MESSAGES	64

/**
 * struct snaptun_rx_run - opened packets that go up as one
 * @run: what they are
 * @skb: where the packet is, which is alone then; or NULL
 * @offset: where the first is in the buffer otherwise
 * @first: number of its first message
 */
struct snaptun_rx_run {
	struct snaptun_run run;
	struct sk_buff *skb;
	unsigned int offset;
	unsigned int first;
};

/**
 * struct snaptun_rx - what the receive path keeps on one CPU, for one device
 * @napi: where packets go up; who has it scheduled has the rest, too
 * @page: buffer for opened packets, or NULL
 * @is_spare: it is none of the pool's, so that all of it is charged to who holds it
 * @used: bytes of it that belong to packets which went up
 * @end: bytes of it that are written, those of messages not yet accepted, too
 * @one_way: hardly anything goes back to where the last message came from
 * @n: messages that are opened but not accepted
 * @counters: their counters
 * @lens: their bytes
 * @n_runs: runs that they make
 * @runs: those
 */
struct snaptun_rx {
	struct napi_struct napi;
	struct page *page;
	bool is_spare;
	unsigned int used;
	unsigned int end;
	bool one_way;
	unsigned int n;
	u64 counters[SNAPTUN_RX_MESSAGES];
	u16 lens[SNAPTUN_RX_MESSAGES];
	unsigned int n_runs;
	struct snaptun_rx_run runs[SNAPTUN_RX_MESSAGES];
};

unsigned int snaptun_rx_datagram(struct snaptun_rx *rx,
				 struct snaptun_socket *socket,
				 struct sk_buff *skb);

#endif
