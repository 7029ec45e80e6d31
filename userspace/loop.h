/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop of the subcommands that wait for more than one thing: transfers
 * of libcurl, whose multi interface does the waiting, timers and descriptors.
 */
#ifndef SNAPTUN_LOOP_H
#define SNAPTUN_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include "command.h"

struct loop;

/**
 * struct loop_timer - something to be done later, once
 * @fire: Does it. May set the timer again, and free what it lies in.
 * @data: For @fire's use.
 * @at: When, by loop_now(); the loop's own, as @next.
 * @next: The timer that fires next; the loop's own.
 *
 * Lies in what it belongs to. All zero but @fire and @data is a timer that is off.
 */
struct loop_timer {
	void (*fire)(struct loop_timer *timer);
	void *data;
	uint64_t at;
	struct loop_timer *next;
};

/**
 * struct loop_watch - a descriptor to be watched
 * @ready: Called when it is ready. May remove the watch, and free what it lies in.
 * @data: For @ready's use.
 * @fd: The descriptor, which the loop never closes.
 * @out: Wait until it can be written instead of read.
 * @is_ready: The loop's own, as @next.
 * @next: The next watch.
 *
 * Lies in what it belongs to.
 */
struct loop_watch {
	void (*ready)(struct loop_watch *watch);
	void *data;
	int fd;
	bool out;
	bool is_ready;
	struct loop_watch *next;
};

/**
 * struct loop_transfer - a transfer of libcurl
 * @done: Called when it ended by itself, with its handle taken from the loop, and
 *	with its result.
 * @data: For @done's use.
 * @easy: libcurl's handle.
 *
 * Lies in what it belongs to.
 */
struct loop_transfer {
	void (*done)(struct loop_transfer *transfer, CURLcode result);
	void *data;
	CURL *easy;
};

/**
 * loop_new() - make an event loop
 * @loop: Where it goes; loop_free() ends it. NULL on failure.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status loop_new(struct loop **loop);

/**
 * loop_free() - end an event loop
 * @loop: The loop; may be NULL. Has no transfer any more.
 */
void loop_free(struct loop *loop);

/**
 * loop_now() - the clock of timers
 *
 * Goes on while the machine sleeps, and does not follow when its clock is set.
 *
 * Return: milliseconds.
 */
uint64_t loop_now(void);

/**
 * loop_timer_set() - have a timer fire
 * @loop: The loop.
 * @timer: The timer; one that is on already is set anew.
 * @delay: In how many milliseconds.
 */
void loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t delay);

/**
 * loop_timer_cancel() - have a timer not fire
 * @loop: The loop.
 * @timer: The timer, which may be off.
 */
void loop_timer_cancel(struct loop *loop, struct loop_timer *timer);

/**
 * loop_timer_is_set() - is a timer to fire?
 * @loop: The loop.
 * @timer: The timer.
 */
bool loop_timer_is_set(const struct loop *loop, const struct loop_timer *timer);

/**
 * loop_watch() - watch a descriptor from now on
 * @loop: The loop.
 * @watch: The watch, with all that is not the loop's own filled in.
 */
void loop_watch(struct loop *loop, struct loop_watch *watch);

/**
 * loop_unwatch() - watch a descriptor no more
 * @loop: The loop.
 * @watch: The watch, which may be none of the loop's.
 */
void loop_unwatch(struct loop *loop, struct loop_watch *watch);

/**
 * loop_transfer() - begin a transfer
 * @loop: The loop.
 * @transfer: The transfer; its handle, ready but for CURLOPT_PRIVATE, stays the
 *	caller's.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status loop_transfer(struct loop *loop, struct loop_transfer *transfer);

/**
 * loop_abandon() - end a transfer early
 * @loop: The loop.
 * @transfer: The transfer, which was begun and is not done.
 */
void loop_abandon(struct loop *loop, struct loop_transfer *transfer);

/**
 * loop_run() - wait for things and do them, until loop_stop()
 * @loop: The loop.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report where it cannot wait.
 */
enum status loop_run(struct loop *loop);

/**
 * loop_stop() - have loop_run() return once the caller has
 * @loop: The loop. Where it does not run, its next run returns at once.
 */
void loop_stop(struct loop *loop);

#endif /* SNAPTUN_LOOP_H */
