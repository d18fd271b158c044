/* SPDX-License-Identifier: MIT */
/* src/chat/flood.c - how fast a member may talk: a bucket that fills by time. */
#include <sockutil/chat/flood.h>

enum {
	LINE_MS = 1000 / CHAT_FLOOD_RATE, /* in which one more line may be said */
	BURST_MS = CHAT_FLOOD_BURST * LINE_MS,
	HALF_MS = BURST_MS / 2,
};

/* Until the bucket is full again; 0: it is. */
static int64_t missing(const struct chat_flood *flood, int64_t now_ms)
{
	return flood->full_ms > now_ms ? flood->full_ms - now_ms : 0;
}

int64_t chat_flood_take(struct chat_flood *flood, int64_t now_ms)
{
	const int64_t used = missing(flood, now_ms);

	if (used <= HALF_MS)
		flood->held_ms = 0;
	if (used + LINE_MS <= BURST_MS) {
		flood->full_ms = now_ms + used + LINE_MS;
		return 0;
	}
	if (!flood->held_ms)
		flood->held_ms = now_ms ? now_ms : 1; /* 0 says that it was not held */
	return used + LINE_MS - BURST_MS;
}

bool chat_flood_over(const struct chat_flood *flood, int64_t now_ms)
{
	return flood->held_ms && missing(flood, now_ms) > HALF_MS &&
	       now_ms - flood->held_ms >= CHAT_FLOOD_CUT_MS;
}
