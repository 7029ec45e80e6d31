// SPDX-License-Identifier: GPL-2.0-or-later
/* What the process does about itself. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "process.h"
#include "report.h"

/*
 * What is opened later is not to be taken for a standard descriptor that is closed now.
 * Nothing can be written to what takes its place, as before.
 */
static void fill_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

enum status process_hide(void)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };

	fill_descriptors();
	/*
	 * The limit alone does not hold where core files go to a program. It is for
	 * the programs that this one runs: the flag ends with exec.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || setrlimit(RLIMIT_CORE, &none))
		return report(STATUS_FAILED, "cannot do without core files: %s",
			      strerror(errno));
	return STATUS_OK;
}
