/* SPDX-License-Identifier: MIT */
#ifndef GET_FETCHING_H
#define GET_FETCHING_H
/* One segment with its owner, pool and loop, of a file that a server of the test has. */
#include "http_answering.h"

#include <stdbool.h>
#include <stdint.h>

#include <sockutil/get/segment.h>

/* Bytes of the file, and the range of it that is fetched unless a test says otherwise. */
enum {
	FETCHING_TOTAL = 100000,
	FETCHING_FIRST = 30000,
	FETCHING_LAST = 59999,
	FETCHING_LENGTH = FETCHING_LAST - FETCHING_FIRST + 1,
};

struct fetching {
	struct answering server; /* data: this */
	struct ev_loop *loop;
	struct stream_options options;
	struct http_pool *pool;
	struct http_request whole;
	struct validator validator; /* ETag "v1" */
	struct segment_request
		request; /* to be changed before the start; 3 tries, 50 ms apart (backoff.h) */
	struct segment *segment;
	bool free_inside; /* of done */
	unsigned done;
	struct failure why;
	char log[1000]; /* "REASON; WAIT" for each retrying */
	int fd;         /* the file written to, all zero */
};

void fetching_prepare(struct fetching *f, answering_function *answer);
void fetching_start(struct fetching *f);
/* Starts, and runs the loop until done was called. */
void fetching_run(struct fetching *f);
/* Frees all and holds that nothing else has the file open. */
void fetching_end(struct fetching *f);

/* The request's done unless a test puts another there. */
void fetching_done(void *data, struct segment *s, const struct failure *why);
/* Instead of it, for ten segments at once: frees each, none may fail. */
void fetching_one_done(void *data, struct segment *s, const struct failure *why);

/* From first on so many bytes are those of the file, all others still zero. */
void fetching_assert_bytes(int fd, uint64_t first, uint64_t length);
/* The whole range has come, and nothing else. */
void fetching_assert_all(struct fetching *f);
/* It ended so after so many requests. */
void fetching_assert_failed(struct fetching *f, enum failure_class class, const char *text,
			    unsigned requests);
/* The Range of a request, counted from 0. */
void fetching_assert_asked(struct fetching *f, unsigned request, const char *range);

/* --- for answers, in the server's threads --- */

bool fetching_send_bytes(int fd, uint64_t first, uint64_t length);
/* A 206 of the range that was asked for, with further field lines. */
bool fetching_send_head(const struct answering_request *r, const char *fields);
/* The same with its Content-Length and the first so many bytes; UINT64_MAX: all. */
bool fetching_send_range(const struct answering_request *r, uint64_t most);

/* What was asked for. */
answering_function fetching_answer;
/* 503 twice, then what was asked for. */
answering_function fetching_answer_busily;
/* A hundred bytes and silence, then what was asked for. */
answering_function fetching_answer_second;
#endif
