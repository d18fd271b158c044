/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_HOST_CLOCK_H
#define SOCKUTIL_CHAT_HOST_CLOCK_H
/* What the host does with a member by time. Pure; times are clock_ms(), 0: there is none. */
#include <stdbool.h>
#include <stdint.h>

/* Zeroed but came_ms and heard_ms. */
struct chat_host_clock {
	int64_t came_ms;   /* the connection was open */
	int64_t heard_ms;  /* the last bytes of it, or taken by it */
	int64_t asked_ms;  /* a ping was sent, and nothing has come since */
	int64_t resume_ms; /* more may be read of it: it talked too fast */
	int64_t end_ms;    /* it is out, and has to have taken what it still gets */
};

/* Who it is, as far as time matters. */
enum chat_host_standing {
	CHAT_HOST_NAMELESS, /* at the door */
	CHAT_HOST_QUIET,    /* in, and need not answer */
	CHAT_HOST_ANSWERS,  /* in, and answers a ping */
	CHAT_HOST_LEAVING,  /* out, and gets the rest */
};

enum chat_host_due {
	CHAT_HOST_DUE_NOTHING,
	CHAT_HOST_DUE_END,
	CHAT_HOST_DUE_NICK,   /* no nick came in time */
	CHAT_HOST_DUE_RESUME, /* reading may go on */
	CHAT_HOST_DUE_PING,
	CHAT_HOST_DUE_SILENT, /* no answer came */
};

/* What is due now; NOTHING: *wait_ms (>= 1) is how long it takes until something may be, 0:
 * nothing ever by time alone. */
enum chat_host_due chat_host_clock_due(const struct chat_host_clock *clock,
				       enum chat_host_standing standing, int64_t now_ms,
				       int64_t *wait_ms);
/* Bytes have come. */
static inline void chat_host_clock_heard(struct chat_host_clock *clock, int64_t now_ms)
{
	clock->heard_ms = now_ms;
	clock->asked_ms = 0;
}
#endif
