/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_SEGMENT_PARTS_H
#define SOCKUTIL_GET_SEGMENT_PARTS_H
/* What the files of a segment share. For them alone. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/get/output.h>
#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/http_head.h>
#include <sockutil/stream/stream.h>

/* --- segment_answer.c: what a response's head is worth ---------------------------------------- */

enum segment_verdict {
	SEGMENT_TAKE,    /* its body is what was asked for */
	SEGMENT_AGAIN,   /* the server is busy: another try may do */
	SEGMENT_GIVE_UP, /* another try would get the same */
};

/* How long a server may ask us to wait; more is a refusal. */
enum { SEGMENT_WAIT_MOST_MS = 10 * 60 * 1000 };

struct segment_answer {
	enum segment_verdict verdict;
	int64_t wait_ms;    /* SEGMENT_AGAIN: what Retry-After says; -1: nothing */
	struct failure why; /* unless it is taken */
};

/*
 * The answer to a request for the bytes first to last (inclusive) of the representation that
 * validator tells. FAILURE_RESUME: the server has another one now or gives no such range;
 * FAILURE_HTTP_STATUS: 4xx and 5xx, of which 408 429 500 502 503 504 are worth another try;
 * FAILURE_PROTOCOL: the body is announced longer than the range. now: seconds since 1970.
 */
void segment_judge(struct segment_answer *out, const struct http_head *head,
		   const struct http_framing *framing, const struct validator *validator,
		   uint64_t first, uint64_t last, int64_t now);

/* --- segment_sink.c: a place in a file, as a stream to write to --------------------------------
 */

/*
 * Bytes go to fd at offset, left of them at most: one more is FAILURE_PROTOCOL. Where the system
 * opens the file anew the kernel can write there itself (splice(2)); the position of fd is never
 * used.
 *
 * Invariant: own, when there is one, is positioned at offset.
 */
struct segment_sink {
	struct stream stream; /* the only layer; nothing to free with stream_free() */
	int fd, own;          /* own: -1 none */
	uint64_t offset, left;
};

void segment_sink_init(struct segment_sink *sink, int fd, uint64_t offset, uint64_t left);
void segment_sink_close(struct segment_sink *sink);
#endif
