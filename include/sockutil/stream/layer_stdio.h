/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_STDIO_H
#define SOCKUTIL_STREAM_LAYER_STDIO_H
/*
 * Two descriptors of any kind as one stream: standard input and output, --input and --output
 * files. Inherited descriptors are served as they are and their flags never change, not even
 * while running:
 *   pipe, FIFO, tty   by an own non-blocking open of /proc/self/fd/N where that works; otherwise
 *                     one read after poll, at most PIPE_BUF written after poll
 *   socket            MSG_DONTWAIT
 *   regular file, /dev/null and the like   always ready
 * A descriptor that already is non-blocking is used as it is.
 *
 * Failures: reading FAILURE_INPUT; writing FAILURE_OUTPUT, but EPIPE FAILURE_READER_GONE. end
 * closes the output and reports what close(2) says (the descriptor number is not closed but
 * replaced by /dev/null when it is 1, so that no other file gets it).
 */
#include <sockutil/stream/stream.h>

/* -1 for a side that does not exist (reading gives IO_END, writing is a programming error).
 * Takes over descriptors above 2. names are for messages ("standard input", a file name);
 * borrowed. */
struct stream *layer_stdio_new(int input, int output, const char *input_name,
			       const char *output_name);

/* What a side is, for the relay's choice of a pump. */
enum stdio_kind {
	STDIO_NONE,
	STDIO_REGULAR,
	STDIO_PIPE,
	STDIO_TERMINAL,
	STDIO_SOCKET,
	STDIO_NULL,
	STDIO_OTHER
};
/* s: a stack; STDIO_NONE when its bottom is no stdio layer. */
enum stdio_kind layer_stdio_kind(const struct stream *s, enum stream_side side);

/* An errno of splice or sendfile on this stack's descriptor in this layer's words: IO_AGAIN for
 * EAGAIN and EINTR, otherwise fills why. */
enum io layer_stdio_failed(struct stream *stack, enum stream_side side, int error,
			   struct failure *why);
#endif
