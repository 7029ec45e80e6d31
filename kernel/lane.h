/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lanes: in which order, and on which CPU, datagrams of the underlay are opened.
 */
#ifndef SNAPTUN_LANE_H
#define SNAPTUN_LANE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include "rx.h"

struct snaptun_device;
struct snaptun_socket;

/* Lanes of a port; a power of two. */
#define SNAPTUN_LANES	16

/**
 * enum snaptun_lane_states - who cares for a lane
 * @SNAPTUN_LANE_IDLE: nobody; it is empty
 * @SNAPTUN_LANE_READY: it waits for its opener
 * @SNAPTUN_LANE_RUNNING: its opener, or a CPU on the spot, works on it
 * @SNAPTUN_LANE_DRAINED: its opener has emptied it, and may not have handed up all
 */
enum snaptun_lane_states {
	SNAPTUN_LANE_IDLE,
	SNAPTUN_LANE_READY,
	SNAPTUN_LANE_RUNNING,
	SNAPTUN_LANE_DRAINED,
};

/**
 * struct snaptun_lane - datagrams of some remote addresses, in their order
 * @socket: the port that they came to
 * @queue: those that wait
 * @bytes: their memory
 * @state: enum snaptun_lane_states
 * @one_way: nothing goes back; written by who works on it, read without a lock
 * @opener: the CPU that works on it, unless it is idle
 * @node: entry in a list of @opener while it is ready or drained; its lock
 *
 * Fields without a mark are protected by the socket's lock.
 */
struct snaptun_lane {
	struct snaptun_socket *socket;
	struct sk_buff_head queue;
	unsigned int bytes;
	enum snaptun_lane_states state;
	bool one_way;
	struct snaptun_opener *opener;
	struct list_head node;
};

/**
 * struct snaptun_opener - one CPU's work for one device
 * @rx: where the receive path works; whoever has its NAPI scheduled may
 * @cpu: the CPU
 * @lock: protects the lists; taken inside a socket's lock, bottom halves disabled
 * @ready: lanes to work on
 * @drained: lanes that are empty, but for what waits in the NAPI
 * @csd: makes @cpu poll
 * @work: polls in process context
 */
struct snaptun_opener {
	struct snaptun_rx rx;
	int cpu;
	spinlock_t lock; /* ready, drained */
	struct list_head ready;
	struct list_head drained;
	call_single_data_t csd;
	struct work_struct work;
};

int snaptun_lanes_setup(void);
void snaptun_lanes_teardown(void);

int snaptun_openers_init(struct snaptun_device *snap);
void snaptun_openers_flush(struct snaptun_device *snap);
void snaptun_openers_destroy(struct snaptun_device *snap);

void snaptun_lanes_init(struct snaptun_socket *socket);
void snaptun_lanes_close(struct snaptun_socket *socket);
void snaptun_lanes_purge(struct snaptun_socket *socket);
void snaptun_lanes_take(struct snaptun_socket *socket, struct sock *sk);
void snaptun_lanes_note_sealed(void);

#endif
