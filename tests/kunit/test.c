// SPDX-License-Identifier: GPL-2.0
/* Memory for tests in which one byte too far crashes. */

#include "test.h"

#include <linux/mm.h>
#include <linux/vmalloc.h>

static void free_pages_of(void *pages)
{
	vfree(pages);
}

/**
 * snaptun_test_guarded() - make memory that ends where nothing is mapped
 * @test: the test; the memory goes with it
 * @len: bytes, at least one
 *
 * Return: the memory.
 */
void *snaptun_test_guarded(struct kunit *test, size_t len)
{
	size_t size = PAGE_ALIGN(len);
	u8 *pages = vzalloc(size);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_pages_of, pages));
	return pages + size - len;
}
