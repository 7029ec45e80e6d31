// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers of control planes, from bytes: what is taken, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "snap_answer.h"

/* A message that is put together. */
struct bytes {
	uint8_t data[1 << 21];
	size_t size;
};

static struct bytes message, inner;
static struct rpc_error error;

static void varint(struct bytes *to, uint64_t number)
{
	for (; number > 0x7f; number >>= 7)
		to->data[to->size++] = (uint8_t)(number | 0x80);
	to->data[to->size++] = (uint8_t)number;
}

static void field(struct bytes *to, unsigned int number, const void *data, size_t size)
{
	varint(to, number << 3 | 2);
	varint(to, size);
	memcpy(to->data + to->size, data, size);
	to->size += size;
}

static void text(struct bytes *to, unsigned int number, const char *value)
{
	field(to, number, value, strlen(value));
}

static void filled(struct bytes *to, unsigned int number, uint8_t value, size_t size)
{
	uint8_t data[64];

	memset(data, value, sizeof(data));
	field(to, number, data, size);
}

static int begin(void **state)
{
	(void)state;
	message.size = 0;
	inner.size = 0;
	memset(&error, 0, sizeof(error));
	return 0;
}

static bool take_data_plane(struct snap_data_plane *plane)
{
	return snap_answer_data_plane(message.data, message.size, plane, &error);
}

/* A data plane with these parts; NULL and a size of -1 for none. */
static bool data_plane(const char *address, const char *control, uint8_t value, int size)
{
	struct snap_data_plane plane;

	begin(NULL);
	if (address)
		text(&message, 1, address);
	if (control)
		text(&message, 2, control);
	if (size >= 0)
		filled(&message, 3, value, (size_t)size);
	return take_data_plane(&plane);
}

static void data_plane_is_read(void **state)
{
	struct snap_data_plane plane;

	(void)state;
	text(&message, 1, "[2001:db8::1]:5000");
	text(&message, 2, "https://h/path");
	filled(&message, 3, 7, 32);
	/* What a later version may add. */
	text(&message, 9, "more");
	varint(&message, 10 << 3);
	varint(&message, 5);
	assert_true(take_data_plane(&plane));
	assert_int_equal(plane.address.family, AF_INET6);
	assert_int_equal(plane.address.port, 5000);
	assert_string_equal(plane.address.name, "");
	assert_string_equal(plane.control.text, "https://h:443/path");
	assert_int_equal(plane.key[0], 7);
	assert_int_equal(plane.key[31], 7);

	begin(NULL);
	text(&message, 1, "h.example:1");
	text(&message, 2, "192.0.2.1:2");
	filled(&message, 3, 7, 32);
	assert_true(take_data_plane(&plane));
	assert_string_equal(plane.address.name, "h.example");
	assert_string_equal(plane.control.text, "http://192.0.2.1:2/");
}

static void data_plane_without_control_or_key_must_be_updated(void **state)
{
	(void)state;
	assert_false(data_plane("192.0.2.1:1", NULL, 7, 32));
	assert_int_equal(error.code, RPC_FAILED_PRECONDITION);
	assert_non_null(strstr(error.message, "must be updated"));
	assert_false(data_plane("192.0.2.1:1", "http://h", 0, -1));
	assert_int_equal(error.code, RPC_FAILED_PRECONDITION);
	assert_false(data_plane("192.0.2.1:1", "", 7, 0));
	assert_int_equal(error.code, RPC_FAILED_PRECONDITION);
}

static void data_plane_that_makes_no_sense_is_refused(void **state)
{
	static const char *const addresses[] = {
		NULL, "", "192.0.2.1", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:-1",
		"2001:db8::1:5000", "[2001:db8::1]", "[fe80::1%1]:5", "http://h:1", "h", ":1",
		"-h:1", "192.0.2:1", "192.0.2.1:1 ", "h\n:1",
	};

	(void)state;
	assert_true(data_plane("192.0.2.1:1", "http://h", 7, 32));
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		assert_false(data_plane(addresses[i], "http://h", 7, 32));
		assert_int_equal(error.code, RPC_INTERNAL);
	}
	assert_false(data_plane("192.0.2.1:1", "h", 7, 32));
	assert_int_equal(error.code, RPC_INTERNAL);
	assert_false(data_plane("192.0.2.1:1", "http://h", 7, 31));
	assert_int_equal(error.code, RPC_INTERNAL);
	assert_false(data_plane("192.0.2.1:1", "http://h", 7, 33));
	assert_false(data_plane("192.0.2.1:1", "http://h", 0, 32));
	assert_non_null(strstr(error.message, "zero"));
}

static void registration_needs_a_share_of_zeros(void **state)
{
	(void)state;
	assert_false(snap_answer_register(message.data, 0, &error));
	assert_int_equal(error.code, RPC_INTERNAL);
	filled(&message, 1, 0, 32);
	assert_true(snap_answer_register(message.data, message.size, &error));
	for (size_t size = 31; size <= 33; size += 2) {
		begin(NULL);
		filled(&message, 1, 0, size);
		assert_false(snap_answer_register(message.data, message.size, &error));
		assert_int_equal(error.code, RPC_INTERNAL);
	}
	begin(NULL);
	filled(&message, 1, 0, 32);
	message.data[message.size - 1] = 1;
	assert_false(snap_answer_register(message.data, message.size, &error));
	assert_int_equal(error.code, RPC_UNIMPLEMENTED);
}

static void garbage_is_refused(void **state)
{
	static const uint8_t wrong_type[] = { 1 << 3, 5 };
	struct snap_api_endhost_apis apis;
	struct snap_api_underlays underlays;
	struct snap_data_plane plane;
	struct snap_api_token token;

	(void)state;
	for (size_t size = 1; size < 40; size++) {
		memset(message.data, 0xff, size);
		message.size = size;
		assert_false(take_data_plane(&plane));
		assert_int_equal(error.code, RPC_INTERNAL);
		assert_false(snap_answer_register(message.data, size, &error));
		assert_false(snap_answer_underlays(message.data, size, &underlays, &error));
		assert_false(snap_answer_endhost_apis(message.data, size, &apis, &error));
		assert_false(snap_answer_token(message.data, size, &token, &error));
	}
	/* A number where there should be a text. */
	assert_false(snap_answer_token(wrong_type, sizeof(wrong_type), &token, &error));
	/* Each cut of a good one. */
	begin(NULL);
	text(&message, 1, "192.0.2.1:1");
	text(&message, 2, "http://h");
	filled(&message, 3, 7, 32);
	for (size_t size = 0; size < message.size; size++)
		assert_false(snap_answer_data_plane(message.data, size, &plane, &error));
}

/* Adds a SNAP to the list in inner. */
static void snap(const char *address, bool packed)
{
	static struct bytes one, ases;

	one.size = 0;
	ases.size = 0;
	text(&one, 1, address);
	varint(&ases, UINT64_C(0x0001ff0000000110));
	varint(&ases, 5);
	if (packed) {
		field(&one, 2, ases.data, ases.size);
	} else {
		varint(&one, 2 << 3);
		varint(&one, UINT64_C(0x0001ff0000000110));
		varint(&one, 2 << 3);
		varint(&one, 5);
	}
	field(&inner, 1, one.data, one.size);
}

static void underlays_are_read(void **state)
{
	struct snap_api_underlays underlays;

	(void)state;
	assert_true(snap_answer_underlays(message.data, 0, &underlays, &error));
	assert_int_equal(underlays.count, 0);

	snap("https://a", true);
	snap("host:443", true);
	snap("http://b/", false);
	text(&message, 1, "");
	field(&message, 2, inner.data, inner.size);
	assert_true(snap_answer_underlays(message.data, message.size, &underlays, &error));
	assert_int_equal(underlays.count, 2);
	assert_int_equal(underlays.left_out, 1);
	assert_string_equal(underlays.snaps[1].control.text, "http://b:80/");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(underlays.snaps[i].ases_count, 2);
		assert_int_equal(underlays.snaps[i].ases[0], UINT64_C(0x0001ff0000000110));
		assert_int_equal(underlays.snaps[i].ases[1], 5);
	}
	snap_answer_free_underlays(&underlays);
}

static void lists_have_bounds(void **state)
{
	struct snap_api_underlays underlays;
	struct snap_api_endhost_apis apis;
	static struct bytes api;

	(void)state;
	for (int i = 0; i < 1000; i++)
		snap("http://a", true);
	field(&message, 2, inner.data, inner.size);
	assert_true(snap_answer_underlays(message.data, message.size, &underlays, &error));
	assert_int_equal(underlays.count, SNAP_API_SNAPS_MAX);
	assert_int_equal(underlays.left_out, 1000 - SNAP_API_SNAPS_MAX);
	snap_answer_free_underlays(&underlays);

	/* Many that are nothing come to an end in memory. */
	begin(NULL);
	while (inner.size < RPC_LISTING_MAX - 16)
		text(&inner, 1, "");
	field(&message, 2, inner.data, inner.size);
	assert_false(snap_answer_underlays(message.data, message.size, &underlays, &error));

	begin(NULL);
	api.size = 0;
	text(&api, 1, "https://h");
	for (int i = 0; i < 1000; i++)
		field(&inner, 1, api.data, api.size);
	field(&message, 1, inner.data, inner.size);
	field(&message, 1, inner.data, inner.size);
	assert_true(snap_answer_endhost_apis(message.data, message.size, &apis, &error));
	assert_int_equal(apis.count, SNAP_API_APIS_MAX);
	assert_int_equal(apis.left_out, 2000 - SNAP_API_APIS_MAX);
	snap_answer_free_endhost_apis(&apis);
}

static void endhost_apis_keep_their_order(void **state)
{
	static const char *const urls[] = { "https://a", "no URL", "https://b" };
	struct snap_api_endhost_apis apis;
	static struct bytes api;

	(void)state;
	for (int i = 0; i < 3; i++) {
		api.size = 0;
		text(&api, 1, urls[i]);
		field(&inner, 1, api.data, api.size);
	}
	field(&message, 1, "", 0);
	field(&message, 1, inner.data, inner.size);
	field(&message, 1, inner.data, inner.size);
	assert_true(snap_answer_endhost_apis(message.data, message.size, &apis, &error));
	assert_int_equal(apis.count, 4);
	assert_int_equal(apis.left_out, 2);
	assert_string_equal(apis.apis[1].url.text, "https://b:443/");
	assert_int_equal(apis.apis[1].group, 1);
	assert_string_equal(apis.apis[2].url.text, "https://a:443/");
	assert_int_equal(apis.apis[2].group, 2);
	snap_answer_free_endhost_apis(&apis);
	assert_true(snap_answer_endhost_apis(message.data, 0, &apis, &error));
	assert_int_equal(apis.count, 0);
}

static void token_is_read(void **state)
{
	struct snap_api_token token;

	(void)state;
	text(&message, 1, "e30.e30.x");
	assert_true(snap_answer_token(message.data, message.size, &token, &error));
	assert_string_equal(token.token, "e30.e30.x");
	assert_false(token.has_discovery);
	snap_answer_free_token(&token);
	field(&message, 2, "", 0);
	assert_true(snap_answer_token(message.data, message.size, &token, &error));
	assert_false(token.has_discovery);
	snap_answer_free_token(&token);
	text(&inner, 1, "https://d/x/");
	field(&message, 2, inner.data, inner.size);
	assert_true(snap_answer_token(message.data, message.size, &token, &error));
	assert_true(token.has_discovery);
	assert_string_equal(token.discovery.text, "https://d:443/x/");
	snap_answer_free_token(&token);
}

static void token_that_makes_no_sense_is_refused(void **state)
{
	static const char *const tokens[] = { "", "a b", "a\r\nX: y", "a\n", "\xc3\xa9" };
	struct snap_api_token token;

	(void)state;
	assert_false(snap_answer_token(message.data, 0, &token, &error));
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		begin(NULL);
		text(&message, 1, tokens[i]);
		assert_false(snap_answer_token(message.data, message.size, &token, &error));
		assert_int_equal(error.code, RPC_INTERNAL);
	}
	begin(NULL);
	text(&message, 1, "t");
	text(&inner, 1, "discovery");
	field(&message, 2, inner.data, inner.size);
	assert_false(snap_answer_token(message.data, message.size, &token, &error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(data_plane_is_read, begin),
		cmocka_unit_test_setup(data_plane_without_control_or_key_must_be_updated, begin),
		cmocka_unit_test_setup(data_plane_that_makes_no_sense_is_refused, begin),
		cmocka_unit_test_setup(registration_needs_a_share_of_zeros, begin),
		cmocka_unit_test_setup(garbage_is_refused, begin),
		cmocka_unit_test_setup(underlays_are_read, begin),
		cmocka_unit_test_setup(lists_have_bounds, begin),
		cmocka_unit_test_setup(endhost_apis_keep_their_order, begin),
		cmocka_unit_test_setup(token_is_read, begin),
		cmocka_unit_test_setup(token_that_makes_no_sense_is_refused, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
