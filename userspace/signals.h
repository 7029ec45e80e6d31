/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Has the event loop take signals, instead of whatever is being done. */
#ifndef SNAPTUN_SIGNALS_H
#define SNAPTUN_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "loop.h"

/**
 * struct signals - the signals of a process
 * @loop: The loop.
 * @taken: Called with a signal's number: %SIGINT, %SIGTERM, %SIGHUP.
 * @data: For @taken.
 * @watch: Of the descriptor that tells of them; signals_begin() makes it.
 */
struct signals {
	struct loop *loop;
	void (*taken)(struct signals *signals, int number);
	void *data;
	struct loop_watch watch;
};

/**
 * signals_hold() - have signals wait until signals_wait() or signals_begin()
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status signals_hold(void);

/**
 * signals_wait() - pause until a signal comes, after signals_hold()
 * @ms: For how many milliseconds at most.
 *
 * Return: whether one came, which signals_begin() still takes.
 */
bool signals_wait(uint32_t ms);

/**
 * signals_begin() - take signals from now on
 * @signals: With all filled in that is the caller's.
 *
 * A pipe that nobody reads any more ends the process no longer, either.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status signals_begin(struct signals *signals);

/**
 * signals_end() - take no more of them; they stay blocked
 * @signals: What signals_begin() began, or all zero.
 */
void signals_end(struct signals *signals);

#endif /* SNAPTUN_SIGNALS_H */
