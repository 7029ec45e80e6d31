/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has a device as its configuration says, but for tunnels. */
#ifndef SNAPTUN_BRING_UP_H
#define SNAPTUN_BRING_UP_H

#include <stdbool.h>

#include "command.h"
#include "config.h"

/**
 * bring_up() - see that a device is there, has its key and settings, and is up
 * @name: Its name.
 * @config: What was configured, checked.
 * @made: Whether there was none, and it was made.
 *
 * What is right already is not touched, nor is what the configuration does not name.
 * The private key is made where there is none. On failure a device that this made is
 * gone again; what was there stays. The caller has the lock of that name, see lock.h.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status bring_up(const char *name, const struct config *config, bool *made);

/**
 * bring_up_locked() - the same, with the lock of that name
 * @name: Its name.
 * @config: What was configured, checked.
 *
 * For a daemon, after signals_begin(). Another program's `up` is waited for, for a while.
 *
 * Return: %STATUS_OK, or as bring_up() and lock_take().
 */
enum status bring_up_locked(const char *name, const struct config *config);

/**
 * bring_down() - see that there is no such device
 * @name: Its name. Tunnels and control planes go with the device.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status bring_down(const char *name);

#endif /* SNAPTUN_BRING_UP_H */
