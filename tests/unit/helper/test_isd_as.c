// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of ASes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "isd_as.h"

static void names_are_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t isd_as;
	} cases[] = {
		{ "1-ff00:0:110", UINT64_C(0x0001ff0000000110) },
		{ "1-64512", UINT64_C(0x000100000000fc00) },
		{ "71-2:0:5c", UINT64_C(0x004700020000005c) },
		{ "0-0", 0 },
		{ "1-4294967295", UINT64_C(0x00010000ffffffff) },
		{ "1-1:0:0", UINT64_C(0x0001000100000000) },
		{ "65535-ffff:ffff:ffff", UINT64_MAX },
	};
	uint64_t isd_as;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(isd_as_parse(cases[i].text, &isd_as));
		assert_int_equal(isd_as, cases[i].isd_as);
	}
	assert_true(isd_as_parse("1-FF00:0:110", &isd_as));
	assert_int_equal(isd_as, cases[0].isd_as);
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const cases[] = {
		"", "1", "1-", "-1", "-", "1-1-1", "65536-1", "1-4294967296", "1-ff00",
		"1-ff00:0", "1-ff00:0:", "1-ff00:0:110:", "1-ff00:0:110:1", "1-:0:1",
		"1-10000:0:1", "1-ff00:0:g", " 1-1", "1-1 ", "1_1", "x-1", "1-0x1", "+1-1",
		"1-ff00::110", "000001-1",
	};
	uint64_t isd_as = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (isd_as_parse(cases[i], &isd_as))
			fail_msg("\"%s\" was taken", cases[i]);
	assert_int_equal(isd_as, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_numbers),
		cmocka_unit_test(what_is_no_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
