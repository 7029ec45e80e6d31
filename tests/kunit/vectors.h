/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test vectors of the protocol: what they hold. vectors.c says who made them.
 */
#ifndef SNAPTUN_KUNIT_VECTORS_H
#define SNAPTUN_KUNIT_VECTORS_H

#include "messages.h"

/* Transport messages a direction, and all their bytes. */
#define SNAPTUN_VECTOR_MESSAGES		6
#define SNAPTUN_VECTOR_BYTES		1725

/* The sessions' indices, as the messages carry them. */
#define SNAPTUN_VECTOR_INITIATOR_INDEX	cpu_to_le32(0x101)
#define SNAPTUN_VECTOR_RESPONDER_INDEX	cpu_to_le32(0x201)

/**
 * struct snaptun_handshake_vector - a handshake and what follows it
 * @name: tells it apart in messages
 * @initiator_private: static private key
 * @initiator_public: its public half
 * @responder_private: static private key
 * @responder_public: its public half
 * @psk: pre-shared key, or all zero
 * @initiator_ephemeral: 32 random bytes for the initiation
 * @responder_ephemeral: 32 random bytes for the response
 * @timestamp: TAI64N of the initiation
 * @initiation: the first message; mac2 is zero
 * @hash: transcript hash after it
 * @chaining_key: chaining key after it
 * @observed: the initiator's address as the response carries it
 * @response: the second message; mac2 is zero
 * @initiator_to_responder: transport key
 * @responder_to_initiator: transport key
 * @keepalive: the initiator's first transport message, counter 0
 * @to_responder: the initiator's next ones, one behind the other
 * @to_initiator: the responder's first ones
 *
 * The payload of those is the bytes 0, 1, 2 and so on.
 */
struct snaptun_handshake_vector {
	const char *name;
	u8 initiator_private[SNAPTUN_KEY_SIZE];
	u8 initiator_public[SNAPTUN_KEY_SIZE];
	u8 responder_private[SNAPTUN_KEY_SIZE];
	u8 responder_public[SNAPTUN_KEY_SIZE];
	u8 psk[SNAPTUN_KEY_SIZE];
	u8 initiator_ephemeral[SNAPTUN_KEY_SIZE];
	u8 responder_ephemeral[SNAPTUN_KEY_SIZE];
	u8 timestamp[SNAPTUN_TIMESTAMP_SIZE];
	u8 initiation[sizeof(struct snaptun_msg_initiation)];
	u8 hash[SNAPTUN_HASH_SIZE];
	u8 chaining_key[SNAPTUN_HASH_SIZE];
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	u8 response[sizeof(struct snaptun_msg_response)];
	u8 initiator_to_responder[SNAPTUN_KEY_SIZE];
	u8 responder_to_initiator[SNAPTUN_KEY_SIZE];
	u8 keepalive[SNAPTUN_OVERHEAD];
	u8 to_responder[SNAPTUN_VECTOR_BYTES];
	u8 to_initiator[SNAPTUN_VECTOR_BYTES];
};

/**
 * struct snaptun_cookie_vector - an initiation that was answered by a cookie
 * @responder_public: static public key of the side that answers
 * @initiation: the first try; mac2 is zero
 * @reply: its answer
 * @cookie: the cookie in @reply
 * @initiation_with_mac2: the second try, signed with the cookie
 */
struct snaptun_cookie_vector {
	u8 responder_public[SNAPTUN_KEY_SIZE];
	u8 initiation[sizeof(struct snaptun_msg_initiation)];
	u8 reply[sizeof(struct snaptun_msg_cookie)];
	u8 cookie[SNAPTUN_COOKIE_SIZE];
	u8 initiation_with_mac2[sizeof(struct snaptun_msg_initiation)];
};

#define SNAPTUN_HANDSHAKE_VECTORS	2

/* Length of each transport message, in both directions, in bytes. */
extern const unsigned int snaptun_vector_lens[SNAPTUN_VECTOR_MESSAGES];

extern const struct snaptun_handshake_vector
	snaptun_handshake_vectors[SNAPTUN_HANDSHAKE_VECTORS];
extern const struct snaptun_cookie_vector snaptun_cookie_vector;

#endif
