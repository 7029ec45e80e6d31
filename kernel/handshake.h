/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handshakes: their messages wait here for process context, and are answered
 * and begun there.
 */
#ifndef SNAPTUN_HANDSHAKE_H
#define SNAPTUN_HANDSHAKE_H

#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "noise.h"
#include "socket.h"

struct snaptun_device;
struct snaptun_tunnel;

/**
 * struct snaptun_handshake_entry - a handshake message that came in
 * @path: its way, as an answer will go back
 * @len: bytes of @message
 * @message: the message
 */
struct snaptun_handshake_entry {
	struct snaptun_path path;
	u16 len;
	union {
		__le32 type;
		struct snaptun_msg_initiation initiation;
		struct snaptun_msg_response response;
		struct snaptun_msg_cookie cookie;
		u8 bytes[sizeof(struct snaptun_msg_initiation)];
	} message;
};

/**
 * struct snaptun_handshake_worker - one of those who process messages side by side
 * @work: takes them out of the ring, one after the other
 * @snap: the device
 */
struct snaptun_handshake_worker {
	struct work_struct work;
	struct snaptun_device *snap;
};

/**
 * struct snaptun_handshake_queue - bounded ring of messages
 * @lock: protects the ring and @next; bottom halves disabled
 * @entries: SNAPTUN_HANDSHAKE_QUEUE of them
 * @head: the oldest message
 * @count: messages in the ring
 * @next: counts up, for the worker that is woken next
 * @workers: one for each CPU that there could be, of which as many are used as are online
 */
struct snaptun_handshake_queue {
	spinlock_t lock; /* the ring, next */
	struct snaptun_handshake_entry *entries;
	unsigned int head;
	unsigned int count;
	unsigned int next;
	struct snaptun_handshake_worker *workers;
};

int snaptun_handshake_queue_init(struct snaptun_device *snap);
void snaptun_handshake_queue_destroy(struct snaptun_device *snap);
bool snaptun_handshake_enqueue(struct snaptun_device *snap,
			       const struct snaptun_handshake_entry *entry);

void snaptun_handshake_prepare(struct snaptun_tunnel *tunnel,
			       struct snaptun_noise_prepared *prepared);
void snaptun_handshake_initiate(struct snaptun_tunnel *tunnel,
				const struct snaptun_noise_prepared *prepared);

#endif
