/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_SERVICE2_H
#define SOCKUTIL_HTTP_SERVICE2_H
/*
 * The server's side of HTTP/2 (RFC 9113): many requests at once. libnghttp2 knows frames, header
 * tables and windows; what a client may cost is bounded here.
 *
 * What one connection holds: HTTP_SERVICE_STREAMS_MAX requests, each with at most a head of
 * HTTP_REQUEST_HEAD_MAX bytes until it is told; of bodies that the callee does not take the
 * connection's window; of answers what one write did not take. Frames that cost more than they
 * bring (resets, pings, settings, empty ones, refused ones) come out of an allowance that grows
 * with time; whoever spends it gets GOAWAY with ENHANCE_YOUR_CALM.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/buffer.h>
#include <sockutil/http/http2_library.h>
#include <sockutil/http/service.h>

enum {
	/* Of request bodies: what a stream, what the connection may be ahead of the callee. */
	SERVICE2_STREAM_WINDOW = 512 * 1024,
	SERVICE2_WINDOW = 1024 * 1024,
	/* Frames that cost more than they bring: how many at once, and how many each second. */
	SERVICE2_ALLOWANCE = 500,
	SERVICE2_ALLOWANCE_S = 50,
};

/* What a client without ALPN says first when it knows that we speak HTTP/2 (RFC 9113, 3.4). */
#define HTTP_SERVICE2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

/* As http_service_new(), whatever ALPN says. NULL: the library is missing. */
struct http_service *http_service2_new(struct stream *stream,
				       const struct http_service_options *options,
				       const struct http_service_events *events, void *data,
				       const char *early, size_t early_length, struct failure *why);

/* Another version's service (http_service1_leave()) becomes one of HTTP/2, in the same memory;
 * early, taken over, comes first. False: it can only be freed. */
bool http_service2_become(struct http_service *service, struct buffer *early, struct failure *why);

/* ------ what its files share ------ */

enum http_service2_phase {
	SERVICE2_HEAD,     /* the first request, or the rest of a head, is waited for */
	SERVICE2_IDLE,     /* no request is under way */
	SERVICE2_TRANSFER, /* bodies and answers on their way */
};

/* One stream, from its head to its close; the request in it ends with events.over, which may be
 * earlier. Invariants: held is empty once answered; over implies told. */
struct http_service2_stream {
	struct http_service_request request;
	struct http_service2_stream *previous, *next;
	int32_t id;
	int refusal;        /* status to answer in here, 0: none */
	struct buffer head; /* pseudo-fields' values, then field lines; gone once told */
	size_t method_length, path_length, authority_length, scheme_length;
	size_t fields;        /* lines of it */
	size_t head_bytes;    /* that came, trailers too */
	bool host;            /* a Host field is among the lines */
	bool told, over;      /* events.request, events.over */
	bool answered, ended; /* its last frame was made */
	bool received;        /* the body is whole */
	bool closed;          /* the library has forgotten the stream */
	bool resumed;         /* the callee takes more of what is held */
	struct buffer held;   /* of the body: not taken yet, not given back to the window */
	uint64_t dropped;     /* of a body nobody wants */
	struct http_answer answer;
	uint64_t length;        /* of its body */
	uint64_t end_at;        /* service->made behind the last frame */
	struct failure failure; /* why it is reset by us */
	max_align_t state[];
};

/* Invariants: outside of a call the block holds nothing of ours; made >= out.length; active is how
 * many streams are told and not over. */
struct http_service2 {
	struct http_service service;
	nghttp2_session *session;
	struct http_service2_stream *first, *last;
	unsigned active;
	struct buffer early; /* read by others before */
	struct buffer out;   /* made, and not taken by the stream yet */
	uint64_t made;       /* bytes, those in the block and in out included */
	uint64_t control;    /* of them: none of bodies */
	uint64_t bodies;     /* bytes of bodies that came */
	uint64_t turn_bytes; /* this turn may still make */
	int64_t allowance;   /* thousandths of frames */
	int64_t allowance_ms;
	uint64_t progress; /* at the last look at a transfer; UINT64_MAX: none yet */
	uint8_t phase;     /* enum http_service2_phase */
	bool full;         /* the block takes no further frame */
	bool any;          /* a request was told */
	bool turned;       /* in this turn */
	bool head_open;    /* a head has begun and is not whole */
	bool sweep;        /* streams may be over, or closed */
	bool resume;       /* streams may have been resumed */
	bool calm;         /* the allowance is spent */
	bool calmed;       /* and the client was told */
	bool ended;        /* the client's end was read */
	bool leaving;      /* GOAWAY is on its way */
	bool unflushed;    /* a layer holds bytes of ours */
};

static inline struct http_service2 *http_service2_of(const struct http_service *service)
{
	return (struct http_service2 *)(uintptr_t)service;
}

/* --- service2.c --------------------------------------------------------------- */

/* The request is over, for that reason; once. */
void http_service2_over(struct http_service2_stream *x, const struct failure *why);
/* A frame that costs more than it brings. */
void http_service2_charge(struct http_service2 *s);

/* --- service2_session.c ------------------------------------------------------- */

/* The library's state for s, with our settings queued; NULL when memory is short. */
nghttp2_session *http_service2_session_new(struct http_service2 *s);
/* Gives the callee what is held of streams that were resumed. */
void http_service2_resume_all(struct http_service2 *s);

/* --- service2_head.c ---------------------------------------------------------- */

/* One field of a request's head. False: what comes is beyond all measure, the stream is reset. */
bool http_service2_head_add(struct http_service2_stream *x, const char *name, size_t name_length,
			    const char *value, size_t value_length);
/* The head is whole: the request is told, or refused. with_body: more of the stream follows. */
void http_service2_head_end(struct http_service2_stream *x, bool with_body);

/* --- service2_answer.c -------------------------------------------------------- */

/* struct http_service_ops: the head is queued, the body follows as windows allow. */
void http_service2_answer(struct http_service_request *request, const struct http_answer *answer);
/* Answers with that status in here, and tells so. */
void http_service2_refuse(struct http_service2_stream *x, int status, const struct failure *why);
/* 100 (Continue). */
void http_service2_go_on(struct http_service2_stream *x);
/* For the library: a DATA frame into the block. */
int http_service2_data(nghttp2_session *session, nghttp2_frame *frame, const uint8_t *head,
		       size_t length, nghttp2_data_source *source, void *data);
/* What the library has to say, into the block, until nothing is left or nothing fits: false when it
 * cannot go on. */
bool http_service2_gather(struct http_service2 *s);
#endif
