/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Secrets that the service manager hands to a service, each a file in a folder of it. */
#ifndef SNAPTUN_CREDENTIAL_H
#define SNAPTUN_CREDENTIAL_H

#include <stdbool.h>

#include "command.h"

/**
 * credential_meant() - whether a value names a credential instead of a file
 * @text: The value.
 */
bool credential_meant(const char *text);

/**
 * credential_path() - find the file of a credential
 * @what: What it is the value of, for the report.
 * @text: "credential:" and the credential's name.
 * @path: Where the file's name goes, for the caller to free; NULL on failure.
 *
 * A service gets its credentials when it is started: one that is not there now never will be.
 *
 * Return: %STATUS_OK, or after a report %STATUS_USAGE where that is no name of one,
 * %STATUS_NOT_FOUND where there is none of that name, or %STATUS_FAILED.
 */
enum status credential_path(const char *what, const char *text, char **path);

#endif /* SNAPTUN_CREDENTIAL_H */
