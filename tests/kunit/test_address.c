// SPDX-License-Identifier: GPL-2.0
/* Observed addresses to and from their 20 bytes. */

#include <linux/string.h>

#include "address.h"
#include "test.h"
#include "vectors.h"

static void set_v4(struct snaptun_address *address, u32 ip, u16 port)
{
	memset(address, 0, sizeof(*address));
	ipv6_addr_set_v4mapped(htonl(ip), &address->ip);
	address->port = htons(port);
}

static void set_v6(struct snaptun_address *address, u16 port)
{
	memset(address, 0, sizeof(*address));
	ipv6_addr_set(&address->ip, htonl(0x20010db8), 0, 0, htonl(7));
	address->port = htons(port);
}

/* 192.0.2.7:51820 and [2001:db8::7]:40000, as the vectors have them. */
static void encoding_is_the_vectors(struct kunit *test)
{
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	struct snaptun_address address;

	set_v4(&address, 0xc0000207, 51820);
	memset(observed, 0xff, sizeof(observed));
	snaptun_address_encode(&address, observed);
	KUNIT_EXPECT_MEMEQ(test, observed, snaptun_handshake_vectors[0].observed,
			   sizeof(observed));
	set_v6(&address, 40000);
	memset(observed, 0xff, sizeof(observed));
	snaptun_address_encode(&address, observed);
	KUNIT_EXPECT_MEMEQ(test, observed, snaptun_handshake_vectors[1].observed,
			   sizeof(observed));
}

static void vectors_are_decoded(struct kunit *test)
{
	struct snaptun_address address, expected;

	memset(&address, 0xff, sizeof(address));
	set_v4(&expected, 0xc0000207, 51820);
	KUNIT_ASSERT_TRUE(test,
			  snaptun_address_decode(&address,
						 snaptun_handshake_vectors[0].observed));
	KUNIT_EXPECT_TRUE(test, snaptun_address_equal(&address, &expected));
	memset(&address, 0xff, sizeof(address));
	set_v6(&expected, 40000);
	KUNIT_ASSERT_TRUE(test,
			  snaptun_address_decode(&address,
						 snaptun_handshake_vectors[1].observed));
	KUNIT_EXPECT_TRUE(test, snaptun_address_equal(&address, &expected));
}

static void scope_is_not_reported(struct kunit *test)
{
	u8 with[SNAPTUN_OBSERVED_SIZE], without[SNAPTUN_OBSERVED_SIZE];
	struct snaptun_address address;

	set_v6(&address, 40000);
	snaptun_address_encode(&address, without);
	address.scope_id = 3;
	snaptun_address_encode(&address, with);
	KUNIT_EXPECT_MEMEQ(test, with, without, sizeof(with));
}

/* A dual-stack responder reports IPv4 as an IPv4-mapped IPv6 address. */
static void mapped_ipv6_is_ipv4(struct kunit *test)
{
	static const u8 observed[SNAPTUN_OBSERVED_SIZE] = {
		6, 0, 0xca, 0x6c, [14] = 0xff, 0xff, 192, 0, 2, 7,
	};
	struct snaptun_address address, expected;

	set_v4(&expected, 0xc0000207, 51820);
	KUNIT_ASSERT_TRUE(test, snaptun_address_decode(&address, observed));
	KUNIT_EXPECT_TRUE(test, snaptun_address_equal(&address, &expected));
	KUNIT_EXPECT_TRUE(test, snaptun_address_is_v4(&address));
}

static void bytes_before_an_ipv4_address_are_ignored(struct kunit *test)
{
	u8 observed[SNAPTUN_OBSERVED_SIZE] = { 4, 0, 0xca, 0x6c };
	struct snaptun_address address, expected;

	memset(observed + 4, 0xa5, 12);
	memcpy(observed + 16, "\xc0\x00\x02\x07", 4);
	set_v4(&expected, 0xc0000207, 51820);
	KUNIT_ASSERT_TRUE(test, snaptun_address_decode(&address, observed));
	KUNIT_EXPECT_TRUE(test, snaptun_address_equal(&address, &expected));
}

static void expect_invalid(struct kunit *test,
			   const u8 observed[SNAPTUN_OBSERVED_SIZE])
{
	struct snaptun_address address, before;

	memset(&address, 0x5a, sizeof(address));
	before = address;
	KUNIT_EXPECT_FALSE(test, snaptun_address_decode(&address, observed));
	KUNIT_EXPECT_MEMEQ(test, &address, &before, sizeof(before));
}

static void every_other_version_is_invalid(struct kunit *test)
{
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	unsigned int version;

	memcpy(observed, snaptun_handshake_vectors[0].observed, sizeof(observed));
	for (version = 0; version <= U8_MAX; version++) {
		observed[0] = version;
		if (version != 4 && version != 6)
			expect_invalid(test, observed);
	}
}

static void second_byte_must_be_zero(struct kunit *test)
{
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	unsigned int i, value;

	for (i = 0; i < ARRAY_SIZE(snaptun_handshake_vectors); i++) {
		memcpy(observed, snaptun_handshake_vectors[i].observed,
		       sizeof(observed));
		for (value = 1; value <= U8_MAX; value++) {
			observed[1] = value;
			expect_invalid(test, observed);
		}
	}
}

static void port_of_zero_is_invalid(struct kunit *test)
{
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(snaptun_handshake_vectors); i++) {
		memcpy(observed, snaptun_handshake_vectors[i].observed,
		       sizeof(observed));
		observed[2] = 0;
		observed[3] = 0;
		expect_invalid(test, observed);
	}
}

static void what_is_encoded_is_decoded(struct kunit *test)
{
	struct snaptun_random random = { .state = 1 };
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	struct snaptun_address in, out;
	unsigned int i;

	for (i = 0; i < 10000; i++) {
		u16 port = 1 + snaptun_random_below(&random, U16_MAX);

		set_v4(&in, snaptun_random_u32(&random), port);
		if (i % 2)
			snaptun_random_bytes(&random, in.ip.s6_addr,
					     sizeof(in.ip));
		snaptun_address_encode(&in, observed);
		KUNIT_ASSERT_TRUE(test, snaptun_address_decode(&out, observed));
		KUNIT_ASSERT_TRUE(test, snaptun_address_equal(&in, &out));
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(encoding_is_the_vectors),
	KUNIT_CASE(vectors_are_decoded),
	KUNIT_CASE(scope_is_not_reported),
	KUNIT_CASE(mapped_ipv6_is_ipv4),
	KUNIT_CASE(bytes_before_an_ipv4_address_are_ignored),
	KUNIT_CASE(every_other_version_is_invalid),
	KUNIT_CASE(second_byte_must_be_zero),
	KUNIT_CASE(port_of_zero_is_invalid),
	KUNIT_CASE(what_is_encoded_is_decoded),
	{}
};

static struct kunit_suite suite = {
	.name = "snaptun_address",
	.test_cases = cases,
};

kunit_test_suite(suite);
