/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_LIMITS_H
#define SOCKUTIL_SERVE_LIMITS_H
/*
 * How many connections at once, from one address, and a second: counted over all workers in one
 * anonymous shared mapping. Each worker writes only its own part, so that one that dies can be
 * taken out of the sums.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>

struct limits;

struct limits_options {
	unsigned workers;     /* >= 1 */
	uint64_t max;         /* connections at once, >= 1 */
	uint64_t per_address; /* of one IP address at once; 0: no limit */
	uint64_t rate;        /* new connections in a second, a burst at most; 0: no limit */
};

enum limits_verdict { LIMITS_ADMITTED, LIMITS_PER_ADDRESS, LIMITS_RATE };

/* Before fork. NULL with FAILURE_OTHER when memory is short. */
struct limits *limits_new(const struct limits_options *options, struct failure *why);

/* One connection more for this worker; false: all places are taken. */
bool limits_reserve(struct limits *limits, unsigned worker);
/* Gives a reserved place back. */
void limits_release(struct limits *limits, unsigned worker);

/* Counts a connection from peer, or says what stands against it (then nothing is counted). now_us:
 * clock_us(). */
enum limits_verdict limits_admit(struct limits *limits, unsigned worker, const struct address *peer,
				 int64_t now_us);
/* The end of an admitted one. */
void limits_leave(struct limits *limits, unsigned worker, const struct address *peer);

/* That worker is no more: its places and addresses are free again. */
void limits_forget(struct limits *limits, unsigned worker);

void limits_free(struct limits *limits);

/* "20/s" or "20": connections a second, 1 to 1000000. FAILURE_USAGE. */
bool limits_parse_rate(const char *text, uint64_t *rate, struct failure *why);
#endif
