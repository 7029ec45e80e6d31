/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the process does about itself. */
#ifndef SNAPTUN_PROCESS_H
#define SNAPTUN_PROCESS_H

#include "command.h"

/**
 * process_hide() - keep what the process knows to itself: from core files, debuggers, and
 *	who has its standard descriptors
 *
 * Others of the same user can then neither trace it nor read its memory. Comes before
 * the first secret is read.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status process_hide(void);

#endif /* SNAPTUN_PROCESS_H */
