/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_HTTP1_SINK_H
#define SOCKUTIL_HTTP_HTTP1_SINK_H
/*
 * The body of an HTTP/1 request as a stream to write to, over the connection: by length, where the
 * bytes lie on the connection unchanged and may go past by sendfile(2), or in chunks (RFC 9112,
 * 7.1).
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/stream/stream.h>

struct http1_sink {
	struct stream stream; /* below: the connection's, borrowed: never stream_free() */
	bool chunked;
	bool finished;   /* the last chunk has been put into frame */
	uint64_t left;   /* of the length, or of the chunk begun */
	uint64_t length; /* as announced; not chunked */
	uint64_t taken;  /* bytes of body */
	char frame[24];  /* chunk framing that waits in front of what comes next */
	unsigned char frame_start, frame_end;
};

/* length in bytes, -1: chunked. */
void http1_sink_init(struct http1_sink *s, struct stream *below, int64_t length);

/* No more comes: sends the last chunk and flushes. FAILURE_INPUT when fewer bytes came than
 * announced. */
enum io http1_sink_finish(struct http1_sink *s, struct failure *why);
#endif
