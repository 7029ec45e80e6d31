// SPDX-License-Identifier: GPL-2.0-or-later
/* What is seen of tokens: when they expire, what a log shows, what is no token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "jwt.h"
#include "tokens.h"

static const char *check(const char *text)
{
	return jwt_check(text, strlen(text));
}

static void expiry_is_the_claims_integer(void **state)
{
	char token[TOKEN_SIZE];
	int64_t expiry = -1;

	(void)state;
	/* Payloads of all lengths, so that base64 ends in each of its ways. */
	for (int i = 0; i < 9; i++) {
		char name[16] = "~?~?~?~?~?";

		name[i] = '\0';
		token_until(1700000000 + i, name, token);
		assert_null(check(token));
		assert_true(jwt_expiry(token, &expiry));
		assert_int_equal(expiry, 1700000000 + i);
	}
	token_until(9007199254740993, "beyond a double", token);
	assert_true(jwt_expiry(token, &expiry));
	assert_int_equal(expiry, 9007199254740993);
}

static void tokens_without_one_are_tokens(void **state)
{
	static const char *const payloads[] = {
		"{}", "{\"exp\":\"1700000000\"}", "{\"exp\":1.7e9}", "{\"exp\":null}",
		"{\"exp\":-1}", "{\"nested\":{\"exp\":1}}",
	};
	static const char *const opaque[] = {
		"a", "opaque", "a.b.c", "two.parts", "a.b.c.d", "..", "-._~+/=",
	};
	char token[TOKEN_SIZE];
	int64_t expiry = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(payloads) / sizeof(*payloads); i++) {
		token_of(payloads[i], token);
		assert_null(check(token));
		assert_false(jwt_expiry(token, &expiry));
	}
	for (size_t i = 0; i < sizeof(opaque) / sizeof(*opaque); i++) {
		assert_null(check(opaque[i]));
		assert_false(jwt_expiry(opaque[i], &expiry));
	}
	assert_int_equal(expiry, 5);
}

static void token_cut_short_is_none(void **state)
{
	char token[TOKEN_SIZE];
	size_t whole;

	(void)state;
	token_until(1700000000, "x", token);
	whole = (size_t)(strrchr(token, '.') - token) + 1;
	for (size_t length = 3; length <= whole; length++) {
		char *cut = strndup(token, length);

		assert_non_null(cut);
		assert_non_null(jwt_check(cut, length));
		free(cut);
	}
	token_of("[1]", token);
	assert_non_null(check(token));
	token_of("{\"exp\":1}{", token);
	assert_non_null(check(token));
	assert_non_null(check("eyJ.e30=.c2ln"));
	assert_non_null(check("eyJ.e3+0.c2ln"));
	assert_non_null(check("eyJ.e30.c2ln.more"));
	assert_null(check("eyJ.e30.c2ln"));
}

static void other_bytes_are_no_token(void **state)
{
	char longest[JWT_BYTES_MAX + 2];

	(void)state;
	assert_string_equal(check(""), "holds no token, nothing at all");
	for (int byte = 0; byte < 256; byte++) {
		char text[] = { 'a', (char)byte, 'b', '\0' };
		bool right = byte && strchr("0123456789abcdefghijklmnopqrstuvwxyz"
					    "ABCDEFGHIJKLMNOPQRSTUVWXYZ._~+/=-", byte);

		assert_int_equal(!jwt_check(text, 3), right);
	}
	memset(longest, 'a', sizeof(longest));
	longest[JWT_BYTES_MAX + 1] = '\0';
	assert_string_equal(check(longest), "holds more than a token");
	longest[JWT_BYTES_MAX] = '\0';
	assert_null(check(longest));
}

static void token_is_found_in_a_line(void **state)
{
	char token[TOKEN_SIZE];
	char line[TOKEN_SIZE + 32];

	(void)state;
	token_until(1700000000, "x", token);
	snprintf(line, sizeof(line), "+ echo %s", token);
	assert_true(jwt_is_in(line));
	assert_true(jwt_is_in("the key aakey_1234 is unknown"));
	assert_false(jwt_is_in("no such service"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expiry_is_the_claims_integer),
		cmocka_unit_test(tokens_without_one_are_tokens),
		cmocka_unit_test(token_cut_short_is_none),
		cmocka_unit_test(other_bytes_are_no_token),
		cmocka_unit_test(token_is_found_in_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
