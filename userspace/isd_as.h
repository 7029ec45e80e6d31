/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SCION's names of autonomous systems, read from text. */
#ifndef SNAPTUN_ISD_AS_H
#define SNAPTUN_ISD_AS_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"

/**
 * isd_as_parse() - read "1-ff00:0:110" or "1-64512"
 * @text: The ISD, a dash, and the AS: three groups of hexadecimal digits, or one
 *	decimal number up to 4294967295.
 * @isd_as: Where it goes, the ISD in its upper 16 bits; untouched on failure.
 *
 * Return: whether @text was one.
 */
bool isd_as_parse(const char *text, uint64_t *isd_as);

/**
 * isd_as_option() - read one of an AS in particular from the command line
 * @what: The option's name, for the report.
 * @text: As for isd_as_parse(); neither ISD nor AS is 0, which stand for any.
 * @isd_as: Where it goes.
 *
 * Return: %STATUS_OK, or %STATUS_USAGE after a report.
 */
enum status isd_as_option(const char *what, const char *text, uint64_t *isd_as);

#endif /* SNAPTUN_ISD_AS_H */
