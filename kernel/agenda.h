/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a device has to do at times that lie far apart: ends of registrations and
 * authorisations. (Tunnels have timers of their own, which data keeps moving.)
 */
#ifndef SNAPTUN_AGENDA_H
#define SNAPTUN_AGENDA_H

#include <linux/hrtimer.h>
#include <linux/timerqueue.h>
#include <linux/workqueue.h>

/**
 * struct snaptun_agenda - all that a device has to do, by time
 * @queue: the entries, the earliest first; the device's lock
 * @timer: fires at the earliest; its clock goes on while the machine sleeps
 * @work: does what is due
 */
struct snaptun_agenda {
	struct timerqueue_head queue;
	struct hrtimer timer;
	struct work_struct work;
};

/**
 * struct snaptun_appointment - one thing to do
 * @node: entry in the agenda while it is set; the device's lock
 * @due: does it; called under the device's lock, in process context
 */
struct snaptun_appointment {
	struct timerqueue_node node;
	void (*due)(struct snaptun_appointment *appointment);
};

void snaptun_agenda_init(struct snaptun_agenda *agenda);
void snaptun_agenda_stop(struct snaptun_agenda *agenda);
void snaptun_appointment_init(struct snaptun_appointment *appointment,
			      void (*due)(struct snaptun_appointment *appointment));
void snaptun_agenda_set(struct snaptun_agenda *agenda,
			struct snaptun_appointment *appointment, u64 at);

#endif
