/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_SERVICE_H
#define SOCKUTIL_HTTP_SERVICE_H
/*
 * The server's side of HTTP on one accepted connection, whatever version it speaks: HTTP/1.0 and
 * 1.1 (http/service1.h), or HTTP/2 (http/service2.h) where ALPN chose it, or where a client without
 * TLS starts with it.
 *
 * Whoever owns the stream drives it: http_service_run() reads, tells of requests by events, writes
 * answers, and says what to wait for. Nothing here knows an event loop, a session or a file's name;
 * time is looked at when somebody calls (deadline_ms).
 *
 * A request is told once (events.request), then its body in pieces (events.body, events.received),
 * and is answered once, at any time from events.request on, by http_service_answer(). Its last
 * event is events.over, whatever happened. With HTTP/1 the next request is not told before the one
 * in front of it is over; with HTTP/2 many are under way at once.
 *
 * Held here for everybody: Content-Length and Date, HEAD (the body is left out), what a status
 * forbids (no body with 1xx, 204 and 304), keep-alive, 100-continue, the limits on heads, on the
 * time a head may take, on unread bodies and on clients that do not take what they asked for.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/http_date.h>
#include <sockutil/proto/http_request_head.h>
#include <sockutil/stream/stream.h>

enum {
	/* Bytes of a request body nobody wants that are read and dropped for the sake of the
	 * connection; beyond them it is closed (HTTP/2: the stream is reset). */
	HTTP_SERVICE_DROP_MAX = 256 * 1024,
	/* Requests of one connection at once (HTTP/2). */
	HTTP_SERVICE_STREAMS_MAX = 100,
	HTTP_SERVICE_IN = 32 * 1024,
	HTTP_SERVICE_OUT = 64 * 1024,
};

/* Memory for one turn, shared by all connections of a loop: used up before a call returns. */
struct http_service_block {
	struct http_request_head head;
	int64_t date_second; /* that date says */
	char date[HTTP_DATE_MAX];
	size_t out_length;
	char in[HTTP_SERVICE_IN];
	char out[HTTP_SERVICE_OUT];
};

/* Milliseconds; 0: no limit. Borrowed for the life of the services made from it. */
struct http_service_options {
	struct http_service_block *block;
	size_t request_size; /* bytes of the callee's own that each request carries */
	int64_t head_ms; /* from a head's first byte to its last; the first head: from the start */
	int64_t idle_ms; /* without any request */
	/* A client takes (as far as the kernel tells: acknowledges) stall_bytes in stall_ms while
	 * something waits for it, and gives as much of a body that is waited for, or it is cut. */
	int64_t stall_ms;
	uint64_t stall_bytes;
};

/* A piece of a body: bytes, or a slice of a file. Borrowed until events.over. */
struct http_service_piece {
	const char *bytes; /* NULL: the file's */
	int fd;            /* readable at any offset (pread, sendfile) */
	uint64_t offset;
	uint64_t length;
};

/* What is answered. */
struct http_answer {
	int status; /* 200 to 599 */
	/* Field lines "Name: value\r\n", valid ones, without Content-Length, Date, Connection and
	 * other fields of the connection; copied. */
	const char *fields;
	size_t fields_length;
	/* The body, in this order; borrowed until events.over, the array too. */
	const struct http_service_piece *pieces;
	size_t piece_count;
	bool last; /* no further request on this connection (HTTP/2: no further stream) */
};

struct http_service;

/* One request under way. Read it; only the service writes it, but for what state points to. */
struct http_service_request {
	struct http_service *service;
	void *state;          /* request_size zeroed bytes of the callee's */
	int64_t started_ms;   /* clock_ms(): the head was whole */
	uint64_t sent;        /* bytes of the answer's body given to the stream */
	uint64_t body_length; /* of the request as announced; HTTP_SERVICE_UNKNOWN */
	int status;           /* of the answer; 0: none yet */
	bool has_body;        /* a body follows: events.body and events.received will come */
	bool head;            /* its method is HEAD */
};

#define HTTP_SERVICE_UNKNOWN UINT64_MAX

struct http_service_events {
	/* A request's head has come; it is valid until this returns. When it has not been answered
	 * by then and the client waits for permission, 100 (Continue) is sent: who does not want
	 * the body answers here. */
	void (*request)(void *data, struct http_service_request *request,
			const struct http_request_head *head);
	/* length > 0 bytes of its body. Returns how many were taken: fewer than all lets the client
	 * wait until http_service_resume(). Not called any more once the request was answered. */
	size_t (*body)(void *data, struct http_service_request *request, const char *bytes,
		       size_t length);
	/* The body is whole; also for a request that has none, right behind request. Not called
	 * once the request was answered. */
	void (*received)(void *data, struct http_service_request *request);
	/* The answer has been given to the stream to its last byte (why NULL), or the request is
	 * lost with the connection or its stream: free what belongs to it. The request is freed on
	 * return. */
	void (*over)(void *data, struct http_service_request *request, const struct failure *why);
	/* What came was no request (or over a limit) and was answered with that status in here; why
	 * says what was wrong. May be NULL. */
	void (*refused)(void *data, int status, const struct failure *why);
};

/* One connection. Members are for reading, but by the versions themselves. */
struct http_service {
	const struct http_service_ops *ops;
	struct stream *stream; /* borrowed */
	const struct http_service_options *options;
	const struct http_service_events *events;
	void *data;
	uint64_t received, sent; /* bytes through the stream */
	/* clock_ms() at which http_service_expired() is due, 0: never. It may move later without
	 * notice: whoever comes too early is told to come again. */
	int64_t deadline_ms;
	unsigned wait;      /* enum stream_side bits, after IO_AGAIN */
	const char *reason; /* static text, after IO_DONE */
	/* After IO_DONE: the client itself said that nothing follows, all it sent was read, and all
	 * it gets is the kernel's: a plain close(2) does it. */
	bool complete;
	bool preface; /* HTTP/1 has met the preface of HTTP/2: http_service_run() changes over */
	struct http_service_request *telling; /* whose event is being told */
};

/* How a version does it; NULL is not allowed. */
struct http_service_ops {
	const char *name; /* "HTTP/1", "HTTP/2" */
	enum io (*run)(struct http_service *service, unsigned sides, struct failure *why);
	enum io (*expired)(struct http_service *service, struct failure *why);
	void (*answer)(struct http_service_request *request, const struct http_answer *answer);
	void (*resume)(struct http_service_request *request);
	void (*drain)(struct http_service *service);
	size_t (*unread)(const struct http_service *service, const char **bytes);
	bool (*take_stream)(struct http_service_request *request);
	void (*free)(struct http_service *service);
};

/*
 * stream: open, TLS shaken hands. early: bytes of the client read already (copied), they come
 * first. NULL: why says it (a library HTTP/2 needs is missing although ALPN chose it).
 */
struct http_service *http_service_new(struct stream *stream,
				      const struct http_service_options *options,
				      const struct http_service_events *events, void *data,
				      const char *early, size_t early_length, struct failure *why);

/*
 * Goes on with what those sides allow, 0 for what needs neither (the first call, an answer given
 * outside of one). IO_AGAIN: wait for service->wait. IO_DONE: all is answered and given to the
 * stream (flushed as far as the stream goes without waiting), and nothing more is to be read: end
 * the connection in order, lingering. IO_END: http_service_take_stream() was asked; the stream and
 * what http_service_unread() gives are the caller's, everything before is on its way. IO_FAILED:
 * the connection is lost, or the client broke a limit of time; requests under way are over, told
 * so.
 */
enum io http_service_run(struct http_service *service, unsigned sides, struct failure *why);
/* deadline_ms has come (or not yet: harmless). As http_service_run(). */
enum io http_service_expired(struct http_service *service, struct failure *why);

/* Once a request. Inside an event, or outside of a call of this module with
 * http_service_run(service, 0) behind it. */
void http_service_answer(struct http_service_request *request, const struct http_answer *answer);
/* More of the body can be taken. As http_service_answer(): run follows outside of events. */
void http_service_resume(struct http_service_request *request);
/* No further requests: those under way are answered, then IO_DONE. run follows. */
void http_service_drain(struct http_service *service);

/* In events.request, in place of an answer: the connection is to speak another protocol (Upgrade).
 * The run under way returns IO_END after events.over. False where that is not possible (HTTP/2, a
 * request with a body, something of an earlier answer still waiting): the request is to be
 * answered. */
bool http_service_take_stream(struct http_service_request *request);
/* After IO_END: the request for which the stream was taken, and what was read behind it; valid
 * until the service is run or freed. */
size_t http_service_unread(const struct http_service *service, const char **bytes);

/* Requests under way get events.over with FAILURE_RECEIVE first. The stream is left alone. NULL is
 * fine. */
void http_service_free(struct http_service *service);

/* ------ for the versions ------ */

/* The Date line's text for now, made anew once a second. */
const char *http_service_date(struct http_service_block *block);
/* "Not Found" for 404; "" for what has no registered phrase. */
const char *http_service_reason(int status);
/* False for 1xx, 204 and 304, which have no body whatever the pieces say. */
bool http_service_status_has_body(int status);
/* Bytes of all pieces. */
uint64_t http_answer_length(const struct http_answer *answer);
/* Up to size bytes of the pieces from the at-th byte of the body on, into out (files by pread).
 * Fewer only at the body's end. False with FAILURE_INPUT: a file has become shorter than its
 * slice, or cannot be read. */
bool http_answer_read(const struct http_answer *answer, uint64_t at, char *out, size_t size,
		      size_t *got, struct failure *why);
#endif
