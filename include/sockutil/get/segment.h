/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_SEGMENT_H
#define SOCKUTIL_GET_SEGMENT_H
/*
 * A range of a file fetched on its own, beside others (--segments): asks for it with If-Range,
 * holds the answer to what was asked (206, the same range, total and validator), writes it at its
 * place and goes on where it was when a try fails.
 */
#include <ev.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/get/output.h>
#include <sockutil/http/exchange.h>
#include <sockutil/http/pool.h>

struct segment;

/* Borrowed until segment_free. */
struct segment_request {
	struct ev_loop *loop;
	struct http_pool *pool;
	const struct http_origin *origin;
	const struct http_request *request; /* as the whole was asked for; Range and If-Range are
					     * added here */
	const struct validator *validator;  /* with a strong etag or a last_modified, and total */
	uint64_t first, last;               /* inclusive */
	int fd;          /* regular file, written by pwrite(2) or splice(2) at an offset */
	int64_t tries;   /* in a row without a byte, at least 1 */
	int64_t idle_ms; /* 0: none */
	/* Once, from the loop. FAILURE_RESUME: the server has another representation now, or
	 * does not do ranges after all; FAILURE_NONE: all of it is written. */
	void (*done)(void *data, struct segment *s, const struct failure *why);
	void *data;
};

struct segment *segment_start(const struct segment_request *request);
/* Bytes in place, from first on. */
uint64_t segment_written(const struct segment *s);
void segment_free(struct segment *s);

/* How a body of total bytes is cut into at most count pieces of at least 1 MiB each, the first one
 * bytes 0 to *first_length - 1. Returns how many pieces come out; piece i is i * *first_length up
 * to the next one or the end. */
unsigned segment_cut(uint64_t total, unsigned count, uint64_t *first_length);
#endif
