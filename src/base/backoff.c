/* SPDX-License-Identifier: MIT */
/* src/base/backoff.c - the wait between two tries. */
#include <sockutil/base/backoff.h>

int64_t backoff_next(struct backoff *b, uint32_t random)
{
	int64_t jitter = b->delay_ms / 4 * (int64_t)(random % 1024) / 1024;
	int64_t wait = b->delay_ms - jitter;

	b->delay_ms = b->delay_ms > b->cap_ms / 2 ? b->cap_ms : b->delay_ms * 2;
	return wait < BACKOFF_FLOOR_MS ? BACKOFF_FLOOR_MS : wait;
}
