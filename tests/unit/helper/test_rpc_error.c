// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors of calls: what their bodies say, and what must not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rpc.h"

static struct rpc_error read_as(int status, const char *body)
{
	struct rpc_error error = { .http_status = status };

	rpc_error_read(&error, body, strlen(body));
	return error;
}

static void code_comes_from_json(void **state)
{
	struct rpc_error error;

	(void)state;
	error = read_as(400, "{\"code\":\"out_of_range\",\"message\":\"no\",\"detail\":null}");
	assert_int_equal(error.code, RPC_OUT_OF_RANGE);
	assert_string_equal(error.message, "the server answers out_of_range (status 400): no");
	error = read_as(500, "  {\"code\":\"permission_denied\"}");
	assert_int_equal(error.code, RPC_PERMISSION_DENIED);
	assert_string_equal(error.message, "the server answers permission_denied (status 500)");
}

static void each_code_has_its_name(void **state)
{
	char body[64];

	(void)state;
	for (int code = RPC_CANCELED; code <= RPC_UNAUTHENTICATED; code++) {
		snprintf(body, sizeof(body), "{\"code\":\"%s\"}",
			 rpc_code_name((enum rpc_code)code));
		assert_int_equal(read_as(418, body).code, code);
	}
}

static void code_comes_from_the_status_without_json(void **state)
{
	static const struct {
		int status;
		enum rpc_code code;
	} cases[] = {
		{ 400, RPC_INVALID_ARGUMENT }, { 401, RPC_UNAUTHENTICATED },
		{ 403, RPC_PERMISSION_DENIED }, { 404, RPC_NOT_FOUND },
		{ 429, RPC_UNAVAILABLE }, { 502, RPC_UNAVAILABLE },
		{ 503, RPC_UNAVAILABLE }, { 504, RPC_UNAVAILABLE },
		{ 500, RPC_INTERNAL }, { 302, RPC_UNKNOWN }, { 204, RPC_UNKNOWN },
		{ 408, RPC_UNKNOWN }, { 501, RPC_UNKNOWN },
	};
	static const char *const bodies[] = {
		"", "no", "{", "[]", "null", "\"code\"", "{\"code\":5}", "{\"message\":\"m\"}",
		"{\"code\":\"no_such_code\",\"message\":\"m\"}", "\xff\xfe", "<p>no</p>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t j = 0; j < sizeof(bodies) / sizeof(bodies[0]); j++)
			assert_int_equal(read_as(cases[i].status, bodies[j]).code,
					 cases[i].code);
}

static void those_that_stay_are_permanent(void **state)
{
	unsigned int permanent = 1U << RPC_INVALID_ARGUMENT |
				 1U << RPC_UNAUTHENTICATED |
				 1U << RPC_PERMISSION_DENIED |
				 1U << RPC_UNIMPLEMENTED |
				 1U << RPC_FAILED_PRECONDITION |
				 1U << RPC_OUT_OF_RANGE;

	(void)state;
	for (int code = RPC_CANCELED; code <= RPC_UNAUTHENTICATED; code++)
		assert_int_equal(rpc_code_is_permanent((enum rpc_code)code),
				 permanent >> code & 1);
}

static void page_becomes_a_line(void **state)
{
	struct rpc_error error;

	(void)state;
	error = read_as(502, "\n<html>\r\n<head><title>502 Bad Gateway</title></head>"
			     "<body a='b'>\n<h1>Bad\tGateway</h1>\n\n\n</body>\n</html>\n");
	assert_string_equal(error.message,
			    "the server answers with status 502: 502 Bad Gateway Bad Gateway");
	error = read_as(500, "a < b\n\x1b[31mred\x07 \xc3\xa9\n");
	assert_string_equal(error.message,
			    "the server answers with status 500: a < b [31mred ??");
	error = read_as(500, " \n ");
	assert_string_equal(error.message, "the server answers with status 500");
	error = read_as(500, "{\"code\":\"aborted\",\"message\":\"a\\u001b[0m\\nb\\u202ec\"}");
	assert_string_equal(error.message,
			    "the server answers aborted (status 500): a [0m b???c");
}

static void long_and_binary_bodies_are_cut(void **state)
{
	struct rpc_error error = { .http_status = 500 };
	char *body = malloc(RPC_ANSWER_MAX);

	(void)state;
	memset(body, 'x', RPC_ANSWER_MAX);
	rpc_error_read(&error, body, RPC_ANSWER_MAX);
	assert_int_equal(strlen(error.message), RPC_MESSAGE_SIZE - 1);
	memset(body, 0, RPC_ANSWER_MAX);
	rpc_error_read(&error, body, RPC_ANSWER_MAX);
	assert_string_equal(error.message, "the server answers with status 500");
	memset(body, '[', RPC_ANSWER_MAX);
	rpc_error_read(&error, body, RPC_ANSWER_MAX);
	free(body);
	rpc_error_read(&error, NULL, 0);
	assert_string_equal(error.message, "the server answers with status 500");
}

static void secrets_do_not_show(void **state)
{
	static const char secret[] = "eyJhbGciOiJFZERTQSJ9.eyJleHAiOjF9.c2lnbmF0dXJl";
	struct rpc_error error;

	(void)state;
	rpc_error_set(&error, RPC_UNKNOWN, "no %s, no", secret);
	rpc_error_hide(&error, secret);
	assert_string_equal(error.message, "no ..., no");
	rpc_error_set(&error, RPC_UNKNOWN, "no %.20s, %s", secret, secret + 30);
	rpc_error_hide(&error, secret);
	assert_string_equal(error.message, "no ..., ...");
	rpc_error_set(&error, RPC_UNKNOWN, "a key aakey and aakey");
	rpc_error_hide(&error, "aakey");
	assert_string_equal(error.message, "a key . and .");
	rpc_error_hide(&error, NULL);
	rpc_error_hide(&error, "");
	assert_string_equal(error.message, "a key . and .");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_comes_from_json),
		cmocka_unit_test(each_code_has_its_name),
		cmocka_unit_test(code_comes_from_the_status_without_json),
		cmocka_unit_test(those_that_stay_are_permanent),
		cmocka_unit_test(page_becomes_a_line),
		cmocka_unit_test(long_and_binary_bodies_are_cut),
		cmocka_unit_test(secrets_do_not_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
