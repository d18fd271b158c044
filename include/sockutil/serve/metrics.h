/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_METRICS_H
#define SOCKUTIL_SERVE_METRICS_H
/*
 * --metrics: the counters of all workers, told over HTTP to whoever asks (GET /metrics), as
 * OpenMetrics 1.0 text (https://openmetrics.io). Any worker can answer. Its connections are not
 * sessions: they count in no limit, and there are never more than METRICS_READERS in a process.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>
#include <sockutil/net/listen.h>

struct server;
struct server_totals;
struct metrics;

enum { METRICS_READERS = 16, METRICS_BACKLOG = 16 };

/* Serves on listeners (borrowed) in the server's loop. NULL when there are none. */
struct metrics *metrics_new(struct server *server, const struct listener *listeners, size_t count);
/* Drops its connections. NULL is fine. */
void metrics_free(struct metrics *metrics);

/* The text itself; started: seconds since 1970. False when memory is short. */
bool metrics_text(struct buffer *out, const struct server_totals *totals, unsigned workers,
		  double started);
#endif
