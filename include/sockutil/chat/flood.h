/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_FLOOD_H
#define SOCKUTIL_CHAT_FLOOD_H
/*
 * How fast a member may talk: CHAT_FLOOD_BURST lines at once, CHAT_FLOOD_RATE a second in the long
 * run. Pure; times are clock_ms().
 */
#include <stdbool.h>
#include <stdint.h>

enum { CHAT_FLOOD_BURST = 20, CHAT_FLOOD_RATE = 5, CHAT_FLOOD_CUT_MS = 10000 };

/* Zeroed is valid: nothing was said yet. */
struct chat_flood {
	int64_t full_ms; /* when the bucket will be full again */
	int64_t held_ms; /* since when it has been empty again and again; 0: it has not */
};

/* 0: one line may be taken now, and is counted. Otherwise milliseconds until one may. */
int64_t chat_flood_take(struct chat_flood *flood, int64_t now_ms);
/* To be asked when a line had to wait: whether it has been too much for CHAT_FLOOD_CUT_MS without a
 * pause: held up again and again, and never half of the burst free. */
bool chat_flood_over(const struct chat_flood *flood, int64_t now_ms);
#endif
