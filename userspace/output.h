/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints devices for people. */
#ifndef SNAPTUN_OUTPUT_H
#define SNAPTUN_OUTPUT_H

#include <jansson.h>

/**
 * enum output_form - how much is told of each tunnel, control plane and identity
 * @OUTPUT_USUAL: Everything, or one line where there are many.
 * @OUTPUT_BRIEF: One line.
 * @OUTPUT_DETAILS: Everything.
 */
enum output_form {
	OUTPUT_USUAL,
	OUTPUT_BRIEF,
	OUTPUT_DETAILS,
};

/**
 * output_devices() - print devices with what they have to stdout
 * @devices: Array of devices, as `snaptun show --json` prints it.
 * @form: What to tell of tunnels, control planes and identities.
 *
 * Counters of zero and settings at their usual values are left out.
 */
void output_devices(const json_t *devices, enum output_form form);

/**
 * output_tunnels() - print some tunnels of a device to stdout
 * @device: The device's name.
 * @tunnels: Array of tunnels, as `snaptun show --json` prints it.
 * @form: What to tell of them.
 */
void output_tunnels(const char *device, const json_t *tunnels,
		    enum output_form form);

#endif /* SNAPTUN_OUTPUT_H */
