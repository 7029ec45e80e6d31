// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel's own cryptography costs on one CPU: loading this module takes a
 * second, and then its parameters are nanoseconds per operation. They are what no
 * tunnel can do without, and so the limit beside which tests/bench puts its figures.
 *
 * It measures in slices of some milliseconds with softirqs off, so that nothing of
 * the network's runs in between and no watchdog complains. The median slice counts.
 */

#include <crypto/chacha20poly1305.h>
#include <crypto/curve25519.h>
#include <linux/bottom_half.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>

#define SLICES		40
#define SLICE_NS	(4 * NSEC_PER_MSEC)
/* A packet as long as the MTU that tests/bench sets, and a short one. */
#define LONG_PACKET	1420
#define SHORT_PACKET	64

static unsigned int seal_1420;
module_param(seal_1420, uint, 0444);
MODULE_PARM_DESC(seal_1420, "sealing 1420 bytes, ns");

static unsigned int seal_64;
module_param(seal_64, uint, 0444);
MODULE_PARM_DESC(seal_64, "sealing 64 bytes, ns");

static unsigned int open_1420;
module_param(open_1420, uint, 0444);
MODULE_PARM_DESC(open_1420, "opening 1420 bytes, ns");

static unsigned int open_64;
module_param(open_64, uint, 0444);
MODULE_PARM_DESC(open_64, "opening 64 bytes, ns");

static unsigned int x25519;
module_param(x25519, uint, 0444);
MODULE_PARM_DESC(x25519, "one X25519, ns");

/* What the operations work on. */
struct bench {
	u8 key[CHACHA20POLY1305_KEY_SIZE];
	u8 plain[LONG_PACKET];
	u8 sealed[LONG_PACKET + CHACHA20POLY1305_AUTHTAG_SIZE];
	u8 sealed_short[SHORT_PACKET + CHACHA20POLY1305_AUTHTAG_SIZE];
	u8 secret[CURVE25519_KEY_SIZE];
	u8 public[CURVE25519_KEY_SIZE];
	u8 shared[CURVE25519_KEY_SIZE];
};

static bool seal_long(struct bench *b)
{
	chacha20poly1305_encrypt(b->sealed, b->plain, LONG_PACKET, NULL, 0, 1, b->key);
	return true;
}

static bool seal_short(struct bench *b)
{
	chacha20poly1305_encrypt(b->sealed_short, b->plain, SHORT_PACKET, NULL, 0, 1,
				 b->key);
	return true;
}

static bool open_long(struct bench *b)
{
	return chacha20poly1305_decrypt(b->plain, b->sealed, sizeof(b->sealed), NULL, 0,
					1, b->key);
}

static bool open_short(struct bench *b)
{
	return chacha20poly1305_decrypt(b->plain, b->sealed_short,
					sizeof(b->sealed_short), NULL, 0, 1, b->key);
}

static bool exchange(struct bench *b)
{
	return curve25519(b->shared, b->secret, b->public);
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/* The median slice's nanoseconds per operation. */
static int __init measure(bool (*operation)(struct bench *), struct bench *b,
			  unsigned int *price)
{
	u32 slices[SLICES];
	bool ok = true;
	int i;

	for (i = 0; i < SLICES && ok; i++) {
		u64 start, time;
		u32 n = 0;

		local_bh_disable();
		start = ktime_get_ns();
		do {
			ok = operation(b);
			n++;
			/* Reading the clock is dear where the machine is a process. */
			if (n % 8 == 0)
				time = ktime_get_ns() - start;
			else
				time = 0;
		} while (ok && time < SLICE_NS);
		local_bh_enable();
		slices[i] = div_u64(time, n);
		cond_resched();
	}
	if (!ok)
		return -EBADMSG;
	sort(slices, SLICES, sizeof(slices[0]), compare, NULL);
	*price = slices[SLICES / 2];
	return 0;
}

static int __init bench_prices_init(void)
{
	struct bench *b;
	int error;

	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	b->secret[0] = 8;
	b->secret[31] = 64;
	b->public[0] = 9;
	error = measure(seal_long, b, &seal_1420);
	error = error ?: measure(seal_short, b, &seal_64);
	error = error ?: measure(open_long, b, &open_1420);
	error = error ?: measure(open_short, b, &open_64);
	error = error ?: measure(exchange, b, &x25519);
	kfree(b);
	return error;
}

static void __exit bench_prices_exit(void)
{
}

module_init(bench_prices_init);
module_exit(bench_prices_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What the kernel's own cryptography costs");
