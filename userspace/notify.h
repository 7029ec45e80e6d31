/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the service manager how a daemon is, by the protocol of sd_notify(3). */
#ifndef SNAPTUN_NOTIFY_H
#define SNAPTUN_NOTIFY_H

#include <stdint.h>

/**
 * notify() - tell the service manager something
 * @format: One assignment or several lines of them, "READY=1", as for printf().
 *
 * Nothing happens where no service manager listens.
 */
void notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * notify_watchdog() - how often the service manager wants to hear WATCHDOG=1
 *
 * Return: milliseconds; 0 where it does not.
 */
uint64_t notify_watchdog(void);

/**
 * notify_monotonic() - what goes with "RELOADING=1"
 *
 * Return: CLOCK_MONOTONIC in microseconds.
 */
unsigned long long notify_monotonic(void);

#endif /* SNAPTUN_NOTIFY_H */
