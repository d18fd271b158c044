/* SPDX-License-Identifier: MIT */
/* src/relay/kernel_portable.c - where POSIX is all there is: every byte is copied. */
#include <sockutil/relay/kernel.h>

bool kernel_fits(struct kernel_pump *k, int from, int to)
{
	k->from = from;
	k->to = to;
	return false;
}

enum io kernel_step(struct kernel_pump *k, uint64_t most, struct kernel_step *step)
{
	(void)most;
	*step = (struct kernel_step){ 0 };
	k->refused = true;
	return IO_AGAIN;
}

size_t kernel_rescue(struct kernel_pump *k, void *bytes, size_t size)
{
	(void)k;
	(void)bytes;
	(void)size;
	return 0;
}

void kernel_rest(struct kernel_pump *k)
{
	(void)k;
}

void kernel_close(struct kernel_pump *k)
{
	(void)k;
}
