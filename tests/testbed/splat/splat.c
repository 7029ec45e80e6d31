// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the one mistake that its parameter names, so that a test can see the
 * testbed report it.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static char *kind = "";
module_param(kind, charp, 0);
MODULE_PARM_DESC(kind, "warn, wild, inversion, sleep, use-after-free or leak");

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void write_to_nowhere(void)
{
	int *nowhere = NULL;

	/* The compiler would make something else of what it sees. */
	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, 1);
}

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
	mutex_lock(&first);
	mutex_unlock(&first);
	spin_unlock(&lock);
}

static void use_after_free(void)
{
	char *memory = kzalloc(64, GFP_KERNEL);

	kfree(memory);
	OPTIMIZER_HIDE_VAR(memory);
	if (memory)
		READ_ONCE(memory[7]);
}

/*
 * Nobody keeps the pointers, and the compiler must not leave the calls out. There
 * are several: what is left of one's address on some stack hides that one.
 */
static void leak(void)
{
	unsigned int i;
	void *memory;

	for (i = 0; i < 16; i++) {
		memory = kzalloc(12345, GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(memory);
	}
}

static int __init splat_init(void)
{
	if (!strcmp(kind, "warn"))
		WARN(1, "on purpose\n");
	else if (!strcmp(kind, "wild"))
		write_to_nowhere();
	else if (!strcmp(kind, "inversion"))
		invert_locks();
	else if (!strcmp(kind, "sleep"))
		sleep_under_spinlock();
	else if (!strcmp(kind, "use-after-free"))
		use_after_free();
	else if (!strcmp(kind, "leak"))
		leak();
	else
		return -EINVAL;
	/* No module stays, so that the next mistake can follow. */
	return -ECANCELED;
}
module_init(splat_init);

MODULE_DESCRIPTION("Mistakes on purpose");
MODULE_LICENSE("GPL");
