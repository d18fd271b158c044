/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_EXCHANGE_H
#define SOCKUTIL_HTTP_EXCHANGE_H
/*
 * One request and its response on a connection, HTTP/1 or HTTP/2. The request is sent by itself;
 * what comes is told by calls: interim heads, the head, that the body can be read. The body is
 * pulled, so that whoever writes it out sets the pace.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/http_head.h>
#include <sockutil/stream/stream.h>

/* Both valid by http_head.h; checked again before they are written (FAILURE_USAGE). */
struct http_header {
	const char *name, *value;
};

/* Borrowed until the exchange is freed. Content-Length, Transfer-Encoding, Expect and Connection
 * are the exchange's own and must not be among the headers; Host is the authority. */
struct http_request {
	const char *method;    /* token, upper case matters */
	const char *scheme;    /* "http", "https" */
	const char *authority; /* Host field */
	const char *target;    /* origin form; absolute form to a proxy over HTTP/1 */
	const struct http_header *headers;
	size_t header_count;
	struct stream *body;  /* NULL: none; read to its end */
	int64_t body_length;  /* bytes; -1: not known, sent chunked */
	bool expect_continue; /* wait for 100 (a second at most) before the body */
	bool version_1_0;     /* HTTP/1.0: no chunks, no persistence */
	bool close;           /* nothing follows on this connection */
};

struct http_exchange;

/* All from the loop, never before the start returned, but trace: that may come at any time. Each
 * but trace may free the exchange. */
struct http_exchange_events {
	/* An interim response (1xx) but 101; may be NULL. */
	void (*interim)(void *data, const struct http_head *head);
	/* The head; valid during the call, until the body is read or the exchange freed. From here
	 * on the body can be read. */
	void (*head)(void *data, const struct http_head *head, const struct http_framing *framing);
	/* What http_exchange_wait() asked for: reading may get further. */
	void (*readable)(void *data);
	/* Before the head came. Later failures are what http_exchange_read() says. The whole
	 * response may still come although sending our body failed: then nothing is said. */
	void (*failed)(void *data, const struct failure *why);
	/* Request bytes as they are written, response bytes as they came, for --trace; may be
	 * NULL. sent: ours. Heads come whole in their HTTP/1 form, bodies as a count alone
	 * (bytes NULL). */
	void (*trace)(void *data, bool sent, const char *bytes, size_t length);
	void *data;
};

/* Filled as it goes; clock_us(), -1: not yet. */
struct http_exchange_report {
	int64_t started_us, sent_us, first_byte_us, ended_us;
	uint64_t request_bytes;  /* of the body, written out */
	uint64_t response_bytes; /* of the body as transferred, before content decoding */
	bool any_response;       /* a byte of a response has come */
	bool complete;           /* the response has been read to its end */
};

/* A NULL member: as said. */
struct http_exchange_ops {
	enum io (*read)(struct http_exchange *x, void *buf, size_t len, size_t *nread,
			struct failure *why);
	/* As in stream.h; NULL: -1. */
	int (*raw_fd)(const struct http_exchange *x);
	uint64_t (*raw_most)(const struct http_exchange *x);
	void (*moved)(struct http_exchange *x, size_t count);
	void (*wait)(struct http_exchange *x);
	void (*free)(struct http_exchange *x);
};

struct http_exchange {
	const struct http_exchange_ops *ops;
	const struct http_request *request;
	struct stream *carrier; /* whose bytes the body's are: HTTP/1's connection; else NULL */
	struct http_exchange_events events;
	struct http_exchange_report report;
};

/* Up to len bytes of the body, after the head. IO_END: all of it came. IO_FAILED: FAILURE_TRUNCATED
 * (cut short), FAILURE_PROTOCOL, FAILURE_RECEIVE. */
enum io http_exchange_read(struct http_exchange *x, void *buf, size_t len, size_t *nread,
			   struct failure *why);
/* Calls events.readable once, when http_exchange_read() may get further. */
void http_exchange_wait(struct http_exchange *x);
/* A response read to its end leaves the connection usable; anything else closes it (HTTP/1) or
 * resets its stream (HTTP/2). NULL is fine. */
void http_exchange_free(struct http_exchange *x);

/* The body as a stream of its own, for a pump: reading only; raw_fd where bytes lie unchanged on
 * the connection, whose layers then lie below it. It borrows all of them: never stream_free() it.
 * Callers that get IO_AGAIN use http_exchange_wait(). */
struct http_body_stream {
	struct stream stream;
	struct http_exchange *exchange;
};
void http_body_stream_init(struct http_body_stream *s, struct http_exchange *x);
#endif
