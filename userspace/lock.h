/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has one program at a time deal with the link of a name. */
#ifndef SNAPTUN_LOCK_H
#define SNAPTUN_LOCK_H

#include <stdint.h>

#include "command.h"

/**
 * lock_take() - be the one who deals with a link
 * @name: The link's name, which config_name() has checked.
 * @timeout: How long to wait for another one, in seconds; 0 for as long as it takes.
 * @lock: Where the lock goes, for lock_drop(). It ends with the process, too.
 *
 * After signals_hold(): a signal ends the wait.
 *
 * Return: %STATUS_OK, or %STATUS_INTERRUPTED, or after a report %STATUS_TIMEOUT,
 * %STATUS_DENIED or %STATUS_FAILED.
 */
enum status lock_take(const char *name, uint32_t timeout, int *lock);

/**
 * lock_drop() - let others
 * @lock: What lock_take() took, or -1.
 */
void lock_drop(int lock);

#endif /* SNAPTUN_LOCK_H */
