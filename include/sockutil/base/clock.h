/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_CLOCK_H
#define SOCKUTIL_BASE_CLOCK_H
#include <stddef.h>
#include <stdint.h>

/* CLOCK_MONOTONIC: for intervals and deadlines; setting the time of day does not disturb it. */
int64_t clock_ms(void);
int64_t clock_us(void);

/* "Sat Nov 21 09:00:00 2026": local time as ctime(3) writes it, without its newline (25 bytes with
 * NUL). */
const char *clock_ctime(char out[static 25]);

/* "2026-11-21T09:00:00.123Z" (25 bytes with NUL). */
const char *clock_iso8601(char out[static 25]);
#endif
