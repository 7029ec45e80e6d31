// SPDX-License-Identifier: GPL-2.0-or-later
/* The event loop: order of timers, timers and watches that go while others fire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop.h"

struct scene {
	struct loop *loop;
	struct loop_timer timers[4];
	struct loop_watch watch[2];
	int pipe[2];
	int order[8];
	int fired;
};

static int begin(void **state)
{
	static struct scene scene;

	scene = (struct scene){ .fired = 0 };
	assert_int_equal(loop_new(&scene.loop), STATUS_OK);
	assert_int_equal(pipe(scene.pipe), 0);
	*state = &scene;
	return 0;
}

static int end(void **state)
{
	struct scene *scene = *state;

	loop_free(scene->loop);
	close(scene->pipe[0]);
	close(scene->pipe[1]);
	return 0;
}

static void note(struct loop_timer *timer)
{
	struct scene *scene = timer->data;

	scene->order[scene->fired++] = (int)(timer - scene->timers);
}

static void stop(struct loop_timer *timer)
{
	note(timer);
	loop_stop(((struct scene *)timer->data)->loop);
}

static void cancel_second(struct loop_timer *timer)
{
	struct scene *scene = timer->data;

	note(timer);
	loop_timer_cancel(scene->loop, &scene->timers[1]);
}

static void use(struct scene *scene, int i, void (*fire)(struct loop_timer *),
		uint64_t delay)
{
	scene->timers[i].fire = fire;
	scene->timers[i].data = scene;
	loop_timer_set(scene->loop, &scene->timers[i], delay);
}

static void timers_fire_in_the_order_of_their_times(void **state)
{
	struct scene *scene = *state;

	use(scene, 0, stop, 30);
	use(scene, 1, note, 20);
	use(scene, 2, note, 10);
	use(scene, 3, note, 40);
	assert_int_equal(loop_run(scene->loop), STATUS_OK);
	assert_int_equal(scene->fired, 3);
	assert_int_equal(scene->order[0], 2);
	assert_int_equal(scene->order[1], 1);
	assert_int_equal(scene->order[2], 0);
	assert_true(loop_timer_is_set(scene->loop, &scene->timers[3]));
	assert_false(loop_timer_is_set(scene->loop, &scene->timers[0]));
}

static void timer_that_another_cancels_does_not_fire(void **state)
{
	struct scene *scene = *state;

	use(scene, 0, cancel_second, 5);
	use(scene, 1, note, 5);
	use(scene, 2, stop, 10);
	assert_int_equal(loop_run(scene->loop), STATUS_OK);
	assert_int_equal(scene->fired, 2);
	assert_int_equal(scene->order[1], 2);
}

static void timer_that_is_set_anew_fires_once(void **state)
{
	struct scene *scene = *state;

	use(scene, 0, note, 1);
	use(scene, 0, note, 10);
	use(scene, 1, stop, 20);
	assert_int_equal(loop_run(scene->loop), STATUS_OK);
	assert_int_equal(scene->fired, 2);
}

static void take_and_remove_both(struct loop_watch *watch)
{
	struct scene *scene = watch->data;

	scene->fired++;
	loop_unwatch(scene->loop, &scene->watch[0]);
	loop_unwatch(scene->loop, &scene->watch[1]);
}

static void watch_that_another_removes_is_not_called(void **state)
{
	struct scene *scene = *state;

	for (int i = 0; i < 2; i++) {
		scene->watch[i].fd = scene->pipe[0];
		scene->watch[i].ready = take_and_remove_both;
		scene->watch[i].data = scene;
		loop_watch(scene->loop, &scene->watch[i]);
	}
	assert_int_equal(write(scene->pipe[1], "x", 1), 1);
	use(scene, 0, stop, 20);
	assert_int_equal(loop_run(scene->loop), STATUS_OK);
	assert_int_equal(scene->fired, 2);
	assert_int_equal(scene->order[1], 0);
}

static void stop_before_it_runs_is_not_lost(void **state)
{
	struct scene *scene = *state;

	use(scene, 0, stop, 20);
	loop_stop(scene->loop);
	assert_int_equal(loop_run(scene->loop), STATUS_OK);
	assert_int_equal(scene->fired, 0);
	assert_int_equal(loop_run(scene->loop), STATUS_OK);
	assert_int_equal(scene->fired, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(timers_fire_in_the_order_of_their_times, begin, end),
		cmocka_unit_test_setup_teardown(timer_that_another_cancels_does_not_fire, begin, end),
		cmocka_unit_test_setup_teardown(timer_that_is_set_anew_fires_once, begin, end),
		cmocka_unit_test_setup_teardown(stop_before_it_runs_is_not_lost, begin, end),
		cmocka_unit_test_setup_teardown(watch_that_another_removes_is_not_called, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
