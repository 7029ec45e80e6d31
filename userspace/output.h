/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints devices for people. */
#ifndef SNAPTUN_OUTPUT_H
#define SNAPTUN_OUTPUT_H

#include <jansson.h>

/**
 * output_devices() - print devices with their tunnels and identities to stdout
 * @devices: Array of devices, as `snaptun show --json` prints it.
 *
 * Counters of zero and settings at their usual values are left out.
 */
void output_devices(const json_t *devices);

#endif /* SNAPTUN_OUTPUT_H */
