/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connects a device: what `connect` and `up` have in common. */
#ifndef SNAPTUN_CONNECT_H
#define SNAPTUN_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "config.h"

/* How long all may take unless told otherwise, in seconds. */
#define CONNECT_TIMEOUT		120

/* The most that can be asked for: a day. */
#define CONNECT_TIMEOUT_MAX	86400

/**
 * connect_device() - have a device connected to its SNAPs
 * @device: The device's name. The device is there, has its key and is up.
 * @config: What was configured, checked.
 * @timeout: How long it may take, in seconds; 0 for as long as it takes.
 * @json: Print an object with what is known of each tunnel, not just the addresses.
 *
 * Prints the assigned address of each tunnel, one a line, once all are established.
 * Tunnels that are there already are used. Where it fails, or a signal ends it, nothing
 * that it made is left.
 *
 * Return: %STATUS_OK, or after a report why not.
 */
enum status connect_device(const char *device, const struct config *config,
			   uint32_t timeout, bool json);

#endif /* SNAPTUN_CONNECT_H */
