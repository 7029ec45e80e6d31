/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints many tunnels, control planes or identities for people: one line each. */
#ifndef SNAPTUN_TABLE_H
#define SNAPTUN_TABLE_H

#include <jansson.h>

/**
 * table_tunnels() - print a table of tunnels to stdout
 * @tunnels: Array of tunnels, as `snaptun show --json` prints it.
 */
void table_tunnels(const json_t *tunnels);

/**
 * table_control_planes() - print a table of control planes to stdout
 * @planes: Array of control planes, as `snaptun show --json` prints it.
 */
void table_control_planes(const json_t *planes);

/**
 * table_identities() - print a table of identities to stdout
 * @identities: Array of identities, as `snaptun show --json` prints it.
 */
void table_identities(const json_t *identities);

#endif /* SNAPTUN_TABLE_H */
