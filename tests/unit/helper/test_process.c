// SPDX-License-Identifier: GPL-2.0-or-later
/* A process that hides: no core files, nobody of the same user reads its memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "process.h"

static void process_that_hides_leaves_no_core_file(void **state)
{
	struct rlimit limit;

	(void)state;
	assert_int_equal(process_hide(), STATUS_OK);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(limit.rlim_cur, 0);
	assert_int_equal(limit.rlim_max, 0);
	/* Twice does no harm; and the sanitizers look at the memory in the end. */
	assert_int_equal(process_hide(), STATUS_OK);
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_that_hides_leaves_no_core_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
