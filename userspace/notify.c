// SPDX-License-Identifier: GPL-2.0-or-later
/* Tells the service manager how a daemon is, by the protocol of sd_notify(3). */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "notify.h"
#include "options.h"

#define MESSAGE_BYTES	1024
#define US_PER_MS	1000U
#define US_PER_S	1000000U
#define NS_PER_US	1000U

void notify(const char *format, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char message[MESSAGE_BYTES];
	va_list arguments;
	size_t length;
	int fd;

	/* A path, or with "@" in the place of the zero byte an abstract address. */
	if (!path || (*path != '/' && *path != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return;
	length = strlen(path);
	memcpy(address.sun_path, path, length);
	if (*path == '@')
		address.sun_path[0] = '\0';
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, message, strlen(message), MSG_NOSIGNAL | MSG_DONTWAIT,
		     (const struct sockaddr *)&address,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
	close(fd);
}

uint64_t notify_watchdog(void)
{
	const char *interval = getenv("WATCHDOG_USEC");
	const char *process = getenv("WATCHDOG_PID");
	unsigned long long us;
	uint32_t number;
	char *end;

	/* The variables are inherited; they may be meant for another process. */
	if (process && (!options_scan(process, 10, INT32_MAX, &number) ||
			number != (uint32_t)getpid()))
		return 0;
	if (!interval || *interval < '0' || *interval > '9')
		return 0;
	errno = 0;
	us = strtoull(interval, &end, 10);
	return errno || *end ? 0 : us / US_PER_MS;
}

unsigned long long notify_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * US_PER_S +
	       (unsigned long long)now.tv_nsec / NS_PER_US;
}
