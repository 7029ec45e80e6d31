/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Noise IKpsk2 handshake: makes and reads its messages and derives
 * transport keys. Pure functions over caller's memory.
 */
#ifndef SNAPTUN_NOISE_H
#define SNAPTUN_NOISE_H

#include "messages.h"

/**
 * struct snaptun_noise_static - one side's own static key pair
 * @private: X25519 private key, clamped
 * @public: its public half
 */
struct snaptun_noise_static {
	u8 private[SNAPTUN_KEY_SIZE];
	u8 public[SNAPTUN_KEY_SIZE];
};

/**
 * struct snaptun_noise_peer - what is known of the other side before a handshake
 * @public: its static public key
 * @static_static: X25519 of both static keys; constant, so computed once
 * @psk: pre-shared key, all zero for none
 */
struct snaptun_noise_peer {
	u8 public[SNAPTUN_KEY_SIZE];
	u8 static_static[SNAPTUN_KEY_SIZE];
	u8 psk[SNAPTUN_KEY_SIZE];
};

/**
 * struct snaptun_noise_handshake - a handshake between its messages
 * @chaining_key: secret that every message mixes more into
 * @hash: transcript hash
 * @ephemeral_private: own ephemeral private key, initiator only
 * @remote_ephemeral: the other side's ephemeral public key
 */
struct snaptun_noise_handshake {
	u8 chaining_key[SNAPTUN_HASH_SIZE];
	u8 hash[SNAPTUN_HASH_SIZE];
	u8 ephemeral_private[SNAPTUN_KEY_SIZE];
	u8 remote_ephemeral[SNAPTUN_KEY_SIZE];
};

/**
 * struct snaptun_noise_prepared - what of a message takes long to compute
 * @private: ephemeral private key, clamped
 * @public: its public half
 * @with_static: X25519 of @private and the other side's static key
 * @with_ephemeral: X25519 of @private and the other side's ephemeral key, for a response
 */
struct snaptun_noise_prepared {
	u8 private[SNAPTUN_KEY_SIZE];
	u8 public[SNAPTUN_KEY_SIZE];
	u8 with_static[SNAPTUN_KEY_SIZE];
	u8 with_ephemeral[SNAPTUN_KEY_SIZE];
};

/**
 * struct snaptun_noise_keys - the outcome of a handshake
 * @initiator_to_responder: transport key of that direction
 * @responder_to_initiator: transport key of the other
 */
struct snaptun_noise_keys {
	u8 initiator_to_responder[SNAPTUN_KEY_SIZE];
	u8 responder_to_initiator[SNAPTUN_KEY_SIZE];
};

void snaptun_noise_init(void);

bool snaptun_noise_set_static(struct snaptun_noise_static *own,
			      const u8 private_key[SNAPTUN_KEY_SIZE]);
bool snaptun_noise_is_low_order(const u8 public_key[SNAPTUN_KEY_SIZE]);
bool snaptun_noise_set_peer(struct snaptun_noise_peer *peer,
			    const struct snaptun_noise_static *own,
			    const u8 public_key[SNAPTUN_KEY_SIZE]);

void snaptun_noise_prepare(struct snaptun_noise_prepared *prepared,
			   const u8 ephemeral[SNAPTUN_KEY_SIZE],
			   const u8 static_public[SNAPTUN_KEY_SIZE],
			   const u8 *ephemeral_public);

bool snaptun_noise_create_initiation(struct snaptun_noise_handshake *hs,
				     struct snaptun_msg_initiation *msg,
				     const struct snaptun_noise_static *own,
				     const struct snaptun_noise_peer *peer,
				     const struct snaptun_noise_prepared *prepared,
				     const u8 timestamp[SNAPTUN_TIMESTAMP_SIZE],
				     __le32 sender);

bool snaptun_noise_read_initiation_static(struct snaptun_noise_handshake *hs,
					  const struct snaptun_msg_initiation *msg,
					  const struct snaptun_noise_static *own,
					  u8 public_key[SNAPTUN_KEY_SIZE]);
bool snaptun_noise_read_initiation_timestamp(struct snaptun_noise_handshake *hs,
					     const struct snaptun_msg_initiation *msg,
					     const struct snaptun_noise_peer *peer,
					     u8 timestamp[SNAPTUN_TIMESTAMP_SIZE]);

bool snaptun_noise_create_response(struct snaptun_noise_handshake *hs,
				   struct snaptun_msg_response *msg,
				   const struct snaptun_noise_peer *peer,
				   const struct snaptun_noise_prepared *prepared,
				   const u8 observed[SNAPTUN_OBSERVED_SIZE],
				   __le32 sender, __le32 receiver);
bool snaptun_noise_read_response(struct snaptun_noise_handshake *hs,
				 const struct snaptun_msg_response *msg,
				 const struct snaptun_noise_static *own,
				 const struct snaptun_noise_peer *peer,
				 u8 observed[SNAPTUN_OBSERVED_SIZE]);

void snaptun_noise_derive_keys(struct snaptun_noise_handshake *hs,
			       struct snaptun_noise_keys *keys);

#endif
