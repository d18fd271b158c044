/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_CONNECTION_H
#define SOCKUTIL_HTTP_CONNECTION_H
/*
 * An open connection that carries exchanges: one at a time (HTTP/1) or many at once (HTTP/2).
 */
#include <ev.h>
#include <stdbool.h>

#include <sockutil/base/failure.h>
#include <sockutil/http/exchange.h>
#include <sockutil/stream/open.h>
#include <sockutil/stream/stream.h>

struct http_connection;

struct http_connection_ops {
	/* How many more exchanges it takes right now; 0 for good once it is broken or said that it
	 * closes. */
	unsigned (*room)(const struct http_connection *c);
	/* Cannot fail at once: what is wrong is told by events.failed. */
	struct http_exchange *(*start)(struct http_connection *c,
				       const struct http_request *request,
				       const struct http_exchange_events *events);
	/* Nothing under way: closing it disturbs nobody. */
	bool (*idle)(const struct http_connection *c);
	/* Nothing under way and never will be again: the owner frees it. */
	bool (*finished)(const struct http_connection *c);
	void (*free)(struct http_connection *c);
};

struct http_connection {
	const struct http_connection_ops *ops;
	struct ev_loop *loop;
	struct stream *stream;       /* owned */
	struct stream_report report; /* of its opening */
	unsigned served;             /* exchanges ended in order: 0 means it was not reused yet */
	/* Room may have come, or it has finished: the pool looks again. */
	void (*changed)(void *data, struct http_connection *c);
	void *data;
};

/* HTTP/1 over an open stream, which becomes the connection's. Never NULL. */
struct http_connection *http1_connection_new(struct ev_loop *loop, struct stream *stream,
					     const struct stream_report *report);

/* HTTP/2 by libnghttp2, loaded on first use. A request's expect_continue and version_1_0 mean
 * nothing here: a server that does not want a body resets its stream. Fields that only an HTTP/1
 * connection knows (RFC 9113, 8.2.2) are left out. A body without a Content-Length is told as
 * HTTP_BODY_CHUNKED, since its end is told too. NULL: FAILURE_USAGE (the library is missing),
 * FAILURE_OTHER; the stream stays the caller's then. */
bool http2_available(struct failure *why);
struct http_connection *http2_connection_new(struct ev_loop *loop, struct stream *stream,
					     const struct stream_report *report,
					     struct failure *why);

void http_connection_free(struct http_connection *c);
#endif
