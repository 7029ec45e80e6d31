/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A real device of the module, made for one test, and its other side: a UDP
 * socket on the loopback interface that speaks the protocol as the test tells it.
 */
#ifndef SNAPTUN_KUNIT_FIXTURE_H
#define SNAPTUN_KUNIT_FIXTURE_H

#include "cookie.h"
#include "device.h"
#include "session.h"
#include "test.h"
#include "tunnel.h"

/* Name of the other side's sessions. */
#define SNAPTUN_FIXTURE_INDEX	cpu_to_le32(0x72656570)

/* A counter, as snaptun_fixture_outcome() returns it. */
#define COUNTED(name)		SNAPTUN_A_COUNTERS_##name
#define COUNTED_NOTHING		0
#define COUNTED_SEVERAL		(-1)

/**
 * struct snaptun_fixture - a device and its other side
 * @snap: the device; up, with a key
 * @socket: the device's port
 * @tunnel: the device's only tunnel, or NULL
 * @loaded: have the device believe that it is loaded
 * @mapped: datagrams come by IPv6, from an address that stands for 127.0.0.1
 * @uncut: a super-packet is one datagram that the stack has yet to fragment
 * @ours: a super-packet's pages are those of a packet that a device of ours sent
 * @counts: the device's counters at the last snaptun_fixture_mark()
 * @peer: the other side's socket
 * @peer_port: its port
 * @own: the other side's key pair
 * @device: what the other side knows of the device
 * @jar: signs messages to the device
 * @checker: judges messages of the device
 * @stamp: time in the other side's last initiation
 * @handshake: the other side's handshake under way
 * @device_initiated: the device began the handshake that made @keys
 * @device_index: the device's name of the session
 * @keys: keys of the session
 */
struct snaptun_fixture {
	struct snaptun_device *snap;
	struct snaptun_socket *socket;
	struct snaptun_tunnel *tunnel;
	bool loaded;
	bool mapped;
	bool uncut;
	bool ours;
	u64 counts[SNAPTUN_A_COUNTERS_MAX + 1];

	struct socket *peer;
	__be16 peer_port;
	struct snaptun_noise_static own;
	struct snaptun_noise_peer device;
	struct snaptun_cookie_jar jar;
	struct snaptun_cookie_checker checker;
	u32 stamp;

	struct snaptun_noise_handshake handshake;
	bool device_initiated;
	__le32 device_index;
	struct snaptun_noise_keys keys;
};

int snaptun_fixture_init(struct kunit *test);

void snaptun_fixture_listen(struct kunit *test);
void snaptun_fixture_connect(struct kunit *test);
void snaptun_fixture_freeze(struct snaptun_fixture *f);

void snaptun_fixture_send(struct kunit *test, const void *message, size_t len);
int snaptun_fixture_receive(struct snaptun_fixture *f, void *to, size_t size);

void snaptun_fixture_deliver(struct kunit *test, __be16 from,
			     const void *data, size_t len, size_t segment);
void snaptun_fixture_mark(struct snaptun_fixture *f);
int snaptun_fixture_counted(struct snaptun_fixture *f);
int snaptun_fixture_outcome(struct kunit *test, const void *data, size_t len);

void snaptun_fixture_initiation(struct kunit *test,
				struct snaptun_msg_initiation *message);
void snaptun_fixture_read_initiation(struct kunit *test,
				     struct snaptun_msg_initiation *message);
void snaptun_fixture_response(struct kunit *test,
			      const struct snaptun_msg_initiation *initiation,
			      const u8 observed[SNAPTUN_OBSERVED_SIZE],
			      struct snaptun_msg_response *message);
void snaptun_fixture_read_response(struct kunit *test,
				   const struct snaptun_msg_response *message,
				   u8 observed[SNAPTUN_OBSERVED_SIZE]);

void snaptun_fixture_establish(struct kunit *test);
size_t snaptun_fixture_seal(struct snaptun_fixture *f, u8 *to, u64 counter,
			    const u8 *payload, size_t len);
bool snaptun_fixture_open(struct snaptun_fixture *f, u8 *payload,
			  const u8 *message, size_t len);

#endif
