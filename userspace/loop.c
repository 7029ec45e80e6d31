// SPDX-License-Identifier: GPL-2.0-or-later
/* The event loop: libcurl's, with timers and descriptors hung on it. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"
#include "report.h"

#define MS_PER_SECOND	1000U
#define NS_PER_MS	1000000U

/**
 * struct loop - an event loop
 * @multi: Waits, and has the transfers.
 * @alarm: Watched descriptor of the first timer: its clock goes on while the machine
 *	sleeps, unlike the one of poll().
 * @timers: Those that are on, the first to fire first.
 * @watches: Descriptors; @alarm is one of them.
 * @stop: loop_run() is to return.
 */
struct loop {
	CURLM *multi;
	struct loop_watch alarm;
	struct loop_timer *timers;
	struct loop_watch *watches;
	bool stop;
};

uint64_t loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * MS_PER_SECOND +
	       (uint64_t)now.tv_nsec / NS_PER_MS;
}

/* Has the alarm go off when the first timer is to fire. */
static void set_alarm(struct loop *loop)
{
	struct itimerspec when = { .it_value.tv_sec = 0 };

	if (loop->timers) {
		uint64_t at = loop->timers->at;

		when.it_value.tv_sec = (time_t)(at / MS_PER_SECOND);
		when.it_value.tv_nsec = (long)(at % MS_PER_SECOND * NS_PER_MS);
	}
	timerfd_settime(loop->alarm.fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* The alarm went off; loop_run() looks at the timers anyway. */
static void hear_alarm(struct loop_watch *watch)
{
	uint64_t times;

	if (read(watch->fd, &times, sizeof(times)) < 0)
		return;
	set_alarm(watch->data);
}

enum status loop_new(struct loop **loop)
{
	struct loop *new = calloc(1, sizeof(*new));

	*loop = NULL;
	if (!new)
		return report(STATUS_FAILED, "no memory");
	new->multi = curl_multi_init();
	new->alarm.fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	new->alarm.ready = hear_alarm;
	new->alarm.data = new;
	if (!new->multi || new->alarm.fd < 0) {
		loop_free(new);
		return report(STATUS_FAILED, "cannot wait for events: %s",
			      strerror(errno));
	}
	loop_watch(new, &new->alarm);
	*loop = new;
	return STATUS_OK;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	curl_multi_cleanup(loop->multi);
	if (loop->alarm.fd >= 0)
		close(loop->alarm.fd);
	free(loop);
}

void loop_timer_cancel(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer **place = &loop->timers;

	while (*place && *place != timer)
		place = &(*place)->next;
	if (!*place)
		return;
	*place = timer->next;
	timer->next = NULL;
	set_alarm(loop);
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t delay)
{
	struct loop_timer **place = &loop->timers;

	loop_timer_cancel(loop, timer);
	/* One that sets itself anew is not to keep others waiting. */
	timer->at = loop_now() + (delay ? delay : 1);
	while (*place && (*place)->at <= timer->at)
		place = &(*place)->next;
	timer->next = *place;
	*place = timer;
	set_alarm(loop);
}

bool loop_timer_is_set(const struct loop *loop, const struct loop_timer *timer)
{
	const struct loop_timer *set = loop->timers;

	while (set && set != timer)
		set = set->next;
	return set;
}

void loop_watch(struct loop *loop, struct loop_watch *watch)
{
	watch->is_ready = false;
	watch->next = loop->watches;
	loop->watches = watch;
}

void loop_unwatch(struct loop *loop, struct loop_watch *watch)
{
	struct loop_watch **place = &loop->watches;

	while (*place && *place != watch)
		place = &(*place)->next;
	if (*place)
		*place = watch->next;
	watch->next = NULL;
}

enum status loop_transfer(struct loop *loop, struct loop_transfer *transfer)
{
	CURLMcode code;

	if (curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer))
		return report(STATUS_FAILED, "no memory");
	code = curl_multi_add_handle(loop->multi, transfer->easy);
	if (code)
		return report(STATUS_FAILED, "cannot begin a transfer: %s",
			      curl_multi_strerror(code));
	return STATUS_OK;
}

void loop_abandon(struct loop *loop, struct loop_transfer *transfer)
{
	curl_multi_remove_handle(loop->multi, transfer->easy);
}

void loop_stop(struct loop *loop)
{
	loop->stop = true;
}

static void end_transfers(struct loop *loop)
{
	struct loop_transfer *transfer;
	const CURLMsg *message;
	CURLcode result;
	int left;

	while (!loop->stop && (message = curl_multi_info_read(loop->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		/* The message goes with the handle. */
		result = message->data.result;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
		curl_multi_remove_handle(loop->multi, transfer->easy);
		transfer->done(transfer, result);
	}
}

static void fire_timers(struct loop *loop)
{
	uint64_t now = loop_now();

	while (!loop->stop && loop->timers && loop->timers->at <= now) {
		struct loop_timer *timer = loop->timers;

		loop_timer_cancel(loop, timer);
		timer->fire(timer);
	}
}

static void call_watches(struct loop *loop)
{
	struct loop_watch *watch = loop->watches;

	while (!loop->stop && watch) {
		if (!watch->is_ready) {
			watch = watch->next;
			continue;
		}
		watch->is_ready = false;
		watch->ready(watch);
		/* It may have removed itself, and others. */
		watch = loop->watches;
	}
}

/* Waits until something is ready, and marks the watches that are. */
static enum status wait_for_events(struct loop *loop)
{
	struct curl_waitfd *descriptors;
	struct loop_watch *watch;
	unsigned int n = 0;
	CURLMcode code;

	/* The alarm is always among them. */
	for (watch = loop->watches; watch; watch = watch->next)
		n++;
	descriptors = n ? calloc(n, sizeof(*descriptors)) : NULL;
	if (!descriptors)
		return report(STATUS_FAILED, "no memory");
	n = 0;
	for (watch = loop->watches; watch; watch = watch->next) {
		descriptors[n].fd = watch->fd;
		descriptors[n++].events = watch->out ? CURL_WAIT_POLLOUT :
						       CURL_WAIT_POLLIN;
	}
	code = curl_multi_poll(loop->multi, descriptors, n, INT_MAX, NULL);
	n = 0;
	for (watch = loop->watches; watch; watch = watch->next)
		watch->is_ready = descriptors[n++].revents != 0;
	free(descriptors);
	return code ? report(STATUS_FAILED, "cannot wait for events: %s",
			     curl_multi_strerror(code)) :
		      STATUS_OK;
}

enum status loop_run(struct loop *loop)
{
	enum status status = STATUS_OK;
	CURLMcode code;
	int running;

	while (status == STATUS_OK && !loop->stop) {
		code = curl_multi_perform(loop->multi, &running);
		if (code)
			return report(STATUS_FAILED, "transfers: %s",
				      curl_multi_strerror(code));
		end_transfers(loop);
		fire_timers(loop);
		if (!loop->stop)
			status = wait_for_events(loop);
		if (status == STATUS_OK)
			call_watches(loop);
	}
	loop->stop = false;
	return status;
}
