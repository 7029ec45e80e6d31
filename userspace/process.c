// SPDX-License-Identifier: GPL-2.0-or-later
/* What the process does about itself. */
#include <errno.h>
#include <string.h>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "process.h"
#include "report.h"

enum status process_hide(void)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };

	/*
	 * The limit alone does not hold where core files go to a program. It is for
	 * the programs that this one runs: the flag ends with exec.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setrlimit(RLIMIT_CORE, &none))
		return report(STATUS_FAILED, "cannot do without core files: %s",
			      strerror(errno));
	return STATUS_OK;
}
