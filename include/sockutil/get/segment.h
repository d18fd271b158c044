/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_SEGMENT_H
#define SOCKUTIL_GET_SEGMENT_H
/*
 * A range of a file fetched on its own, beside others (--segments): asks for it with If-Range,
 * holds the answer to what was asked (206, the same range, total and validator), writes it at its
 * place and goes on where it was when a try fails.
 */
#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/get/output.h>
#include <sockutil/http/exchange.h>
#include <sockutil/http/pool.h>

struct segment;

/* Copied; what it points to is borrowed until segment_free. */
struct segment_request {
	struct ev_loop *loop;
	struct http_pool *pool;
	const struct http_origin *origin;
	const struct http_request *request; /* as the whole was asked for; Range and If-Range are
					     * added here */
	const struct validator *validator;  /* with a strong etag or a last_modified, and total */
	uint64_t first, last;               /* inclusive */
	int fd; /* regular file, open for writing; its position is neither used nor changed */
	int64_t tries; /* how many in a row may fail, counted anew from each that brought bytes; at
			* least 1: the first failure is final */
	int64_t delay_ms; /* before the first other try (0: 1 s), doubling up to a minute */
	int64_t idle_ms;  /* 0: none */
	/* Once, from the loop; the segment can be freed inside it. FAILURE_NONE: all of it is
	 * written. FAILURE_RESUME: the server has another representation now, or does not do
	 * ranges after all. Otherwise what the last try met: FAILURE_OUTPUT, FAILURE_HTTP_STATUS,
	 * FAILURE_TIMEOUT, FAILURE_PROTOCOL, what opening a connection says … */
	void (*done)(void *data, struct segment *s, const struct failure *why);
	/* As those of a transfer; NULL: not wanted. The segment must not be freed inside them. */
	void (*attempt_failed)(void *data, const char *address, const char *reason);
	void (*retrying)(void *data, const struct failure *why, int64_t wait_ms);
	void (*trace)(void *data, bool sent, const char *bytes, size_t length);
	void *data;
};

/* Never NULL. */
struct segment *segment_start(const struct segment_request *request);
/* Bytes in place, from first on; also after done. */
uint64_t segment_written(const struct segment *s);
/* At any time; done is not called. NULL is fine. */
void segment_free(struct segment *s);

/* How a body of total bytes is cut into at most count pieces of at least 1 MiB each, the first one
 * bytes 0 to *first_length - 1. Returns how many pieces come out, at least 1; piece i is i *
 * *first_length up to the next one or, a little longer, the end. */
unsigned segment_cut(uint64_t total, unsigned count, uint64_t *first_length);
#endif
