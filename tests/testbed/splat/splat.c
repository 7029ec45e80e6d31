// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the one mistake that its parameter names, so that a test can see the
 * testbed report it.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *kind = "";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "warn, bug, inversion, sleep, use-after-free, leak or stay");

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

/* Both orders, one after the other: lockdep needs no deadlock to see one. */
static void invert_locks(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);
	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void sleep_under_spinlock(void)
{
	spin_lock(&lock);
	usleep_range(1, 2);
	spin_unlock(&lock);
}

static void use_after_free(void)
{
	volatile char *memory = kzalloc(64, GFP_KERNEL);

	kfree((void *)memory);
	if (memory)
		(void)memory[7];
}

/* The barrier keeps the compiler from leaving out what nobody uses. */
static void leak(void)
{
	void *memory = kzalloc(12345, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(memory);
}

static int __init splat_init(void)
{
	if (!strcmp(kind, "warn"))
		WARN(1, "on purpose\n");
	else if (!strcmp(kind, "bug"))
		BUG();
	else if (!strcmp(kind, "inversion"))
		invert_locks();
	else if (!strcmp(kind, "sleep"))
		sleep_under_spinlock();
	else if (!strcmp(kind, "use-after-free"))
		use_after_free();
	else if (!strcmp(kind, "leak"))
		leak();
	else if (strcmp(kind, "stay"))
		return -EINVAL;
	return strcmp(kind, "stay") ? -ECANCELED : 0;
}
module_init(splat_init);

static void __exit splat_exit(void)
{
}
module_exit(splat_exit);

MODULE_DESCRIPTION("Mistakes on purpose");
MODULE_LICENSE("GPL");
