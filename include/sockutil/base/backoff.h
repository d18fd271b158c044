/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_BACKOFF_H
#define SOCKUTIL_BASE_BACKOFF_H
/* How long to wait before the next try: doubling, with jitter, between a floor and a cap. */
#include <stdint.h>

struct backoff {
	int64_t delay_ms; /* of the next wait, before jitter */
	int64_t cap_ms;
};

enum { BACKOFF_FLOOR_MS = 50 };

/* Milliseconds to wait now: delay_ms less up to a quarter of it (random: any 32 bits), never under
 * the floor; doubles delay_ms up to cap_ms. */
int64_t backoff_next(struct backoff *b, uint32_t random);
#endif
