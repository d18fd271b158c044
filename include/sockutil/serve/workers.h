/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_WORKERS_H
#define SOCKUTIL_SERVE_WORKERS_H
/*
 * Several processes, looked after by the first one. It passes SIGTERM, SIGINT and SIGHUP on as
 * bytes over a pipe to each worker (which ignores those signals itself, because a terminal sends
 * them to all at once), and starts a worker that died again, after a pause that doubles.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>

enum { WORKERS_MAX = 64 };

struct workers_options {
	unsigned count; /* >= 2 */
	/* Runs in the child; control: descriptor to read signal numbers from, its end means that
	 * the first process is gone. Its result is the child's exit status: 0 when drained. */
	int (*run)(void *data, unsigned worker, int control);
	/* In the first process: that worker is no more. */
	void (*ended)(void *data, unsigned worker);
	/* Once, when all have been started; false ends the workers, why is passed up. */
	bool (*started)(void *data, struct failure *why);
	/* In the first process, at each signal that ends them. */
	void (*ending)(void *data);
	int64_t max_ms; /* then they end as at SIGTERM; 0: never */
	bool reloads;   /* SIGHUP is one to pass on, not one to end by */
	void *data;
};

struct workers_result {
	int signal;   /* that ended them, 0 when time was up */
	bool drained; /* every worker ended with 0 */
};

/* Returns when all have ended; they do so only by a signal or when time is up. False: fork failed,
 * or started said no. */
bool workers_supervise(const struct workers_options *options, struct workers_result *result,
		       struct failure *why);

/* Processors at work, for --workers auto: 1 to 64. */
unsigned workers_auto(void);
#endif
