// SPDX-License-Identifier: GPL-2.0-or-later
/* Secrets that the service manager hands to a service, by the way of systemd.exec(5). */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "credential.h"
#include "key.h"
#include "report.h"

#define PREFIX	"credential:"

bool credential_meant(const char *text)
{
	return !strncmp(text, PREFIX, strlen(PREFIX));
}

enum status credential_path(const char *what, const char *text, char **path)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	const char *name = text + strlen(PREFIX);

	*path = NULL;
	if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..") ||
	    strlen(name) > NAME_MAX)
		return report_usage("%s: \"%.64s\" is no name of a credential", what,
				    key_hide(name));
	if (!folder || *folder != '/')
		return report(STATUS_NOT_FOUND, "%s: there are no credentials here: CREDENTIALS_DIRECTORY is not set, as it is in a service that has some",
			      what);
	if (asprintf(path, "%s/%s", folder, name) < 0) {
		*path = NULL;
		return report(STATUS_FAILED, "no memory");
	}
	if (!access(*path, F_OK))
		return STATUS_OK;
	report(STATUS_NOT_FOUND, "%s: credential %s: %s", what, key_hide(name),
	       strerror(errno));
	free(*path);
	*path = NULL;
	return STATUS_NOT_FOUND;
}
