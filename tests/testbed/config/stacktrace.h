/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For UML's arch/um/kernel/stacktrace.c, where there are checkers (kernels uml-debug and
 * uml-debug-smp): they note the stack at each allocation and more. UML asks of every word
 * on it whether it is an address of code. To see that it is none of a module takes a lock
 * that lockdep follows, which used to be two thirds of the time of these kernels. Most
 * words are nowhere near a module.
 */
#include <linux/kernel.h>
#include <linux/mm.h>

static inline int near_kernel_text_address(unsigned long addr)
{
	return core_kernel_text(addr) ||
	       (addr >= MODULES_VADDR && addr < MODULES_END && __kernel_text_address(addr));
}

#define __kernel_text_address near_kernel_text_address
