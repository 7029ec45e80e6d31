// SPDX-License-Identifier: GPL-2.0
/* What a device has to do at times that lie far apart: registrations and authorisations end. */

#include "agenda.h"

#include "compat.h"
#include "device.h"
#include "timers.h"

static enum hrtimer_restart ring(struct hrtimer *timer)
{
	struct snaptun_agenda *agenda =
		container_of(timer, struct snaptun_agenda, timer);

	queue_work(snaptun_workqueue, &agenda->work);
	return HRTIMER_NORESTART;
}

/* Have the timer fire at the earliest time. */
static void arm(struct snaptun_agenda *agenda)
{
	struct timerqueue_node *first = timerqueue_getnext(&agenda->queue);

	if (first)
		hrtimer_start(&agenda->timer, first->expires, HRTIMER_MODE_ABS);
	else
		hrtimer_try_to_cancel(&agenda->timer);
}

static void do_due(struct work_struct *work)
{
	struct snaptun_agenda *agenda =
		container_of(work, struct snaptun_agenda, work);
	struct snaptun_device *snap =
		container_of(agenda, struct snaptun_device, agenda);
	struct snaptun_appointment *appointment;
	struct timerqueue_node *first;

	mutex_lock(&snap->lock);
	while ((first = timerqueue_getnext(&agenda->queue)) &&
	       first->expires <= ktime_get_boottime()) {
		appointment = container_of(first, struct snaptun_appointment,
					   node);
		timerqueue_del(&agenda->queue, first);
		appointment->due(appointment);
		/* Many may end at once, and others wait for the lock, some with rtnl. */
		mutex_unlock(&snap->lock);
		cond_resched();
		mutex_lock(&snap->lock);
	}
	arm(agenda);
	mutex_unlock(&snap->lock);
}

/**
 * snaptun_agenda_init() - make a device's agenda, empty
 * @agenda: the agenda
 */
void snaptun_agenda_init(struct snaptun_agenda *agenda)
{
	timerqueue_init_head(&agenda->queue);
	snaptun_hrtimer_setup(&agenda->timer, ring, CLOCK_BOOTTIME,
			      HRTIMER_MODE_ABS);
	INIT_WORK(&agenda->work, do_due);
}

/**
 * snaptun_agenda_stop() - nothing is to be done any more
 * @agenda: the agenda, which is empty and stays so
 *
 * Context: process; the device's lock is not held.
 */
void snaptun_agenda_stop(struct snaptun_agenda *agenda)
{
	hrtimer_cancel(&agenda->timer);
	cancel_work_sync(&agenda->work);
}

/**
 * snaptun_appointment_init() - make something to be done, at no time yet
 * @appointment: the thing
 * @due: does it
 */
void snaptun_appointment_init(struct snaptun_appointment *appointment,
			      void (*due)(struct snaptun_appointment *appointment))
{
	timerqueue_init(&appointment->node);
	appointment->due = due;
}

/**
 * snaptun_agenda_set() - have something done at another time than before
 * @agenda: the device's agenda; the device's lock is held
 * @appointment: the thing
 * @at: nanoseconds on the clock of snaptun_now(), SNAPTUN_NEVER for never
 *
 * Context: process.
 */
void snaptun_agenda_set(struct snaptun_agenda *agenda,
			struct snaptun_appointment *appointment, u64 at)
{
	if (timerqueue_node_queued(&appointment->node))
		timerqueue_del(&agenda->queue, &appointment->node);
	if (at != SNAPTUN_NEVER) {
		appointment->node.expires = ns_to_ktime(at);
		timerqueue_add(&agenda->queue, &appointment->node);
	}
	arm(agenda);
}
