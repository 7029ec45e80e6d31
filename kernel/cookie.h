/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The MACs of handshake messages, and the cookies that a loaded side demands
 * before it computes anything dear.
 */
#ifndef SNAPTUN_COOKIE_H
#define SNAPTUN_COOKIE_H

#include <linux/rcupdate.h>

#include "address.h"
#include "messages.h"

/**
 * struct snaptun_cookie_keys - what one side's public key makes of the labels
 * @mac1: key of mac1 in messages to that side
 * @cookie: key of cookie replies from that side
 */
struct snaptun_cookie_keys {
	u8 mac1[SNAPTUN_KEY_SIZE];
	u8 cookie[SNAPTUN_KEY_SIZE];
};

/**
 * struct snaptun_cookie_checker - judges messages that come in
 * @keys: of this side's public key
 * @secret: makes cookies; random
 * @secret_at: when @secret was drawn, SNAPTUN_NEVER before the first
 *
 * Locking: the caller's.
 */
struct snaptun_cookie_checker {
	struct snaptun_cookie_keys keys;
	u8 secret[SNAPTUN_KEY_SIZE];
	u64 secret_at;
};

/**
 * struct snaptun_cookie_jar - signs messages that go out
 * @keys: of the other side's public key
 * @cookie: the last cookie that the other side gave
 * @cookie_at: when it came, SNAPTUN_NEVER where there is none
 * @last_mac1: mac1 of the last message sent; a reply is bound to it
 * @awaits_reply: @last_mac1 is set and was not answered by a cookie
 *
 * Locking: the caller's.
 */
struct snaptun_cookie_jar {
	struct snaptun_cookie_keys keys;
	u8 cookie[SNAPTUN_COOKIE_SIZE];
	u64 cookie_at;
	u8 last_mac1[SNAPTUN_MAC_SIZE];
	bool awaits_reply;
};

/**
 * enum snaptun_cookie_verdict - what to do with a message
 * @SNAPTUN_COOKIE_INVALID: its mac1 is wrong: drop it
 * @SNAPTUN_COOKIE_DEMAND: answer it with a cookie, do nothing else
 * @SNAPTUN_COOKIE_FINE: process it
 * @SNAPTUN_COOKIE_PROVEN: process it; its source address is proven
 */
enum snaptun_cookie_verdict {
	SNAPTUN_COOKIE_INVALID,
	SNAPTUN_COOKIE_DEMAND,
	SNAPTUN_COOKIE_FINE,
	SNAPTUN_COOKIE_PROVEN,
};

/**
 * struct snaptun_load - how many handshake messages came lately
 * @window_at: beginning of the second that is counted
 * @count: messages in it
 * @loaded_until: cookies are demanded until then
 */
struct snaptun_load {
	u64 window_at;
	unsigned int count;
	u64 loaded_until;
};

void snaptun_cookie_keys_set(struct snaptun_cookie_keys *keys,
			     const u8 public_key[SNAPTUN_KEY_SIZE]);
bool snaptun_cookie_mac1_valid(const struct snaptun_cookie_keys *keys,
			       const void *message, size_t len);

void snaptun_cookie_checker_init(struct snaptun_cookie_checker *checker,
				 const u8 public_key[SNAPTUN_KEY_SIZE]);
enum snaptun_cookie_verdict
snaptun_cookie_check(struct snaptun_cookie_checker *checker,
		     const void *message, size_t len,
		     const struct snaptun_address *source, bool needs_proof,
		     u64 now);
void snaptun_cookie_reply(struct snaptun_cookie_checker *checker,
			  struct snaptun_msg_cookie *reply,
			  const void *message, size_t len, __le32 receiver,
			  const struct snaptun_address *source,
			  const u8 nonce[SNAPTUN_COOKIE_NONCE_SIZE], u64 now);

void snaptun_cookie_jar_init(struct snaptun_cookie_jar *jar,
			     const u8 public_key[SNAPTUN_KEY_SIZE]);
void snaptun_cookie_sign(struct snaptun_cookie_jar *jar, void *message,
			 size_t len, u64 now);
bool snaptun_cookie_read_reply(struct snaptun_cookie_jar *jar,
			       const struct snaptun_msg_cookie *reply, u64 now);

bool snaptun_load_note(struct snaptun_load *load, u32 rate, u64 now);

#endif
