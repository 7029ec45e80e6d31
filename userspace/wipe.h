/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is wiped when it is freed, for secrets and for libraries that copy them.
 * It is malloc()'s: what one frees may come from the other.
 */
#ifndef SNAPTUN_WIPE_H
#define SNAPTUN_WIPE_H

#include <stddef.h>

/**
 * wipe_free() - wipe memory and free it
 * @memory: The memory; may be NULL.
 */
void wipe_free(void *memory);

/**
 * wipe_realloc() - make memory larger or smaller
 * @memory: The memory, which is wiped and freed on success; may be NULL.
 * @size: The new size.
 *
 * Return: the memory in its new place; NULL on failure.
 */
void *wipe_realloc(void *memory, size_t size);

/**
 * wipe_strdup() - copy a text
 * @text: The text.
 *
 * Return: the copy; NULL on failure.
 */
char *wipe_strdup(const char *text);

#endif /* SNAPTUN_WIPE_H */
