// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that is wiped when it is freed. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"
#include "wipe.h"

void wipe_free(void *memory)
{
	if (memory)
		key_wipe(memory, malloc_usable_size(memory));
	free(memory);
}

void *wipe_realloc(void *memory, size_t size)
{
	size_t old_size = memory ? malloc_usable_size(memory) : 0;
	/* realloc() would leave a copy behind where it moves. */
	void *new = malloc(size ? size : 1);

	if (!new)
		return NULL;
	if (old_size)
		memcpy(new, memory, old_size < size ? old_size : size);
	wipe_free(memory);
	return new;
}

char *wipe_strdup(const char *text)
{
	return strdup(text);
}
