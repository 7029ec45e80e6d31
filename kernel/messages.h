/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire: every message, constant and interval of the SNAPtun protocol.
 * The protocol is described in Documentation/protocol.rst.
 */
#ifndef SNAPTUN_MESSAGES_H
#define SNAPTUN_MESSAGES_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/time64.h>
#include <linux/types.h>

/* Sizes of the primitives, in bytes. */
enum snaptun_sizes {
	SNAPTUN_KEY_SIZE = 32,		/* X25519, ChaCha20-Poly1305, PSK */
	SNAPTUN_HASH_SIZE = 32,		/* BLAKE2s-256 */
	SNAPTUN_TAG_SIZE = 16,		/* Poly1305 */
	SNAPTUN_TIMESTAMP_SIZE = 12,	/* TAI64N */
	SNAPTUN_OBSERVED_SIZE = 20,	/* a socket address as the peer sees it */
	SNAPTUN_MAC_SIZE = 16,		/* keyed BLAKE2s */
	SNAPTUN_COOKIE_SIZE = 16,
	SNAPTUN_COOKIE_NONCE_SIZE = 24,	/* XChaCha20-Poly1305 */
};

/* Intervals, in seconds unless the name says otherwise. */
enum snaptun_intervals {
	SNAPTUN_REKEY_AFTER_TIME = 120,
	SNAPTUN_REJECT_AFTER_TIME = 180,
	SNAPTUN_REKEY_ATTEMPT_TIME = 90,
	SNAPTUN_REKEY_TIMEOUT = 5,
	SNAPTUN_KEEPALIVE_TIMEOUT = 10,
	SNAPTUN_PERSISTENT_KEEPALIVE = 10,
	SNAPTUN_COOKIE_LIFETIME = 120,
	SNAPTUN_CANDIDATE_LIFETIME = 5,
	SNAPTUN_TIMESTAMP_SPREAD = 300,	/* below a key's newest initiation */
	SNAPTUN_RESTART_PAUSE_MAX = 180,
};

#define SNAPTUN_REKEY_AFTER_MESSAGES	BIT_ULL(60)
#define SNAPTUN_REJECT_AFTER_MESSAGES	(U64_MAX - SNAPTUN_REPLAY_WINDOW)
#define SNAPTUN_REPLAY_WINDOW		8192

enum snaptun_message_type {
	SNAPTUN_MESSAGE_INITIATION = 1,
	SNAPTUN_MESSAGE_RESPONSE = 2,
	SNAPTUN_MESSAGE_COOKIE = 3,
	SNAPTUN_MESSAGE_TRANSPORT = 4,
};

/* The first word of every message: one byte of type, three bytes of zero. */
#define SNAPTUN_MESSAGE_HEADER(type)	cpu_to_le32(type)

struct snaptun_macs {
	u8 mac1[SNAPTUN_MAC_SIZE];
	u8 mac2[SNAPTUN_MAC_SIZE];
} __packed;

struct snaptun_msg_initiation {
	__le32 type;
	__le32 sender;
	u8 ephemeral[SNAPTUN_KEY_SIZE];
	u8 sealed_static[SNAPTUN_KEY_SIZE + SNAPTUN_TAG_SIZE];
	u8 sealed_timestamp[SNAPTUN_TIMESTAMP_SIZE + SNAPTUN_TAG_SIZE];
	struct snaptun_macs macs;
} __packed;

struct snaptun_msg_response {
	__le32 type;
	__le32 sender;
	__le32 receiver;
	u8 ephemeral[SNAPTUN_KEY_SIZE];
	u8 sealed_observed[SNAPTUN_OBSERVED_SIZE + SNAPTUN_TAG_SIZE];
	struct snaptun_macs macs;
} __packed;

struct snaptun_msg_cookie {
	__le32 type;
	__le32 receiver;
	u8 nonce[SNAPTUN_COOKIE_NONCE_SIZE];
	u8 sealed_cookie[SNAPTUN_COOKIE_SIZE + SNAPTUN_TAG_SIZE];
} __packed;

/* Followed by the sealed payload: its bytes, then the tag. */
struct snaptun_msg_transport {
	__le32 type;
	__le32 receiver;
	__le64 counter;
} __packed;

static_assert(sizeof(struct snaptun_msg_initiation) == 148);
static_assert(sizeof(struct snaptun_msg_response) == 112);
static_assert(sizeof(struct snaptun_msg_cookie) == 64);
static_assert(sizeof(struct snaptun_msg_transport) == 16);

/* What a transport message adds to its payload. */
#define SNAPTUN_OVERHEAD \
	(sizeof(struct snaptun_msg_transport) + SNAPTUN_TAG_SIZE)

/* The most that the UDP payload of one IPv4 datagram can be, in bytes. */
#define SNAPTUN_MESSAGE_MAX	65507
#define SNAPTUN_PAYLOAD_MAX	(SNAPTUN_MESSAGE_MAX - SNAPTUN_OVERHEAD)

#define SNAPTUN_MTU_DEFAULT	1420
#define SNAPTUN_MTU_MIN		1280
#define SNAPTUN_MTU_MAX		65475

/* EtherType of SCION packets on the device: IEEE's local experimental 1. */
#define SNAPTUN_ETH_P_SCION	0x88B5

/*
 * UDP payload of a batch: more does not fit a UDP GSO packet (its length
 * fields have 16 bits and the core counts the link header in). Today's Rust
 * data planes read into buffers of 9216 bytes with UDP GRO on, so a client's
 * batches stop there.
 */
#define SNAPTUN_BURST_MAX_V4		65493
#define SNAPTUN_BURST_MAX_V6		65473
#define SNAPTUN_BURST_CLIENT		9216
/* Receivers merge no more segments than this. */
#define SNAPTUN_BURST_MESSAGES		64

/* The longest time that can be told, a hundred years; seconds. */
#define SNAPTUN_TIME_MAX	3155760000ULL

/* Bounds. */
enum snaptun_limits {
	SNAPTUN_STAGED_PACKETS = 256,		/* per tunnel */
	SNAPTUN_STAGED_BYTES = 256 * 1024,	/* per tunnel */
	SNAPTUN_STAGED_DEVICE = 16 * 1024 * 1024,
	SNAPTUN_TUNNELS_PER_IDENTITY = 4096,	/* unless set otherwise */
	SNAPTUN_TUNNELS_PER_DEVICE = 65536,	/* unless set otherwise */
	SNAPTUN_IDENTITIES_PER_DEVICE = 65536,
	SNAPTUN_CANDIDATES_PER_IDENTITY = 64,
	SNAPTUN_CANDIDATES_PER_DEVICE = 1024,
	SNAPTUN_HANDSHAKE_QUEUE = 512,		/* messages, per device */
	SNAPTUN_REMEMBERED_INITIATIONS = 64,	/* per identity */
	SNAPTUN_PREFIXES_PER_DEVICE = 262144,
	SNAPTUN_HANDSHAKE_RATE = 20,		/* per second, unless set otherwise; */
						/* above it cookies are demanded */
	SNAPTUN_SOURCE_RATE = 10,		/* per second, unless set otherwise */
	SNAPTUN_SOURCE_BURST = 20,		/* unless set otherwise */
	SNAPTUN_IDENTITY_SOURCES = 8,		/* what its tunnels have together */
	SNAPTUN_ANSWER_RATE = 100,		/* to senders of SCION, per second */
	SNAPTUN_ANSWER_BURST = 50,
};

#endif
