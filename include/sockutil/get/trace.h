/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_TRACE_H
#define SOCKUTIL_GET_TRACE_H
/*
 * --trace: what is said both ways, for people. Lines of requests behind "> ", of responses behind
 * "< ", bodies as their size alone, "} 4096 bytes" sent and "{ 4096 bytes" received. Where several
 * transfers share a trace each line starts with its transfer's number, "[2] < HTTP/1.1 200 OK".
 *
 * Values of Authorization, Proxy-Authorization, Cookie and Set-Cookie are shown as ***; control
 * characters and what could forge a line as log_mask() shows them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>

/* One transfer's part of it. Zeroed at its start, number set. */
struct trace_source {
	unsigned number; /* 0: lines start without one */
	/* Body bytes not told yet: pieces that follow one another are one line. */
	uint64_t sent, received;
};

/* The text alone, appended: as http/exchange.h tells it. False when memory is short. */
bool trace_format(struct buffer *out, struct trace_source *source, bool sent, const char *bytes,
		  size_t length);
/* What is still to be told, at the end of a transfer. */
bool trace_format_end(struct buffer *out, struct trace_source *source);

struct trace;
/* The file is made anew, 0600; "-" is standard output. NULL: FAILURE_OUTPUT. */
struct trace *trace_open(const char *file, struct failure *why);
/* Written at once. FAILURE_OUTPUT; FAILURE_READER_GONE where that was the reader of a pipe on
 * standard output. */
bool trace_add(struct trace *t, struct trace_source *source, bool sent, const char *bytes,
	       size_t length, struct failure *why);
bool trace_end(struct trace *t, struct trace_source *source, struct failure *why);
/* NULL is fine. FAILURE_OUTPUT. */
bool trace_close(struct trace *t, struct failure *why);
#endif
